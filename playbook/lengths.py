"""How long a text is, counted as its channel counts."""

import re
import unicodedata
from collections.abc import Callable

import regex

_GRAPHEME = regex.compile(r"\X")
_URL = re.compile(r"https?://\S*[\w/#=&~-]")
_PICTURE = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3")
URL_WEIGHT = 23


def graphemes(text: str) -> int:
    """What people call characters: an emoji with its skin tone is one."""
    return len(text) if text.isascii() and "\r" not in text else len(_GRAPHEME.findall(text))


def weighted(text: str) -> int:
    """X's count, the configuration v3 of twitter-text: links are 23, a picture of any make 2, a sign of `_LIGHT` 1 and
    any other 2. The console counts by the same rules (console.js).

    Source: https://docs.x.com/fundamentals/counting-characters
    """
    text = unicodedata.normalize("NFC", text)
    urls = _URL.findall(text)
    rest = _URL.sub("", text)
    if rest.isascii():
        return URL_WEIGHT * len(urls) + len(rest)
    return URL_WEIGHT * len(urls) + sum(_weight(cluster) for cluster in _GRAPHEME.findall(rest))


def _weight(cluster: str) -> int:
    if len(cluster) > 1 and _PICTURE.search(cluster):
        return 2
    return sum(1 if any(first <= ord(sign) <= last for first, last in _LIGHT) else 2 for sign in cluster)


_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Points of signs that count once."""


def utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


COUNTED_AS: dict[str, Callable[[str], int]] = {"graphemes": graphemes, "weighted": weighted, "bytes": utf8_bytes}


def length_of(text: str, *, counted_as: str) -> int:
    """How long a text is for a channel that counts so, a key of COUNTED_AS."""
    return COUNTED_AS[counted_as](text)
