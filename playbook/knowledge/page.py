"""HTML files as plain lines. Nothing is run or rendered: scripts, styles, forms and what is hidden are left out."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from playbook.knowledge.article import Line

_LEFT_OUT = frozenset(
    "script style template noscript iframe object embed svg math form nav header footer select textarea title".split()
)
_EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())
_BLOCKS = frozenset("p div li td th tr section article main body h1 h2 h3 h4 h5 h6 blockquote dd dt br".split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.I)
PREFIX = "tactful-"
"""Of the names of `<meta>` tags that say of a page what front matter says of an article."""


class Page(HTMLParser):
    """One page, read. lines: what people see, in order. said: by name, the settings in its `<meta>` tags."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self.said: dict[str, str] = {}
        self.links: list[tuple[str, int]] = []
        self.title = ""
        self._words: list[str] = []
        self._level = self._start = 0
        self._left_out: list[str] = []
        self._is_title = False
        self.feed(html)
        self.close()
        self._end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "meta" and said.get("name", "").startswith(PREFIX):
            self.said[said["name"].removeprefix(PREFIX)] = said.get("content", "")
        if tag == "a" and said.get("href"):
            self.links.append((said["href"], self.getpos()[0]))
        self._is_title = self._is_title or (tag == "title" and not self._left_out)
        if tag in _EMPTY:
            self._end_at(tag)
        elif self._left_out or tag in _LEFT_OUT or _is_hidden(said):
            self._left_out.append(tag)
        else:
            self._end_at(tag)
            self._level = int(tag[1]) if re.fullmatch(r"h[1-6]", tag) else self._level

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._is_title = False
        if self._left_out:
            # What was never closed inside ends with what it stands in.
            if tag in self._left_out:
                while self._left_out.pop() != tag:
                    pass
            return
        self._end_at(tag)

    def handle_data(self, data: str) -> None:
        if self._is_title and self._left_out == ["title"]:
            self.title = f"{self.title} {data}".strip()
        if not self._left_out and data.strip():
            self._start = self._start or self.getpos()[0]
            self._words.append(data)

    def _end_at(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end()

    def _end(self) -> None:
        text = " ".join("".join(self._words).split())
        if text:
            self.lines.append(Line(text, self._start, level=self._level))
        self._words, self._start, self._level = [], 0, 0


def _is_hidden(said: Mapping[str, str]) -> bool:
    return "hidden" in said or said.get("aria-hidden") == "true" or bool(_HIDDEN.search(said.get("style", "")))


_LOC = re.compile(r"<loc>\s*([^<\s]+)\s*</loc>", re.IGNORECASE)


def addresses_in(sitemap: str) -> Iterator[tuple[str, int]]:
    """Every address of a sitemap and its line; nothing else of the file is read."""
    for match in _LOC.finditer(sitemap):
        yield match[1], sitemap.count("\n", 0, match.start()) + 1
