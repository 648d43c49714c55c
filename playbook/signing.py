"""Sign-off: which plays speak of law or medicine, who may approve their words, and whose yes an edit has made void."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from care.classification import RISKS
from care.cues import Cue
from care.errors import BadInput, Problem
from care.phrases import PhraseBook
from care.plays import SIGNED_FOR, SignOff
from playbook.plays import Play, split_front_matter
from playbook.signatures import digest_of, with_signed
from playbook.source import Entry

LASTS = timedelta(days=365)
"""How long a sign-off is new enough; then somebody reads the play again."""


@dataclass(frozen=True, slots=True)
class SignOffRule:
    """What one matter is, and who may approve words about it. by: empty until a team has named somebody.

    A play is about it that asks for one of these risks, answers none but these intents, or has one of these words.
    """

    by: tuple[str, ...] = ()
    risks: frozenset[str] = frozenset()
    intents: frozenset[str] = frozenset()
    words: PhraseBook | None = None

    def touches(self, play: Play) -> bool:
        intents = play.when.intents
        if not self.risks.isdisjoint(play.when.risks) or (intents and intents <= self.intents):
            return True
        words = self.words
        return words is not None and any(words.keys_in(section.body.source) for section in play.sections)


Rules = Mapping[str, SignOffRule]


def read_sign_off(entry: Entry, intents: tuple[str, ...]) -> dict[str, SignOffRule]:
    """Read `sign_off:`; a matter that is neither of law nor of medicine becomes a problem."""
    rules = {}
    for matter, row in entry.only(*SIGNED_FOR).items():
        row.only("by", "risks", "intents", "words")
        if matter in SIGNED_FOR:
            rules[matter] = SignOffRule(
                by=row.get("by").texts(),
                risks=row.get("risks").some_of(RISKS),
                intents=row.get("intents").some_of(intents),
                words=_phrases(matter, row.get("words")),
            )
    return rules


def _phrases(matter: str, entry: Entry) -> PhraseBook | None:
    try:
        return PhraseBook({matter: Cue.of(matter, entry.texts()).phrases}) if entry.texts() else None
    except ValueError as error:
        entry.wrong(str(error))
        return None


def matters_of(play: Play, rules: Rules) -> tuple[str, ...]:
    """What a play speaks of, as its own mark or the playbook says, in the order of SIGNED_FOR."""
    return tuple(
        matter
        for matter in SIGNED_FOR
        if matter in play.signing.matters or (matter in rules and rules[matter].touches(play))
    )


def lacks(play: Play, rules: Rules) -> Iterator[tuple[str, str]]:
    """Each matter for which a play may not be offered, and why. A matter for which nobody is named needs no sign-off,
    unless the play itself says so."""
    for matter in SIGNED_FOR:
        by = rules[matter].by if matter in rules else ()
        # The words of a play are searched only where somebody is named.
        if matter not in play.signing.matters and not (by and rules[matter].touches(play)):
            continue
        signed = [sign_off for sign_off in play.signing.done if sign_off.matter == matter]
        current = [sign_off for sign_off in signed if sign_off.digest == play.signing.digest]
        if not signed:
            yield matter, f"nobody has approved its words for {matter} matter"
        elif not current:
            yield matter, f"its words changed since {signed[-1].by} approved them on {signed[-1].on} ({matter})"
        elif by and all(sign_off.by not in by for sign_off in current):
            yield matter, f"{current[-1].by} approved its words and may not sign {matter} matter"


def withheld(play: Play, rules: Rules) -> str:
    """Why a play is not offered; "" where it is. A sign-off that only grew old holds nothing back."""
    return "; ".join(why for _, why in lacks(play, rules))


def problems(play: Play, rules: Rules, *, today: date) -> Iterator[Problem]:
    """What `tactful playbook lint` says of the sign-offs of a play."""
    for matter, why in lacks(play, rules):
        yield Problem(play.source.file, f"is never offered: {why}", _how(play, rules, matter))
    for sign_off in play.signing.done:
        by, on = sign_off.by, sign_off.on
        if today - on > LASTS:
            what = f"{by} approved its words for {sign_off.matter} matter on {on}, more than a year ago"
            yield Problem(play.source.file, what, _how(play, rules, sign_off.matter))
        if on > today:
            yield Problem(
                play.source.file, f"is signed by {by} on {on}, which is still to come", "write the day it was"
            )


def _how(play: Play, rules: Rules, matter: str) -> str:
    named = rules[matter].by[0] if matter in rules and rules[matter].by else "NAME"
    first = f"`tactful playbook take {play.id}`, then " if play.origin else ""
    return f'{first}`tactful playbook sign {play.id} --by "{named}" --for {matter}` once they have read it'


def sign(folder: Path, play: Play, rules: Rules, *, matter: str, by: str, on: date) -> Path:
    """Write into a play that somebody approved its words as they are now; an older yes for the matter goes.

    Raises BadInput for a play of a base, a matter that is none, and a name that may not sign it.
    """
    name = " ".join(by.split())
    if matter not in SIGNED_FOR:
        raise BadInput(f"--for is one of {', '.join(SIGNED_FOR)}, not {matter!r}.")
    if play.origin:
        raise BadInput(f"{play.id} stands in the base {play.origin}: take it first, `tactful playbook take {play.id}`.")
    allowed = rules[matter].by if matter in rules else ()
    if not name or (allowed and name not in allowed):
        those = ", ".join(allowed) or "anybody with a name"
        raise BadInput(f"{name!r} may not sign {matter} matter. Those who may: {those}.")
    path = folder / play.source.file
    parts = split_front_matter(path.read_text("utf-8"))
    if parts is None:
        raise BadInput(f"{play.source.file} has no front matter.")
    front, body, _ = parts
    kept = [sign_off for sign_off in play.signing.done if sign_off.matter != matter]
    front = with_signed(front, [*kept, SignOff(matter, name, on, digest_of(body))])
    path.write_text(f"---\n{front}\n---\n{body}", "utf-8")
    return path
