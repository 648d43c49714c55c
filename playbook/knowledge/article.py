"""Articles cut into passages: what stands in front of them, and their sections as plain sentences."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from care.knowledge import ANSWER, KNOWLEDGE_SLOTS, Passage
from playbook.source import Entry

SETTINGS = (
    "title", "questions", "channels", "valid_from", "valid_until", "owner", "audience", "fills", "link",
)  # fmt: skip
"""What may be said of an article in front of it, of an answer in the columns of its row."""
AUDIENCES = ("public", "internal")

# A sentence ends at its sign and a gap, but not behind a short form or a single letter.
_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9À-Þ])")
_SHORT_FORM = re.compile(r"(?:\b(?:e\.g|i\.e|etc|approx|no|nos|incl|excl|vs|mr|mrs|ms|dr|st|co|ltd)|\b[A-Z])\.$", re.I)


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, bullet or heading of a file, plain. level: of a heading from 1; 0 for words. line: from 1."""

    text: str
    line: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A passage and the lines that it was read from."""

    passage: Passage
    lines: tuple[Line, ...]


def read_settings(entry: Entry) -> Passage:
    """What is said of an article, as a passage that has no words yet. Problems are noted on the entry."""
    entry.only(*SETTINGS)
    first, last = entry.get("valid_from").day(), entry.get("valid_until").day()
    if first and last and last < first:
        entry.get("valid_until").wrong("is before `valid_from`: it is never true")
    link = entry.get("link")
    if link.text() and not link.text().startswith("https://"):
        link.wrong("should be an address of the web that starts with https://")
    return Passage(
        place=f"{entry.file}:{entry.line}",
        title=entry.get("title").text(),
        sentences=(),
        questions=entry.get("questions").texts(),
        link=link.text(),
        channels=frozenset(entry.get("channels").texts()),
        valid_from=first,
        valid_until=last,
        owner=entry.get("owner").text(),
        is_internal=entry.get("audience").one_of(AUDIENCES, "public") == "internal",
        fills=entry.get("fills").some_of(KNOWLEDGE_SLOTS) or frozenset({ANSWER}),
    )


def cut(lines: Iterable[Line], about: Passage, *, file: str) -> Iterator[Section]:
    """The sections of an article; `about` says what all of them share.

    The questions of an article belong to its first section; a heading that asks is a question of its own.
    """
    title, heading = about.title, Line("", 0, level=1)
    held: list[Line] = []
    questions = about.questions
    for line in (*lines, Line("", 0, level=1)):
        if not line.level:
            held.append(line)
            continue
        if held:
            asked = (*questions, heading.text) if heading.text.endswith("?") else questions
            passage = replace(
                about,
                place=f"{file}:{heading.line or held[0].line}",
                title=_named(title, heading.text),
                sentences=tuple(sentence for part in held for sentence in sentences_of(part.text)),
                questions=asked,
            )
            yield Section(passage, tuple(held))
            questions, held = (), []
        title = title or line.text
        heading = line


def _named(title: str, heading: str) -> str:
    if not heading or heading == title:
        return title
    return f"{title}: {heading}" if title else heading


def sentences_of(text: str) -> list[str]:
    """The sentences of a paragraph, each on one line."""
    found: list[str] = []
    plain = " ".join(text.split())
    at = 0
    for end in _END.finditer(plain):
        if _SHORT_FORM.search(plain[at : end.start()]):
            continue
        found.append(plain[at : end.start()])
        at = end.end()
    found.append(plain[at:])
    return [sentence for sentence in found if sentence]
