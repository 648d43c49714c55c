"""What became of each play's drafts: taken as they were, edited (and how), or rejected; and what to do about it.

Pure functions over rows; where the rows come from is the caller's business.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from playbook.wording import APOLOGY

REJECTED_IN_A_ROW = 10
REWRITTEN_ALIKE = 5
_TOKEN = re.compile(r"\[\[\w+\]\]|https?://\S+|[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]|\n+")
_FACT = re.compile(r"https?://|\d|^\[\[|\b(?:mon|tues|wednes|thurs|fri|satur|sun|to)day\b|\btomorrow\b", re.I)
_GREETING = re.compile(r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b", re.I)
_PERSONAL = frozenset("i me my mine we us our you your name".split())


class Edit(StrEnum):
    """What an agent changed in a draft."""

    FACT = "fact"
    """A number, date, link, slot or name of a thing."""
    TONE = "tone"
    """How it is said."""
    PERSONAL = "personal"
    """Greeting, name, sign-off, who speaks."""
    LAYOUT = "layout"
    """Paragraphs, punctuation, capitals."""


class Outcome(StrEnum):
    SENT = "sent"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Row:
    """One draft and its fate, in order of time. play: "id@hash8". sent: the text that went out, "" when rejected."""

    play: str
    draft: str = field(repr=False)
    sent: str = field(repr=False)
    outcome: Outcome

    @property
    def play_id(self) -> str:
        return self.play.partition("@")[0]


@dataclass(frozen=True, slots=True)
class PlayStats:
    """The counts of one play. share_kept: mean share of the draft's words that were sent, 0 to 1."""

    play_id: str
    n_shown: int = 0
    n_accepted: int = 0
    n_edited: int = 0
    n_rejected: int = 0
    edits: tuple[tuple[Edit, int], ...] = ()
    share_kept: float = 1.0


@dataclass(frozen=True, slots=True)
class Flag:
    """Something the owner of a play should look at. change: what people make of it, before and after."""

    play_id: str
    what: str
    change: tuple[str, str] | None = None


def kinds_of(draft: str, sent: str) -> frozenset[Edit]:
    """Every kind of change between a draft and what was sent; empty when nothing was changed.

    Filling an open slot is what a draft asks for and counts as no edit.
    """
    kinds: set[Edit] = set()
    for before, after in changes(draft, sent):
        kinds |= _kinds(before, after)
    return frozenset(kinds)


def changes(draft: str, sent: str) -> list[tuple[str, str]]:
    """The passages that differ, before and after; filled slots are left out."""
    old, new = _TOKEN.findall(draft), _TOKEN.findall(sent)
    found = []
    for action, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = old[i:j], new[k:m]
        if action == "equal" or (before and all(token.startswith("[[") for token in before)):
            continue
        found.append((" ".join(before), " ".join(after)))
    return found


def _kinds(before: str, after: str) -> set[Edit]:
    both = f"{before} {after}".strip()
    if before.casefold() == after.casefold() or not re.search(r"\w", both):
        return {Edit.LAYOUT}
    kinds: set[Edit] = set()
    words = {word.casefold() for word in re.findall(r"\w+", both)}
    if _GREETING.search(before) or _GREETING.search(after) or words <= _PERSONAL or after.startswith(("^", "–")):
        kinds.add(Edit.PERSONAL)
    elif _FACT.search(both):
        kinds.add(Edit.FACT)
    if APOLOGY.search(both) or not kinds:
        kinds.add(Edit.TONE)
    return kinds


def count(rows: Iterable[Row]) -> list[PlayStats]:
    """One line a play, most shown first."""
    by_play: dict[str, list[Row]] = {}
    for row in rows:
        by_play.setdefault(row.play_id, []).append(row)
    lines = [_line(play_id, listed) for play_id, listed in by_play.items()]
    return sorted(lines, key=lambda line: (-line.n_shown, line.play_id))


def _line(play_id: str, rows: Sequence[Row]) -> PlayStats:
    kinds: Counter[Edit] = Counter()
    n_edited = 0
    kept: list[float] = []
    sent = [row for row in rows if row.outcome is Outcome.SENT]
    for row in sent:
        found = kinds_of(row.draft, row.sent)
        n_edited += bool(found)
        kinds.update(found)
        kept.append(difflib.SequenceMatcher(None, row.draft.split(), row.sent.split(), autojunk=False).ratio())
    return PlayStats(
        play_id=play_id,
        n_shown=len(rows),
        n_accepted=len(sent) - n_edited,
        n_edited=n_edited,
        n_rejected=len(rows) - len(sent),
        edits=tuple(sorted(kinds.items(), key=lambda item: (-item[1], item[0]))),
        share_kept=sum(kept) / len(kept) if kept else 0.0,
    )


def flags(rows: Iterable[Row]) -> list[Flag]:
    """Plays that were rejected ten times in a row, or rewritten five times the same way. Plain accepts raise nothing.

    Only rows of a play's latest version count: a mended play starts anew.
    """
    by_play: dict[str, list[Row]] = {}
    for row in rows:
        by_play.setdefault(row.play_id, []).append(row)
    found: list[Flag] = []
    for play_id, listed in sorted(by_play.items()):
        latest = [row for row in listed if row.play == listed[-1].play]
        tail = latest[-REJECTED_IN_A_ROW:]
        if len(tail) == REJECTED_IN_A_ROW and all(row.outcome is Outcome.REJECTED for row in tail):
            found.append(
                Flag(play_id, f"rejected {REJECTED_IN_A_ROW} times in a row; it is suspended until it is changed")
            )
        rewritten: Counter[tuple[str, str]] = Counter()
        for row in latest:
            if row.outcome is Outcome.SENT:
                rewritten.update(set(changes(row.draft, row.sent)))
        found += [
            Flag(play_id, f"rewritten the same way {n_times} times", change)
            for change, n_times in rewritten.most_common()
            if n_times >= REWRITTEN_ALIKE
        ]
    return found


def suspended(rows: Iterable[Row]) -> frozenset[str]:
    """Plays that suspend themselves, as "id@hash8": rejected ten times in a row since they were last changed."""
    listed = list(rows)
    latest = {row.play_id: row.play for row in listed}
    return frozenset(latest[flag.play_id] for flag in flags(listed) if flag.change is None)
