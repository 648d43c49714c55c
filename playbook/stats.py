"""What became of each play's drafts: taken as they were, edited (and how), or rejected; and what to do about it.

Pure functions over outcomes in order of time; where they come from is the caller's business.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from care.learning import DraftOutcome, PlayCount, PlayFlag
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
    pairs = []
    for action, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = old[i:j], new[k:m]
        if action == "equal" or (before and all(token.startswith("[[") for token in before)):
            continue
        pairs.append((" ".join(before), " ".join(after)))
    return pairs


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
    if APOLOGY.is_in(both) or not kinds:
        kinds.add(Edit.TONE)
    return kinds


def count(outcomes: Iterable[DraftOutcome]) -> list[PlayCount]:
    """One line a play, most shown first."""
    lines = [_line(play_id, listed) for play_id, listed in _by_play(outcomes).items()]
    return sorted(lines, key=lambda line: (-line.n_shown, line.play_id))


def _by_play(outcomes: Iterable[DraftOutcome]) -> dict[str, list[DraftOutcome]]:
    by_play: dict[str, list[DraftOutcome]] = {}
    for outcome in outcomes:
        by_play.setdefault(outcome.play.partition("@")[0], []).append(outcome)
    return by_play


def _line(play_id: str, outcomes: Sequence[DraftOutcome]) -> PlayCount:
    kinds: Counter[str] = Counter()
    n_edited = 0
    kept: list[float] = []
    sent = [outcome for outcome in outcomes if outcome.is_sent]
    for outcome in sent:
        edits = kinds_of(outcome.draft, outcome.sent)
        n_edited += bool(edits)
        kinds.update(edits)
        words, sent_words = outcome.draft.split(), outcome.sent.split()
        kept.append(difflib.SequenceMatcher(None, words, sent_words, autojunk=False).ratio())
    return PlayCount(
        play_id=play_id,
        n_shown=len(outcomes),
        n_accepted=len(sent) - n_edited,
        n_edited=n_edited,
        n_rejected=len(outcomes) - len(sent),
        edits=tuple(
            (str(kind), number) for kind, number in sorted(kinds.items(), key=lambda counted: (-counted[1], counted[0]))
        ),
        share_kept=sum(kept) / len(kept) if kept else 0.0,
    )


def flags(outcomes: Iterable[DraftOutcome], owners: Mapping[str, str] = MappingProxyType({})) -> list[PlayFlag]:
    """Plays that were rejected ten times in a row, or rewritten five times the same way. Plain accepts raise nothing.

    Only outcomes of a play's latest version count: a mended play starts anew. owners: by play id.
    """
    raised: list[PlayFlag] = []
    for play_id, listed in sorted(_by_play(outcomes).items()):
        play, owner = listed[-1].play, owners.get(play_id, "")
        latest = [outcome for outcome in listed if outcome.play == play]
        tail = latest[-REJECTED_IN_A_ROW:]
        if len(tail) == REJECTED_IN_A_ROW and not any(outcome.is_sent for outcome in tail):
            what = f"rejected {REJECTED_IN_A_ROW} times in a row; it is suspended until it is changed"
            raised.append(PlayFlag(play, what, owner))
        rewritten: Counter[tuple[str, str]] = Counter()
        for outcome in latest:
            if outcome.is_sent:
                rewritten.update(set(changes(outcome.draft, outcome.sent)))
        raised += [
            PlayFlag(play, f"rewritten the same way {n_times} times", owner, change)
            for change, n_times in rewritten.most_common()
            if n_times >= REWRITTEN_ALIKE
        ]
    return raised


def suspended(outcomes: Iterable[DraftOutcome]) -> frozenset[str]:
    """Plays that suspend themselves, as "id@hash8": rejected ten times in a row since they were last changed."""
    return frozenset(flag.play for flag in flags(outcomes) if flag.change is None)
