"""Markdown articles as plain lines. Nothing is rendered: marks are taken off, what is code or HTML stays as it is."""

import re
from collections.abc import Iterator

from playbook.knowledge.article import Line

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_RULE = re.compile(r"\s*(?:[-*_]\s*){3,}$|[\s|:-]+$")
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\([^)\n]*\)")
LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"\n]*\")?\s*\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1|(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])|`([^`\n]+)`")


def lines_of(body: str, *, first_line: int) -> Iterator[Line]:
    """Headings, bullets and paragraphs, in order. first_line: of the body in its file."""
    shown = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), body)
    paragraph: list[str] = []
    start, is_code = first_line, False
    for at, raw in enumerate([*shown.split("\n"), ""], start=first_line):
        heading = None if is_code else _HEADING.match(raw)
        is_new = not raw.strip() or heading or _BULLET.match(raw) or _FENCE.match(raw) or _RULE.match(raw) or "|" in raw
        if is_new and paragraph:
            yield Line(plain(" ".join(paragraph)), start)
            paragraph = []
        if _FENCE.match(raw):
            is_code = not is_code
        elif heading:
            yield Line(plain(heading[2]), at, level=len(heading[1]))
        elif raw.strip() and not _RULE.match(raw):
            start = start if paragraph else at
            words = _BULLET.sub("", raw, count=1).lstrip("> ").strip()
            paragraph.append(", ".join(cell.strip() for cell in words.strip("|").split("|")))


def plain(text: str) -> str:
    """A line without marks; an address of the web stays behind the words of its link."""
    text = _IMAGE.sub(r"\1", text)
    text = LINK.sub(lambda link: f"{link[1]} ({link[2]})" if link[2].startswith("https://") else link[1], text)
    return " ".join(_MARKS.sub(lambda mark: mark[2] or mark[3] or mark[4], text).split())
