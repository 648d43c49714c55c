"""What must never be missed: reviewed rules that can raise an urgency, never lower it, and always give their name.

The trained head reads the tone of a message; these read for danger. Their words stand in urgency.toml.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from care.phrases import Hit, PhraseBook, read

LEVELS = ("low", "normal", "high", "urgent")
_UNLESS = "!"


@dataclass(frozen=True, slots=True)
class UrgencyRule:
    """floor: the least urgency once it fires."""

    name: str
    floor: str


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
RULES = tuple(UrgencyRule(name, str(line["floor"])) for name, line in _TABLE.items())
_BOOK = PhraseBook(
    {name: line["phrases"] for name, line in _TABLE.items()}
    | {_UNLESS + name: line.get("unless", ()) for name, line in _TABLE.items()}
)
_NEGATED = re.compile(
    r"(?:\bno|\bnot|n't|\bnever|\bwithout|\bnobody was|\bfree of|\bprevents?|\bavoid)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def rules_of(text: str) -> tuple[UrgencyRule, ...]:
    """The rules that fire on a normalised text, in the order of their file."""
    hits = _hits(text)
    return tuple(rule for rule in RULES if rule.name in hits and not _is_negated(rule, text, hits[rule.name]))


def place_of(rule: UrgencyRule, text: str) -> tuple[int, int] | None:
    """Where in a normalised text a rule's words stand; None where they do not."""
    hit = _hits(text).get(rule.name)
    return (hit.start, hit.end) if hit is not None else None


def _hits(text: str) -> dict[str, Hit]:
    """The first hit of each rule that nothing takes back."""
    hits: dict[str, Hit] = {}
    for hit in _BOOK.find(read(text)):
        hits.setdefault(hit.key, hit)
    return {name: hit for name, hit in hits.items() if _UNLESS + name not in hits}


def _is_negated(rule: UrgencyRule, text: str, hit: Hit) -> bool:
    return rule.floor == "urgent" and rule.name != "self_harm" and _NEGATED.search(text[: hit.start]) is not None


def raised(label: str, fired: Sequence[UrgencyRule]) -> str | None:
    """The urgency the rules demand, when it is above `label`; None otherwise or for labels that are not ours."""
    if label not in LEVELS or not fired:
        return None
    floor = max((rule.floor for rule in fired), key=LEVELS.index)
    return floor if LEVELS.index(floor) > LEVELS.index(label) else None
