"""Bytes as text, whatever their sender said about them."""

import codecs
import re

from charset_normalizer import from_bytes

SAMPLE = 16_384
"""Bytes that a guess looks at: enough to tell languages apart, and the same time for every mail."""

_CANDIDATES = ("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp932", "euc_jp")
_EUROPE = ("cp1252", "cp1250", "cp1254")
_OTHER_SCRIPTS = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256")
_CANDIDATES_EAST = ("gb18030", "big5", "cp949")

# What a label means in practice. Source: WHATWG Encoding Standard, section 4.2.
_MEANT = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-8": "utf-8-sig",
}
# Python has text codecs that are no charsets: punycode is quadratic, unicode_escape reads what nobody sent.
_CHARSET = re.compile(
    r"(?:utf|cp|iso8859|koi8|mac|big5|gb|euc|shift_jis|iso2022|hz|johab|tis|ascii|ptcp|kz|latin)[\w-]*"
)
_CENTRAL = frozenset("ěščřžůďťňąęłśćżźőűŠČŘŽŮĎŤŇĄĘŁŚĆŻŹŐŰĚ")
_WESTERN = frozenset("àèùâêîôûëïçñõãøåæœìòÀÈÙÂÊÎÔÛËÏÇÑÕÃØÅÆŒ¿¡")
_TURKISH = frozenset("ğışİĞŞ")
_COMMON_CHINESE = frozenset("的我是了不在有们您请")
_META = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^<>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)


def decode(raw: bytes, declared: str | None = None, *, is_html: bool = False) -> str:
    """The bytes as text. Never raises: a wrong or missing label is replaced by the best guess."""
    named = declared or (_named_inside(raw) if is_html else None)
    for marked, mark in (("utf-8-sig", codecs.BOM_UTF8), ("utf-16", codecs.BOM_UTF16_LE), ("utf-16", b"\xfe\xff")):
        if raw.startswith(mark):
            return raw.decode(marked, "replace")
    as_utf8 = _utf8(raw)
    charset = _charset(named)
    # A text with letters of a one-byte charset is by accident never valid UTF-8; the other way round, often labelled.
    if as_utf8 is not None and (charset is None or _is_one_byte(charset)) and b"\x1b" not in raw:
        return as_utf8
    if charset is not None:
        text = _by_label(raw, charset)
        if text is not None:
            return text
    return as_utf8 if as_utf8 is not None and b"\x1b$" not in raw else guessed(raw)


def guessed(raw: bytes) -> str:
    """Bytes without a label that are not UTF-8."""
    if b"\x1b$" in raw or b"\x1b(" in raw:
        text = raw.decode("iso2022_jp_2", "replace")
        # An escape sequence that nothing ends would swallow all that follows.
        return text if text.count("�") <= len(text) // 50 else raw.decode("utf-8", "replace")
    sample = _sample(raw)
    if sample.count(0) > len(sample) // 4:
        return raw.decode("utf-16-be" if sample[:1] == b"\0" else "utf-16-le", "replace")
    if _mostly_utf8(raw):
        return raw.decode("utf-8", "replace")
    return raw.decode(charset_of(sample), "replace")


def charset_of(sample: bytes) -> str:
    """The likeliest charset of bytes that are neither UTF-8 nor UTF-16."""
    charset = _best(sample, [*_CANDIDATES, *_CANDIDATES_EAST])
    if charset in _EUROPE and _share_in_runs(sample, by_twos=False) > 0.8:
        # Whole words of letters beyond ASCII are no Western ones, however few they are.
        charset = _best(sample, [*_OTHER_SCRIPTS, "cp932", "euc_jp", *_CANDIDATES_EAST])
    if charset in _EUROPE or _share_in_runs(sample, by_twos=charset not in _OTHER_SCRIPTS) < 0.4:
        charset = _of_europe(sample)
    elif charset in ("cp949", "big5", "cp932", "euc_jp"):
        likely = sum(letter in _COMMON_CHINESE for letter in sample.decode("gb18030", "replace"))
        charset = "gb18030" if likely >= 2 else charset
    return charset


def _best(sample: bytes, candidates: list[str]) -> str:
    best = from_bytes(sample, cp_isolation=candidates, preemptive_behaviour=False).best()
    return best.encoding if best is not None else "cp1252"


def _share_in_runs(sample: bytes, *, by_twos: bool) -> float:
    """How many of the letters beyond ASCII stand among others: words of another script are made of nothing else.

    by_twos: where a letter is two bytes, the second of them may look like ASCII.
    """
    runs = re.findall(rb"[\x80-\xff](?:.?[\x80-\xff])*" if by_twos else rb"[\x80-\xff]+", sample, re.DOTALL)
    return sum(len(run) for run in runs if len(run) > 2) / max(1, sum(map(len, runs)))


def _named_inside(raw: bytes) -> str | None:
    """The charset that an HTML document itself names."""
    head = raw[:4096]
    match = _META.search(head) or _XML.search(head)
    return match.group(1).decode("ascii") if match else None


def _charset(label: str | None) -> str | None:
    """Python's name of the charset that a label means, None when it means none."""
    if not label:
        return None
    label = re.split(r"[;,\s]", label.strip().strip("\"'"), maxsplit=1)[0][:40]
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return _MEANT.get(name, name) if _CHARSET.fullmatch(name) else None


def _by_label(raw: bytes, charset: str) -> str | None:
    """The text, None when it does not look as if the label were true."""
    try:
        return raw.decode(charset)
    except (UnicodeError, ValueError):
        text = raw.decode(charset, "replace")
    n_bad = text.count("�")
    # cp1252 has five empty places; a transport that cut a line has hurt one letter.
    return text if n_bad <= 1 + len(text) // 200 and charset not in ("utf-8-sig",) else None


def _utf8(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _mostly_utf8(raw: bytes) -> bool:
    """UTF-8 with a few letters broken by the way: more whole letters than broken ones."""
    text = raw[:SAMPLE].decode("utf-8", "replace")
    n_bad = text.count("�")
    return sum(char > "\x7f" for char in text) - n_bad > n_bad


def _is_one_byte(charset: str) -> bool:
    return charset.startswith(("cp12", "cp8", "iso8859", "koi8", "mac", "utf-8", "tis"))


def _sample(raw: bytes) -> bytes:
    """The part round the first letters that are not ASCII."""
    at = next((n for n, byte in enumerate(raw[: 64 * SAMPLE]) if byte > 127), 0)
    return raw[max(0, at - 256) : at + SAMPLE]


def _of_europe(sample: bytes) -> str:
    """cp1250, cp1252 or cp1254: which letters stand where they differ."""
    central, western = sample.decode("cp1250", "replace"), sample.decode("cp1252", "replace")
    pairs = [(letter, other) for letter, other in zip(central, western, strict=True) if letter != other]
    # š and ž are the same bytes in both, but hardly any Western word has them.
    n_central = sum(letter in _CENTRAL for letter, _ in pairs) + sum(letter in "šžŠŽ" for letter in central)
    n_western = sum(other in _WESTERN for _, other in pairs)
    if n_central > n_western:
        return "cp1250"
    turkish = sample.decode("cp1254", "replace")
    n_turkish = sum(letter in _TURKISH for letter in turkish)
    # The same six bytes: in Icelandic a ð or þ stands next to other Western letters that Turkish does not have.
    is_icelandic = any(letter in "áéíóúæÁÉÍÓÚÆ" for letter in western)
    return "cp1254" if n_turkish > 1 and not is_icelandic else "cp1252"
