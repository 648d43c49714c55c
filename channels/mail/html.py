"""HTML of a mail as the text a person saw, in linear time.

libxml2 is fed a piece at a time and builds no tree: its events are handled here. What takes it long (one of its repairs
looks through all open elements) shows as depth, and past the limits the tags are simply cut out.
"""

import html as entities
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from channels.mail import danger

SURE = "\ue0f1"
"""Stands at the start of a line that a mail program marked as quoted; from the private use area."""

DEPTH_MAX = 400
TAGS_MAX = 20_000
"""Tags that are parsed, over all parts of a mail; a long thread of an office program has a few thousand."""
DEADLINE_S = 1.0
"""A backstop: the limits on depth and tags are reached first, so that a busy machine reads the same as an idle one."""
_PIECE = 8_192
LONGEST = 262_144
"""Characters that are read."""

_LINE = frozenset("div tr li dt dd section article header footer address center form fieldset legend option".split())
_PARAGRAPH = frozenset("p h1 h2 h3 h4 h5 h6 table ul ol dl hr blockquote pre".split())
_CELL = frozenset(("td", "th"))
_SILENT = frozenset("script style head title template noframes object svg math datalist".split())
_RAW = (
    "script",
    "style",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "template",
    "select",
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d]*[1-9])"
    r"|(?<![-\w])opacity\s*:\s*0(?![.\d]*[1-9])|max-height\s*:\s*0(?![.\d]*[1-9])|(?<![-\w])color\s*:\s*transparent",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"gmail_quote|protonmail_quote|yahoo_quoted|moz-cite|tutanota_quote|zmail_extra", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z!?/][^<>]*>")
_BREAK = re.compile(r"</?(?:" + "|".join(sorted(_LINE | _PARAGRAPH | {"br"})) + r")\b[^<>]*>", re.IGNORECASE)
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_CSS_RULE = re.compile(r"\s*[^<>{}]{0,300}\{[^<>{}]{0,2000}\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]|" + SURE)
LOOKS_LIKE_HTML = re.compile(
    r"\s*(?:<!doctype html|<\?xml[^<>]{0,80}\?>\s*<(?:!doctype\s+)?html|<html[\s>]|<head[\s>]|<body[\s>]"
    r"|<(p|div|table|span|font|center|h[1-6])(?:\s[^<>]*)?>(?=.*</\1\s*>))",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class HtmlText:
    """text: lines, quoted ones marked with SURE. alts: what stands for an image, by the id of its part."""

    text: str
    alts: Mapping[str, str]


def html_text(html: str, *, tags_max: int = TAGS_MAX) -> HtmlText:
    """The text of an HTML document. Never raises, never leaves out what a broken tag swallowed."""
    html = _closed(_CONTROL.sub(" ", danger.shortened(html, LONGEST)))
    if html.count("<") > tags_max:
        return HtmlText(without_tags(html), {})
    seen = _events(html, is_hidden_shown=False)
    if seen is not None and not _words(seen.text):
        # Everything hidden: then better all of it.
        seen = _events(html, is_hidden_shown=True)
    alts = seen.alts if seen is not None else {}
    if seen is None or not _words(seen.text):
        return HtmlText(without_tags(html), alts)
    # A quotation mark that an attribute lacks swallows the words up to the next one.
    if danger.would_be_lost(html, seen.text) and danger.would_be_lost(cut := without_tags(html), seen.text):
        return HtmlText(cut, alts)
    return seen


def without_tags(html: str) -> str:
    """The text with everything cut out that looks like a tag."""
    text = _UNSEEN.sub(" ", html)
    text = _TAG.sub(" ", _BREAK.sub("\n", text))
    lines = (" ".join(line.split()) for line in entities.unescape(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _words(text: str) -> bool:
    return re.search(r"[^\W_]", text) is not None


def _closed(html: str) -> str:
    """The same with the opening tags taken out that hide everything behind them because nothing closes them."""
    lower = html.lower()
    for name in _RAW:
        if f"<{name}" in lower:
            at = lower.rfind(f"</{name}")
            tail = html[max(at, 0) :]
            opened = re.split(rf"<{name}\b[^<>]*>?", tail, flags=re.IGNORECASE)
            if len(opened) > 1:
                if name == "style":
                    opened[1:] = [_without_css(part) for part in opened[1:]]
                html = html[: max(at, 0)] + " ".join(opened)
                lower = html.lower()
    at = html.rfind("-->")
    at = 0 if at < 0 else at
    return re.sub(r"<plaintext[^<>]*>?", " ", html[:at] + html[at:].replace("<!--", " "), flags=re.IGNORECASE)


def _without_css(text: str) -> str:
    at = 0
    while (rule := _CSS_RULE.match(text, at)) is not None:
        at = rule.end()
    return text[at:]


def _events(html: str, *, is_hidden_shown: bool) -> HtmlText | None:
    """None when the document is past the limits."""
    target = _Target(is_hidden_shown=is_hidden_shown)
    parser = etree.HTMLParser(target=target, huge_tree=True, recover=True, encoding="utf-8")
    until = time.monotonic() + DEADLINE_S
    try:
        for at in range(0, len(html), _PIECE):
            parser.feed(html[at : at + _PIECE].encode("utf-8", "replace"))
            if target.is_too_deep or time.monotonic() > until:
                return None
        return HtmlText(*parser.close())
    except (etree.LxmlError, AssertionError, ValueError):
        return None


class _Target:
    """Takes the parser's events. Elements are counted open and closed, so text is never read twice."""

    def __init__(self, *, is_hidden_shown: bool) -> None:
        self._open: list[tuple[str, bool, bool]] = []
        self._n_hidden = self._n_quoted = self._n_pre = self._n_inset = 0
        self._line: list[str] = []
        self._lines: list[str] = []
        self._alts: dict[str, str] = {}
        self._is_hidden_shown = is_hidden_shown
        self.is_too_deep = False

    def start(self, tag: str, attrs: Mapping[str, str], *_: object) -> None:
        tag = str(tag)
        is_hidden = tag in _SILENT or (bool(attrs) and not self._is_hidden_shown and _is_hidden(attrs))
        is_quoted = bool(attrs) and _is_quote(tag, attrs)
        if tag in _PARAGRAPH:
            self._flush(blank=True)
        elif tag in _LINE:
            self._flush()
        elif tag in _CELL:
            self._line.append(" ")
        elif tag == "br":
            self._flush(forced=True)
        elif tag == "img":
            self._image(attrs)
        if len(self._open) > DEPTH_MAX:
            self.is_too_deep = True
        self._open.append((tag, is_hidden, is_quoted))
        self._n_hidden += is_hidden
        self._n_quoted += is_quoted
        self._n_pre += tag in ("pre", "textarea")
        self._n_inset += tag == "blockquote"

    def end(self, tag: str) -> None:
        if tag in _PARAGRAPH:
            self._flush(blank=True)
        elif tag in _LINE:
            self._flush()
        if not self._open:
            return
        opened, is_hidden, is_quoted = self._open.pop()
        self._n_hidden -= is_hidden
        self._n_quoted -= is_quoted
        self._n_pre -= opened in ("pre", "textarea")
        self._n_inset -= opened == "blockquote"

    def data(self, data: str) -> None:
        if self._n_hidden:
            return
        if not self._n_pre:
            self._line.append(data)
            return
        first, *others = data.split("\n")
        self._line.append(first)
        for other in others:
            self._flush(forced=True)
            self._line.append(other)

    def comment(self, text: str) -> None:
        """Comments are read by nobody."""

    def close(self) -> tuple[str, dict[str, str]]:
        self._flush()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n"), self._alts

    def _image(self, attrs: Mapping[str, str]) -> None:
        alt = " ".join(attrs.get("alt", "").split())[:200]
        source = attrs.get("src", "")
        if alt and source[:4].lower() == "cid:":
            self._alts[source[4:].strip("<>")] = alt
        # An emoji that a mail program made an image of.
        if alt and not _words(alt) and not self._n_hidden:
            self._line.append(alt)

    def _flush(self, *, blank: bool = False, forced: bool = False) -> None:
        text = " ".join("".join(self._line).split())
        self._line.clear()
        mark = SURE if self._n_quoted else "> " if self._n_inset else ""
        if text:
            self._lines.append(mark + text)
        if (blank and self._lines and self._lines[-1] != mark) or (forced and not text):
            self._lines.append(mark)


def _is_hidden(attrs: Mapping[str, str]) -> bool:
    return "hidden" in attrs or _HIDDEN.search(attrs.get("style", "")[:1000]) is not None


def _is_quote(tag: str, attrs: Mapping[str, str]) -> bool:
    if tag == "blockquote":
        return attrs.get("type", "").lower() == "cite" or _QUOTED.search(attrs.get("class", "")[:200]) is not None
    return tag == "div" and "yahoo_quoted" in (attrs.get("class", "") + attrs.get("id", ""))[:200]
