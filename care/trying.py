"""Trying a message on the playbook: read, decided and drafted for as a message that comes in, and kept nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from care.channel_rules import rules_of
from care.ids import new_id
from care.journey import Journey
from care.message import Author, Message, Origin, Turn, Visibility
from care.ports import PlayScore
from care.preparing import DraftingTools, Prepared, prepare


@dataclass(frozen=True, slots=True)
class Tried:
    """What would become of a message. text: as it would be kept. fits: plays that came into question, best first."""

    text: str
    prepared: Prepared
    fits: tuple[PlayScore, ...]


def try_message(
    journey: Journey,
    text: str,
    *,
    channel: str,
    agent: str = "",
    name: str | None = None,
    subject: str | None = None,
    thread: Sequence[Turn] = (),
) -> Tried:
    """agent: who signs, where the channel signs. name: of who wrote. thread: what was said before, oldest first.

    Raises what classifier or playbook raise.
    """
    edition, now = journey.playbook.edition(), journey.clock()
    rules = rules_of(edition.channels, channel)
    id = new_id("try", now=now)
    message = Message(
        id=id,
        origin=Origin(channel=channel, outside_id=id, thread_key=id, written_at=now),
        thread_id=id,
        author=Author("customer", name),
        text=text,
        visibility=Visibility.PUBLIC if rules is not None and rules.is_public else Visibility.PRIVATE,
        received_at=now,
        subject=subject,
    )
    tools = DraftingTools(edition, journey.tone, journey.clock, journey.judge, spans=journey.spans)
    prepared = prepare(message, journey.classifier, tools, thread=thread, redactor=journey.redactor, agent=agent)
    return Tried(prepared.assessed.message.text, prepared, tuple(edition.explain(prepared.assessed)))
