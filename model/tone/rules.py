"""The reviewed rules: what must not go out, as phrases in `rules.toml` and a few checks that no phrase can say."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from model.tone.phrases import Hit, PhraseBook, Words

SEVERITIES = ("stop", "warn", "hint")
RULES_FILE = Path(__file__).with_name("rules.toml")
_EXCEPT = "!"
_CUE = "?"


@dataclass(frozen=True, slots=True)
class ToneRule:
    """One kind of fault. severity: stop, warn, or hint (evidence for the head); when: any, upset or calm.

    voices: the profiles it applies to, all when empty. reach: how far an exception quietens: touch or sentence.
    """

    id: str
    severity: str
    message: str
    when: str = "any"
    voices: frozenset[str] = frozenset()
    reach: str = "touch"

    def applies(self, *, is_upset: bool, profile: str) -> bool:
        if self.when != "any" and (self.when == "upset") is not is_upset:
            return False
        return not self.voices or profile in self.voices


@dataclass(frozen=True, slots=True)
class RuleHits:
    """What one reading of a text found. cues: names of what it does (acknowledges, offers, ...)."""

    hits: tuple[Hit, ...]
    cues: frozenset[str]


@dataclass(frozen=True)
class Rules:
    """All rules, read once. version: hash of the file; fixes: what to write instead, by rule and phrase."""

    rules: Mapping[str, ToneRule]
    version: str
    fixes: Mapping[tuple[str, str], str] = field(repr=False)
    book: PhraseBook = field(repr=False)

    def find(self, words: Words) -> RuleHits:
        """Everything the rules see, but for what an exception makes harmless."""
        hits = self.book.find(words)
        cues = frozenset(hit.key[1:] for hit in hits if hit.key[0] == _CUE)
        quiet = [hit for hit in hits if hit.key[0] == _EXCEPT]
        kept = [
            hit
            for hit in hits
            if hit.key[0] not in "!?"
            and not any(self._quietens(calm, hit) for calm in quiet if calm.key[1:] == hit.key)
        ]
        return RuleHits(_longest(kept), cues)

    def _quietens(self, calm: Hit, hit: Hit) -> bool:
        if self.rules[hit.key].reach == "sentence":
            return calm.sentence == hit.sentence
        return calm.start < hit.end and hit.start < calm.end

    def with_forbidden(self, phrases: Sequence[str]) -> "Rules":
        """These rules and a brand's own forbidden phrases."""
        table = _table()
        mended = [phrase for phrase in (" ".join(words.split()) for words in phrases) if phrase]
        return _build(table, tuple(mended))


def _longest(hits: list[Hit]) -> tuple[Hit, ...]:
    """One hit for each stretch of text and rule: the longest."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.key, hit.start, -hit.end)):
        if kept and kept[-1].key == hit.key and hit.start < kept[-1].end:
            if hit.end > kept[-1].end:
                kept[-1] = replace(kept[-1], end=hit.end)
            continue
        kept.append(hit)
    return tuple(kept)


@cache
def default_rules() -> Rules:
    """The rules that ship."""
    return _build(_table(), ())


@cache
def _table() -> dict[str, list[dict[str, object]]]:
    return tomllib.loads(RULES_FILE.read_text("utf-8"))


def _build(table: Mapping[str, list[dict[str, object]]], forbidden: tuple[str, ...]) -> Rules:
    rules: dict[str, ToneRule] = {}
    fixes: dict[tuple[str, str], str] = {}
    phrases: dict[str, list[str]] = {}
    for line in table["rule"]:
        rule = ToneRule(
            id=str(line["id"]),
            severity=str(line["severity"]),
            message=str(line["message"]),
            when=str(line.get("when", "any")),
            voices=frozenset(_texts(line.get("voices"))),
            reach=str(line.get("reach", "touch")),
        )
        if rule.severity not in SEVERITIES:
            raise ValueError(f"{rule.id}: severity is one of {', '.join(SEVERITIES)}, not {rule.severity}")
        rules[rule.id] = rule
        phrases[rule.id] = []
        for entry in _texts(line.get("phrases")):
            phrase, _, fix = entry.partition(" => ")
            phrases[rule.id].append(phrase)
            if fix:
                fixes[rule.id, phrase] = fix
        phrases[_EXCEPT + rule.id] = _texts(line.get("except"))
    for line in table["cue"]:
        phrases[_CUE + str(line["id"])] = _texts(line["phrases"])
    rules["forbidden"] = ToneRule("forbidden", "stop", "The playbook forbids this phrase: say it in other words.")
    phrases["forbidden"] = list(forbidden)
    version = hashlib.sha256(RULES_FILE.read_bytes()).hexdigest()
    return Rules(rules, version, fixes, PhraseBook(phrases))


def _texts(value: object) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list) else []
