"""How long a text is, counted as its channel counts."""

import re
from collections.abc import Callable

import regex

_GRAPHEME = regex.compile(r"\X")
_URL = re.compile(r"https?://\S+")
URL_WEIGHT = 23


def graphemes(text: str) -> int:
    """What people call characters: an emoji with its skin tone is one."""
    return len(text) if text.isascii() and "\r" not in text else len(_GRAPHEME.findall(text))


def weighted(text: str) -> int:
    """X's count: links are 23, Latin and general punctuation 1, anything else (CJK, emoji) 2.

    Source: https://docs.x.com/fundamentals/counting-characters
    """
    urls = _URL.findall(text)
    rest = _URL.sub("", text)
    if rest.isascii():
        return URL_WEIGHT * len(urls) + len(rest)
    return URL_WEIGHT * len(urls) + sum(_weight(cluster) for cluster in _GRAPHEME.findall(rest))


def _weight(cluster: str) -> int:
    if len(cluster) > 1 and regex.search(r"\p{Extended_Pictographic}", cluster):
        return 2
    return sum(1 if _is_light(ord(sign)) else 2 for sign in cluster)


def _is_light(point: int) -> bool:
    return point <= 4351 or 8192 <= point <= 8205 or 8208 <= point <= 8223 or 8242 <= point <= 8247


def utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


COUNTED_AS: dict[str, Callable[[str], int]] = {"graphemes": graphemes, "weighted": weighted, "bytes": utf8_bytes}


def length_of(text: str, *, counted_as: str) -> int:
    """How long a text is for a channel that counts so, a key of COUNTED_AS."""
    return COUNTED_AS[counted_as](text)
