"""What the owners of a playbook do with it: lint it, test its examples, look at its texts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from care.classification import RISKS, Candidate, Classification, Judgement, Risk
from care.errors import NotFound, Problem
from care.message import Author, Message, Origin, Visibility
from care.ports import ToneChecker
from care.preparing import DraftingTools, propose
from care.sensitive import Redaction
from playbook import signing
from playbook.book import Book
from playbook.lengths import length_of
from playbook.lint import lint, samples
from playbook.live import LivePlaybook
from playbook.plays import Example, Play

# A plain working day, so that an example gives the same answer whenever it is tested.
TESTED_AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tested:
    """One example and what came of it. problem: "" when it is as the play says."""

    where: str
    text: str
    action: str
    plays: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One text a play can give. missing: the slots a person would fill."""

    play: str
    channel: str
    when: str
    text: str
    length: int
    limit: int


@dataclass(frozen=True, slots=True)
class Workshop:
    """A playbook on the bench: one edition of it, which stays."""

    playbook: LivePlaybook
    tone: ToneChecker

    @property
    def book(self) -> Book:
        return self.playbook.book

    def lint(
        self, *, labels: Mapping[str, Sequence[str]] | None = None, risks: Collection[str] = RISKS
    ) -> list[Problem]:
        """Everything worth mending; empty when there is nothing.

        labels: by task, of the bundle it is to work with. risks: kinds of what cannot wait that something reads.
        """
        return [*lint(self.book, tone=self.tone, labels=labels, risks=risks), *self._untested()]

    def _untested(self) -> Iterator[Problem]:
        for play in self.book.plays:
            for example in play.examples:
                if example.play and self.book.play(example.play) is None:
                    where = f"{play.source.file}:{example.line}"
                    yield Problem(where, f"expects the play {example.play!r}, which is not there")

    def test(self) -> list[Tested]:
        """Every example with labels: message in, expected decision and play out."""
        return [
            self._tested(play, example)
            for play in self.book.plays
            for example in play.examples
            if "intent" in example.labels
        ]

    def _tested(self, play: Play, example: Example) -> Tested:
        channel = example.channel or "chat"
        rules = self.book.channel(channel)
        message = Message(
            id=f"example-{play.id}-{example.line}",
            origin=Origin(channel=channel, outside_id="example", thread_key="example", written_at=TESTED_AT),
            thread_id="example",
            author=Author("example"),
            text=example.text,
            visibility=Visibility.PUBLIC if rules.is_public else Visibility.PRIVATE,
            received_at=TESTED_AT,
        )
        tasks = {task: _sure(label) for task, label in example.labels.items()}
        prepared = propose(
            message,
            Classification(tasks, Redaction(example.text), risk=tuple(Risk(kind, 1.0) for kind in example.risks)),
            DraftingTools(self.playbook, self.tone, clock=lambda: TESTED_AT),
        )
        action = str(prepared.decision.action)
        plays = tuple(draft.play.partition("@")[0] for draft in prepared.drafts)
        wrong = []
        if example.action and example.action != action:
            wrong.append(f"decided {action} instead of {example.action}")
        if example.play and example.play not in plays[:1]:
            wrong.append(f"drafted {plays[0] if plays else 'nothing'} instead of {example.play}")
        return Tested(f"{play.source.file}:{example.line}", example.text, action, plays, "; ".join(wrong))

    def sign(self, folder: Path, play_id: str, *, matter: str, by: str, on: date) -> Path:
        """Write into a play in this folder that somebody approved its words. Raises NotFound, BadInput."""
        play = self.book.play(play_id)
        if play is None:
            raise NotFound("play", play_id)
        return signing.sign(folder, play, self.book.sign_off, matter=matter, by=by, on=on)

    def render(self, play_id: str, *, channel: str | None = None) -> list[Rendered]:
        """The texts of one play, with sample values and with none. Raises NotFound."""
        play = self.book.play(play_id)
        if play is None:
            raise NotFound("play", play_id)
        names: Sequence[str] = [channel] if channel else ["x", "email"]
        renderings: dict[tuple[str, str], Rendered] = {}
        for name in names:
            rules = self.book.channel(name)
            place = "public" if rules.is_public else "private"
            for section in play.sections:
                if {"public", "private"} & section.words and place not in section.words:
                    continue
                for text, values in samples(play, section, name, self.book):
                    mood = "upset" if values["upset"] else "calm"
                    when = " ".join(sorted(section.words | {mood}))
                    length = length_of(text, counted_as=rules.counted_as)
                    renderings[name, text] = Rendered(play.reference, name, when, text, length, rules.limit)
        return list(renderings.values())


def _sure(label: str) -> Judgement:
    return Judgement(label, 0.97, False, (Candidate(label, 0.97),))
