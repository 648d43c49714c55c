"""The life of a message, one method a step: receive, prepare, approve, deliver, acknowledge.

Its two ends need no person and stand in `care/intake.py`, up to the draft, and `care/delivery.py`, from the outbox on.
What people do between them stands in `care/answering.py`, `care/casework.py` and `care/handing_over.py`.

Each step locks its case before it writes: read once, think, write once, ring at most one bell. No transaction is open
while a model thinks or a channel sends. Every step is safe to run twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from care.answering import Answering
from care.bulk import Bulk
from care.case import Source
from care.casework import Casework
from care.delivery import Delivery
from care.handing_over import HandingOver
from care.intake import Intake
from care.message import Inbound
from care.outcome import Spool
from care.ports import (
    Channel,
    Classifier,
    Clock,
    DraftJudge,
    Files,
    JobQueue,
    Links,
    Notifier,
    Playbook,
    Receipt,
    Redactor,
    SpanReader,
    ToneChecker,
)
from care.reply import Approval, Reply
from care.rewording import Rewording
from care.taking_back import TakingBack
from care.unit_of_work import Store


@dataclass(frozen=True, slots=True)
class Journey:
    """Everything a message's life needs, plugged in by `wiring/assemble.py`.

    undo_s: seconds between approval and sending in which a person can take a reply back, by channel name, over what the
    playbook says; "*" speaks for every channel that is not named. prepare_lease_s, deliver_lease_s: longer than the
    job's own timeout. judge: which drafts are worth showing; None: all of them. notifier: tells contacts of the
    playbook what they have to look at; None in a process that never does. console_url: where people reach it. files:
    where what came with messages is kept; None: nowhere. spool: takes what a channel answered when the store cannot.
    spans: reads what a customer names, for drafts.
    rewording: as `DraftingTools` has it.
    """

    store: Store
    channels: Mapping[str, Channel]
    redactor: Redactor
    classifier: Classifier
    playbook: Playbook
    tone: ToneChecker
    queue: JobQueue
    clock: Clock
    undo_s: Mapping[str, float]
    prepare_lease_s: float = 90.0
    deliver_lease_s: float = 60.0
    judge: DraftJudge | None = None
    notifier: Notifier | None = None
    links: Links | None = None
    console_url: str = ""
    files: Files | None = None
    spool: Spool | None = None
    spans: SpanReader | None = None
    rewording: Rewording | None = None
    intake: Intake = field(init=False, repr=False, compare=False)
    answering: Answering = field(init=False, repr=False, compare=False)
    casework: Casework = field(init=False, repr=False, compare=False)
    handing_over: HandingOver = field(init=False, repr=False, compare=False)
    bulk: Bulk = field(init=False, repr=False, compare=False)
    taking_back: TakingBack = field(init=False, repr=False, compare=False)
    delivery: Delivery = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Its parts are made once: a journey does not change.
        set_once = object.__setattr__
        set_once(self, "intake", self._intake())
        set_once(self, "answering", self._answering())
        set_once(self, "casework", Casework(self.answering))
        set_once(self, "bulk", Bulk(self.casework))
        set_once(self, "taking_back", TakingBack(self.casework))
        set_once(self, "handing_over", HandingOver(self.store, self.playbook, self.redactor, self.queue, self.clock))
        set_once(self, "delivery", self._delivery())

    # 1. receive, 2. prepare -----------------------------------------------------------------------------------------

    def receive(self, inbound: Sequence[Inbound], *, source: Source = Source.LIVE) -> list[str]:
        """Mask and keep messages, each once, then ring for a worker. Returns the ids of those that are new."""
        return self.intake.receive(inbound, source=source)

    def prepare(self, message_id: str) -> None:
        """Classify one message, decide, and draft."""
        self.intake.prepare(message_id)

    # 3. a person decides --------------------------------------------------------------------------------------------

    def approve(self, suggestion_id: str, approval: Approval) -> Reply:
        """Turn a suggestion into the one reply that goes out, in a person's name."""
        return self.answering.approve(suggestion_id, approval)

    # 4. deliver, 5. acknowledge -------------------------------------------------------------------------------------

    def deliver(self, reply_id: str) -> None:
        """Send one approved reply. Raises ChannelBusy when the channel asked to come back later."""
        self.delivery.deliver(reply_id)

    def acknowledge(self, channel: str, receipt: Receipt) -> Reply:
        """Close the loop: the channel says what became of a reply. Raises NotFound when it is none of ours."""
        return self.delivery.acknowledge(channel, receipt)

    def _intake(self) -> Intake:
        return Intake(
            store=self.store,
            redactor=self.redactor,
            classifier=self.classifier,
            playbook=self.playbook,
            tone=self.tone,
            judge=self.judge,
            queue=self.queue,
            clock=self.clock,
            lease_s=self.prepare_lease_s,
            files=self.files,
            spans=self.spans,
            rewording=self.rewording,
        )

    def _answering(self) -> Answering:
        return Answering(
            store=self.store,
            channels=self.channels,
            redactor=self.redactor,
            playbook=self.playbook,
            tone=self.tone,
            queue=self.queue,
            clock=self.clock,
            undo_s=self.undo_s,
            known_labels=lambda: self.classifier.labels,
        )

    def _delivery(self) -> Delivery:
        return Delivery(
            store=self.store,
            channels=self.channels,
            clock=self.clock,
            lease_s=self.deliver_lease_s,
            redactor=self.redactor,
            tone=self.tone,
            notifier=self.notifier,
            links=self.links,
            console_url=self.console_url,
            spool=self.spool,
        )
