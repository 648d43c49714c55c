"""What the owners of knowledge want to know of it: what cannot be used, what is not true any more, what disagrees."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from care.errors import Problem
from care.knowledge import Passage
from care.ports import Redactor
from playbook.claims import acts, claims
from playbook.knowledge.contradictions import Contradiction, contradictions
from playbook.knowledge.folder import read_knowledge


@dataclass(frozen=True, slots=True)
class CheckedKnowledge:
    """A folder that was read and checked. passages: what drafts may be filled from, or shown with."""

    passages: tuple[Passage, ...]
    problems: tuple[Problem, ...]


def check_knowledge(folder: Path, redactor: Redactor, *, day: date, channels: Collection[str] = ()) -> CheckedKnowledge:
    """Read a folder; what contradicts itself is used no more than what is unsafe.

    day: today, for what is not true any more. channels: those there are; empty: nobody asks. Never raises for what is
    in the folder.
    """
    read = read_knowledge(folder, redactor)
    apart = contradictions([passage for passage in read.passages if not _is_over(passage, day)])
    disputed = {passage.place for pair in apart for passage in (pair.first, pair.second)}
    problems = [*read.problems, *(problem for pair in apart for problem in _disagreement(pair))]
    for passage in read.passages:
        problems += _of_passage(passage, day, channels)
    sound = tuple(passage for passage in read.passages if passage.place not in disputed)
    return CheckedKnowledge(sound, tuple(sorted(problems, key=_in_order)))


def _in_order(problem: Problem) -> tuple[str, int]:
    file, _, line = problem.where.rpartition(":")
    return (file, int(line)) if line.isdigit() and file else (problem.where, 0)


def _is_over(passage: Passage, day: date) -> bool:
    return passage.valid_until is not None and passage.valid_until < day


def _disagreement(pair: Contradiction) -> Iterator[Problem]:
    how = f"another number of {pair.about!r}" if pair.about else "the opposite"
    for passage, other in ((pair.first, pair.second), (pair.second, pair.first)):
        what = f"says {how} than {other.place}; neither is used"
        yield Problem(passage.place, what, "mend one, or end its `valid_until`")


def _of_passage(passage: Passage, day: date, channels: Collection[str]) -> Iterator[Problem]:
    if _is_over(passage, day):
        yield Problem(passage.place, f"was true until {passage.valid_until}; it is not used any more",
                      "renew it, or take it out")  # fmt: skip
    if not passage.owner:
        yield Problem(passage.place, "has no owner", "name who keeps it true under `owner`")
    if not passage.title:
        yield Problem(passage.place, "has no title", "a heading, or `title` in front of it")
    for channel in sorted(passage.channels - set(channels)) if channels else ():
        yield Problem(passage.place, f"names the channel {channel!r}, which there is not", f"of {', '.join(channels)}")
    if passage.is_internal:
        return
    for sentence in dict.fromkeys((*claims(passage.text), *acts(passage.text, filled=()))):
        yield Problem(passage.place, f"tells of an act as done: {sentence!r}", "say what is so, not what was done")
