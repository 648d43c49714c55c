"""Small builders for what a drafter is given."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from care import preparing
from care.classification import Candidate, Classification, Entity, Judgement, Risk
from care.message import Author, Masking, Message, Origin, Turn, Visibility
from care.ports import PlayScore
from care.preparing import Prepared
from care.reply import ToneReport, Verdict
from care.sensitive import Handling, Redaction, SensitiveSpan
from playbook.book import Book, load
from playbook.layers import BASES
from playbook.live import LivePlaybook
from playbook.shelf import Shelf
from playbook.workshop import Workshop

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "playbook"
BASE = BASES / "base"
MONDAY = datetime(2026, 11, 23, 9, 3, tzinfo=UTC)


def in_one_piece(folder: Path) -> Path:
    """The fixtures' playbook written out with all that its base gives it, to break anywhere; the folder itself."""
    (folder / "plays").mkdir(parents=True)
    below, own = _settings(BASE), _settings(FOLDER)
    gone = {*re.findall(r"[\w-]+", own.pop("without").partition(":")[2])}
    for source in (BASE, FOLDER):
        for path in (source / "plays").glob("*.md"):
            if source == FOLDER or path.stem not in gone:
                text = re.sub(r"^replaces: .*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
                (folder / "plays" / path.name).write_text(text, "utf-8")
    own.pop("extends")
    channels = own.pop("channels")
    for name, account in re.findall(r"^  (\w+): {account: ([^,}]+)", channels, re.MULTILINE):
        below["channels"] = below["channels"].replace(f"\n  {name}:\n", f"\n  {name}:\n    account: {account}\n")
    review, _, after = below["channels"].partition("  review:")[2].partition("\n  rehearsal:")
    theirs = review.replace("a private message", channels.partition("private_channel: ")[2].partition("}")[0])
    below["channels"] = below["channels"].replace(f"{review}\n  rehearsal:{after}", f"{theirs}\n  rehearsal:{after}")
    for name in ("voice", "cues", "facts"):
        below[name] += own.pop(name).partition(f"{name}:\n")[2]
    (folder / "playbook.yaml").write_text("\n".join({**below, **own}.values()), "utf-8")
    return folder


def _settings(folder: Path) -> dict[str, str]:
    """The text of each setting of a playbook, without the comments between them."""
    text = re.sub(r"^#.*\n", "", (folder / "playbook.yaml").read_text("utf-8"), flags=re.MULTILINE)
    parts = re.split(r"^(?=\w+:)", text, flags=re.MULTILINE)[1:]
    return {part.partition(":")[0]: part.rstrip() + "\n" for part in parts}


class SilentTone:
    """Finds nothing wrong with anything; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def check(
        self,
        text: str,
        *,
        channel: str,
        to: str | None = None,
        mood: str | None = None,
        urgency: str | None = None,
        visibility: Visibility | None = None,
    ) -> ToneReport:
        self.asked.append(text)
        return ToneReport(Verdict.SEND, 1.0)


@lru_cache(maxsize=1)
def fixtures_shelf() -> Shelf:
    return Shelf.of(load(FOLDER))


def the_book() -> Book:
    return fixtures_shelf().book


def the_playbook() -> LivePlaybook:
    """The fixtures' playbook as it is, behind its port."""
    return LivePlaybook(fixtures_shelf)


@dataclass(frozen=True, slots=True)
class Drafter:
    """Decides and drafts as the service does, for messages whose labels are given."""

    shelf: Callable[[], Shelf] = fixtures_shelf
    tone: Any = field(default_factory=SilentTone)
    agent: str = ""
    suspended: Callable[[], frozenset[str]] = frozenset

    @property
    def playbook(self) -> LivePlaybook:
        return LivePlaybook(self.shelf, self.suspended)

    def propose(
        self, message: Message, classification: Classification, *, thread: Sequence[Turn] = (), now: datetime
    ) -> Prepared:
        return preparing.propose(
            message,
            classification,
            preparing.DraftingTools(self.playbook, self.tone, clock=lambda: now),
            thread=thread,
            agent=self.agent,
        )

    def explain(self, message: Message, classification: Classification, *, now: datetime) -> list[PlayScore]:
        return self.playbook.explain(
            preparing.assess(message, classification, playbook=self.playbook, clock=lambda: now)
        )

    def workshop(self) -> Workshop:
        return Workshop(self.playbook, self.tone)


def drafter(*, agent: str = "") -> Drafter:
    return Drafter(agent=agent)


def message(
    text: str,
    *,
    channel: str = "x",
    name: str | None = None,
    id: str = "msg_1",
    handling: Handling = Handling.ALLOW,
    spans: Sequence[SensitiveSpan] = (),
    handle: str = "somebody",
    followers: int | None = None,
    received_at: datetime = MONDAY,
) -> Message:
    is_public = the_book().channel(channel).is_public
    return Message(
        id=id,
        origin=Origin(channel=channel, outside_id=id, thread_key=id, written_at=received_at),
        thread_id="thr_1",
        author=Author(handle, name, followers),
        text=text,
        visibility=Visibility.PUBLIC if is_public else Visibility.PRIVATE,
        received_at=received_at,
        masking=Masking(handling=handling, spans=tuple(spans)),
    )


def judged(label: str, score: float = 0.97, *, abstained: bool = False) -> Judgement:
    return Judgement(label, score, abstained, (Candidate(label, score),))


def labelled(
    intent: str,
    sentiment: str = "neutral",
    urgency: str = "normal",
    *,
    text: str = "",
    handling: Handling = Handling.ALLOW,
    entities: Mapping[str, str] | None = None,
    spans: Sequence[SensitiveSpan] = (),
    risks: Sequence[str] = (),
    **heads: str,
) -> Classification:
    """heads: what the heads beside the intent say: act, stance, addressed."""
    found = tuple(
        Entity(kind, value, text.find(value), text.find(value) + len(value)) for kind, value in (entities or {}).items()
    )
    tasks = {"intent": judged(intent), "sentiment": judged(sentiment), "urgency": judged(urgency)}
    tasks |= {task: judged(label) for task, label in heads.items()}
    told = tuple(Risk(kind, 0.9) for kind in risks)
    return Classification(tasks, Redaction(text, tuple(spans), handling=handling), found, risk=told)


def propose(
    text: str,
    intent: str,
    sentiment: str = "neutral",
    urgency: str = "normal",
    *,
    channel: str = "x",
    name: str | None = None,
    thread: Sequence[Turn] = (),
    handling: Handling = Handling.ALLOW,
    entities: Mapping[str, str] | None = None,
    id: str = "msg_1",
    agent: str = "",
    risks: Sequence[str] = (),
    **heads: str,
) -> Prepared:
    return drafter(agent=agent).propose(
        message(text, channel=channel, name=name, handling=handling, id=id),
        labelled(intent, sentiment, urgency, text=text, handling=handling, entities=entities, risks=risks, **heads),
        thread=thread,
        now=MONDAY,
    )


def ours(text: str, *, play: str | None = None) -> Turn:
    return Turn(text, by_customer=False, at=MONDAY, play=play)


def theirs(text: str) -> Turn:
    return Turn(text, by_customer=True, at=MONDAY)
