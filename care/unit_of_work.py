"""Work: one transaction over everything that is kept, and what each part of it promises.

`store/` keeps these promises; `Store` opens a transaction and stands at the end.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from care.access import Person, ServiceKey, Session, SignInLink
from care.case import Case, Facts, Source
from care.case_file import CaseFile
from care.classification import Classification, Correction, PersonLabel, ServedMessage
from care.crisis import Crises
from care.customer import Customer, Identity, IdentityMove
from care.endpoint import Attempt, DeliveryState, Endpoint, EventDelivery
from care.escalation import Climbed, Notice, Unanswered
from care.handover import HandOver, HandOverState
from care.hold import Hold, Presence
from care.keeping import Erasure, Keeping, Seals
from care.knowledge import KnowledgeGap
from care.learning import Answered, DraftOutcome, FirstAnswer, PlayFlag
from care.lists import EVERYTHING, Narrowing, Page, View, Waiting
from care.message import Attachment, Message, NativeAnswer, Turn
from care.note import Note
from care.offline import OfflineTask
from care.play_changes import PlayChanges
from care.promise import Promise
from care.quality import QualityShelf
from care.reply import Reply, ReplyStage, Suggestion
from care.reporting import Cell, Days, Entry, Period
from care.satisfaction import Satisfaction
from care.saved_view import SavedView
from care.snooze import Snooze
from care.surge import Surges
from care.trail import Event, TrailFilter
from care.unreadable import QuarantineShelf
from care.unsent import UnsentText
from care.watching import Watching
from care.workload import Workload


@dataclass(frozen=True, slots=True)
class Lease:
    """Work somebody has claimed, until when (the store's clock)."""

    id: str
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ParkedTask:
    """A message that could not be prepared. problem: the kind of the last failure."""

    message_id: str
    channel: str
    received_at: datetime
    n_tries: int
    problem: str


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer on a thread of history, with when they were first heard of there; address as `Cases.open` has it."""

    thread_key: str
    customer: str
    at: datetime
    address: str | None = None


class Messages(Protocol):
    """What customers wrote, masked, by message and by thread."""

    def add(self, message: Message, *, has_task: bool = True) -> bool:
        """Keep a message and its waiting `prepare` task, in this transaction. False when it is already there.

        has_task: False for what a machine wrote, which nobody prepares.
        """
        ...

    def add_native(self, answer: NativeAnswer) -> bool:
        """Keep what one of us wrote on the network itself. False when it is already there."""
        ...

    def get(self, message_id: str) -> Message:
        """Raises NotFound."""
        ...

    def find(self, channel: str, outside_id: str) -> Message | None: ...

    def known(self, channel: str, outside_ids: Collection[str]) -> set[str]:
        """Those of a channel's own ids that are kept already, as messages or as answers of ours."""
        ...

    def thread_id(self, channel: str, thread_key: str) -> str:
        """The id of the thread with this key, made when new."""
        ...

    def previous(self, channel: str, thread_key: str, handle: str) -> Message | None:
        """The author's latest message in the channel's thread, or None."""
        ...

    def latest(self, thread_id: str) -> Message:
        """The customer's latest message in the thread. Raises NotFound."""
        ...

    def last_received(self) -> dict[str, datetime]:
        """By channel, when its latest message came; one that got none is left out."""
        ...

    def turns(self, thread_id: str, *, until: datetime | None = None, limit: int = 20) -> list[Turn]:
        """What was said on both sides, oldest first: customer messages and sent replies."""
        ...

    def page(
        self, *, channel: str | None = None, limit: int = 50, cursor: tuple[datetime, str] | None = None
    ) -> list[Message]:
        """Messages, newest first, those behind the cursor: when one was received, and its id."""
        ...

    def is_sensitive(self, case_id: str) -> bool:
        """Whether any message of the case was flagged or withheld."""
        ...


class Attachments(Protocol):
    """What came with messages. `Messages.add` keeps the rows; the files themselves lie behind `care.ports.Files`."""

    def get(self, attachment_id: str) -> tuple[Attachment, str]:
        """One, with the id of its case. Raises NotFound."""
        ...

    def named(self, stored_as: Sequence[str]) -> set[str]:
        """Those of these files that any message names."""
        ...

    def let_go(self, *, received_before: datetime, problem: str) -> int:
        """Kept files of messages that came before: no longer kept, for this reason. Returns how many."""
        ...


class Tasks(Protocol):
    """One `prepare` task a message: waiting, claimed, done or parked."""

    def claim(self, message_id: str, *, lease_s: float) -> Lease | None:
        """Claim the message's `prepare` task, or None when it is done or somebody holds it."""
        ...

    def finish(self, lease: Lease) -> bool:
        """Mark it done. False when the lease was lost to somebody else: then write nothing."""
        ...

    def fail(self, lease: Lease, *, problem: str) -> None:
        """Give it back; after too many attempts it is parked for a person."""
        ...

    def again(self, message_id: str) -> bool:
        """parked -> waiting, due now and with all its tries before it. False when it is not parked."""
        ...

    def parked(self, *, limit: int = 200) -> list[ParkedTask]:
        """Those that nobody tries any more, the longest wait first."""
        ...


class Classifications(Protocol):
    """What was read out of each message, and what people corrected. `get` gives the latest."""

    def save(self, message_id: str, classification: Classification) -> None: ...

    def get(self, message_id: str) -> Classification | None: ...

    def correct(self, correction: Correction) -> None: ...

    def by_people(self, *, after: str, limit: int) -> tuple[list[PersonLabel], str | None]:
        """What people last said of some messages, by id, and what they let stand by approving; samples left out.

        after: the last message before these. Returns also the last message looked at; None where it was the last.
        """
        ...

    def served(self, *, since: datetime, before: tuple[datetime, str] | None, limit: int) -> list[ServedMessage]:
        """Live messages that people wrote, received since then and read; the newest first.

        before: when the last of those seen already was received, and its id.
        """
        ...


class Suggestions(Protocol):
    """What was proposed for each message, and what a person decided about it."""

    def propose(self, suggestion: Suggestion) -> None:
        """Keep it; an earlier open suggestion of the same case becomes superseded. The case is locked."""
        ...

    def redraft(self, suggestion: Suggestion) -> bool:
        """Put other drafts into an open suggestion, as its next version. False where it has changed or was decided."""
        ...

    def supersede(self, case_id: str, *, before_turn: int) -> int:
        """Open suggestions made before this turn of a case are no longer to be decided. Returns how many."""
        ...

    def get(self, suggestion_id: str) -> Suggestion:
        """Raises NotFound."""
        ...

    def of_case(self, case_id: str) -> list[Suggestion]:
        """Every suggestion of the case, oldest first."""
        ...

    def decide(self, suggestion: Suggestion, *, from_version: int) -> None:
        """Write a decided suggestion if nobody was first.

        Raises AlreadyDecided when it is no longer proposed, StaleVersion when the version differs.
        """
        ...

    def restore(self, case_id: str, *, turn: int) -> None:
        """superseded -> proposed for those of this turn: the answer that overtook them was none."""
        ...

    def reopen(self, suggestion_id: str, *, is_overtaken: bool = False) -> None:
        """decided -> proposed with a new version: its reply, or the decision, was taken back.

        is_overtaken: the customer wrote again since; it becomes superseded instead.
        """
        ...


class Replies(Protocol):
    """The outbox: approved replies and where each stands on its way out."""

    def add(self, reply: Reply) -> None:
        """Keep an approved reply.

        Raises AlreadyDecided when its suggestion already has one that was not withdrawn (a partial unique index holds
        this, not a look beforehand).
        """
        ...

    def get(self, reply_id: str) -> Reply:
        """Raises NotFound."""
        ...

    def find(self, *, channel: str, receipt: str) -> Reply | None: ...

    def of_thread(self, thread_id: str) -> list[Reply]:
        """Every reply in the thread, oldest first."""
        ...

    def of_message(self, message_id: str) -> list[Reply]:
        """Every reply to it, withdrawn ones too, oldest first."""
        ...

    def of_suggestion(self, suggestion_id: str) -> Reply | None:
        """Its one reply that was not withdrawn."""
        ...

    def of_case(self, case_id: str) -> list[Reply]:
        """Every reply of the case, withdrawn ones too, in the order in which they were approved."""
        ...

    def pointers(self, case_id: str) -> list[tuple[Reply, Reply]]:
        """Public pointers of the case that wait or are held, each with the private answer that it speaks of."""
        ...

    def other_half(self, reply: Reply) -> Reply | None:
        """The pointer of a private answer, or the answer of a pointer, as it stands now."""
        ...

    def asked_with(self, request_key: str, *, by: str) -> Reply | None:
        """The reply that this person made with this key of theirs."""
        ...

    def hold(self, case_id: str, *, before_turn: int, problem: str) -> list[str]:
        """pending -> held for replies written before this turn of the case. Returns their ids."""
        ...

    def unread(self, *, limit: int) -> list[Reply]:
        """Those that wait for a colleague of their author to read them, the longest wait first."""
        ...

    def due(self, *, except_on: Collection[str] = (), limit: int) -> list[tuple[str, str]]:
        """Id and channel of replies that can be claimed now, longest due first. except_on: channels to leave out."""
        ...

    def next_due_s(self) -> float | None:
        """Seconds until the next undo window ends; None where none is open."""
        ...

    def claim(self, reply_id: str, *, lease_s: float) -> tuple[Reply, Lease] | None:
        """pending -> claimed for one caller, by one conditional update; None when not due, not pending or lost.

        A pointer is due once its answer has gone out; in one conversation replies leave in the order of their adding.
        """
        ...

    def enter_flight(self, reply: Reply, lease: Lease) -> Reply | None:
        """claimed -> inflight while the lease holds; None when it was lost. Commit before the first byte goes out."""
        ...

    def save(self, reply: Reply, *, was: ReplyStage) -> bool:
        """Write a moved reply if it still stands at `was`; False otherwise."""
        ...


class OfflineTasks(Protocol):
    """Matters that left the open."""

    def open(self, task: OfflineTask) -> bool:
        """Keep it. False when the case already has an open one: that one then holds the kinds of both."""
        ...

    def of_case(self, case_id: str) -> OfflineTask | None:
        """The latest offline task of the case."""
        ...

    def save(self, task: OfflineTask) -> None: ...


class Escalations(Protocol):
    """How far each waiting message has climbed."""

    def unanswered(self, *, most_steps: int, after: str = "", limit: int = 500) -> list[Unanswered]:
        """Messages that wait for us and have taken fewer than `most_steps`, by id, those behind `after`.

        One waits while it is prepared, while nobody has answered it, while its answer failed, and while nobody has
        reached the customer offline.
        """
        ...

    def record(self, message_id: str, climbed: Climbed) -> bool:
        """Keep one step with its notice. False when it was already taken: of two who try, one wins.

        The notice is left out when the contact was told of this step of the same wait for an earlier message of the
        thread: a customer who writes again pages nobody again.
        """
        ...


class Notices(Protocol):
    """What contacts are told of a climb. Kept by `Escalations.record`, tried until sent or given up."""

    def claim(self, notice_id: str, *, lease_s: float) -> tuple[Notice, Lease] | None:
        """One that waits and is due, for one caller, by one conditional update. A lease that runs out frees it."""
        ...

    def sent(self, notice: Notice, lease: Lease) -> bool:
        """False when the lease was lost to somebody else: they may have sent it too."""
        ...

    def add(self, notice: Notice) -> bool:
        """Keep one that no climb brought. False when they heard of it before."""
        ...

    def fail(
        self, notice: Notice, lease: Lease, *, problem: str, is_final: bool = False, retry_after_s: float = 0.0
    ) -> bool:
        """Put it off, each time for longer. True when it is given up: it was final, or the last try."""
        ...

    def get(self, notice_id: str) -> Notice:
        """Raises NotFound."""
        ...

    def again(self, notice_id: str) -> bool:
        """failed -> waiting, due now and with all its tries before it. False when it does not stand at failed."""
        ...


class Surveys(Protocol):
    """The satisfaction question of each thread."""

    def ask(self, asked: Satisfaction) -> bool:
        """Keep that it was asked. False when this thread was asked before."""
        ...

    def withdraw(self, reply_id: str) -> None:
        """The question was withdrawn before it went out: it was never asked."""
        ...

    def of_thread(self, thread_id: str) -> Satisfaction | None: ...

    def open_for(self, message: Message) -> Satisfaction | None:
        """The question that this message may answer: it has gone out to this author, and nothing was said since."""
        ...

    def close(self, thread_id: str, *, message_id: str, score: int | None) -> bool:
        """Keep the customer's next words and what they say. False when something was said before."""
        ...


class Learning(Protocol):
    """What became of drafts, and who was told."""

    def outcomes(self, *, limit: int = 2000) -> list[DraftOutcome]:
        """The latest decided drafts, oldest first. A rejection counts for the draft that was shown first."""
        ...

    def first_answers(self, *, limit: int = 5000) -> list[FirstAnswer]:
        """One a conversation that asks for an answer, among the latest messages that were decided on."""
        ...

    def answered(self, *, limit: int = 5000) -> list[Answered]:
        """The latest answers of solved cases and of history, newest first.

        Left out: what was sensitive or went offline, rehearsals, and pointers to a private answer.
        """
        ...

    def flag(self, flag: PlayFlag) -> bool:
        """Keep that a play was flagged. False when its owner was told this about this version before."""
        ...

    def gaps(self, since: datetime, until: datetime) -> list[KnowledgeGap]:
        """What drafts of live cases wanted to say and nobody had written down, most wanted first.

        Drafts count that were made from `since` on and before `until`, each message once for each slot. About: the
        intent, a person's word before ours.
        """
        ...


class Reporting(Protocol):
    """What happened to live cases, for reports. Samples, history and rehearsals are left out."""

    def entries(self, since: datetime, until: datetime) -> Iterator[Entry]:
        """What happened from `since` on and before `until`, in no order of time."""
        ...

    def overdue(self) -> Iterator[Entry]:
        """Cases that wait for their first answer past the published window, as of now."""
        ...

    def began(self) -> datetime | None:
        """When the first live case was opened."""
        ...

    def asked(self, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
        """By contact: hand-overs whose hour passed in this time, and how many of those were answered."""
        ...

    def kept(self, period: Period) -> Days:
        """The days whose sums are kept."""
        ...

    def kept_days(self, period: Period) -> set[date]: ...

    def keep(self, day: date, zone: str, cells: Sequence[Cell], *, upto: int) -> None:
        """Keep a day's sums, over older ones. upto: the last event of the trail when it was added up."""
        ...

    def drop_changed(self, period: Period) -> int:
        """Drop the sums of days of cases that something changed since they were added up. Returns how many."""
        ...


class Cases(Protocol):
    """One customer's matter on one thread. A step locks its case before it writes any of its rows."""

    def open(
        self,
        *,
        channel: str,
        thread_id: str,
        customer: str,
        name: str | None,
        source: Source,
        address: str | None = None,
    ) -> Case:
        """The case of this customer on this thread, locked; made, at turn 0, when new.

        address: the customer's mail address in lower case; who has the same one is the same customer.
        """
        ...

    def lock(self, case_id: str) -> Case:
        """The case, until the transaction ends for nobody else to write. Raises NotFound."""
        ...

    def get(self, case_id: str) -> Case:
        """Raises NotFound."""
        ...

    def of_message(self, message_id: str) -> Case:
        """Raises NotFound."""
        ...

    def of_customer(self, customer_id: str, *, limit: int = 100) -> list[Case]:
        """Every case of one customer on all channels, latest first."""
        ...

    def save(self, case: Case) -> None:
        """Raises Conflict for resolving a case with an open offline task, whoever asks."""
        ...

    def facts(self, case: Case) -> Facts:
        """What decides where it stands, as everything that was kept of it says now."""
        ...

    def file(self, message_id: str) -> CaseFile:
        """A case with everything that belongs to it, read at one of its messages. Raises NotFound."""
        ...

    def latest(self, id: str) -> CaseFile:
        """The same, read at what its customer wrote last. id: of the case or one of its messages. Raises NotFound."""
        ...

    def files(self, message_ids: Sequence[str]) -> list[CaseFile]:
        """The same for several, in their order; what is not there is left out."""
        ...


class Histories(Protocol):
    """Conversations of before, many rows at once."""

    def open(self, channel: str, customers: Sequence[KnownCustomer]) -> dict[tuple[str, str], Case]:
        """The cases of these threads and customers, locked; made, at turn 0, when new. By thread key and handle."""
        ...

    def add(self, messages: Sequence[Message], answers: Sequence[NativeAnswer]) -> None:
        """Keep what was said on both sides; what is here already stays as it is. Nobody prepares these messages."""
        ...


class Switches(Protocol):
    """Which channels were switched on; any other one rehearses."""

    def is_on(self, channel: str) -> bool: ...

    def on(self) -> dict[str, datetime]:
        """By name, since when."""
        ...

    def turn_on(self, channel: str, *, by: str, at: datetime) -> bool:
        """False when it was on before."""
        ...

    def n_rehearsed(self, channel: str) -> tuple[int, int]:
        """How many samples are not archived, and how many real cases have answers that were rehearsed."""
        ...

    def rehearsed(self, channel: str, *, after: str = "", limit: int = 200) -> Sequence[str]:
        """The ids of both kinds of cases, in order, those behind `after`."""
        ...


class Promises(Protocol):
    """Hours that replies quote."""

    def make(self, promise: Promise) -> bool:
        """Keep it. False when the case has an open one: end that first."""
        ...

    def of_case(self, case_id: str) -> list[Promise]: ...

    def end(self, promise: Promise) -> bool:
        """Keep how it ended. False when it had ended before."""
        ...

    def reopen(self, promise_id: str) -> bool:
        """Open it again, unless another of the case is open. False then, and when it is open already."""
        ...

    def passed(self, *, at: datetime, limit: int = 500) -> list[Promise]:
        """Open ones whose hour has passed, earliest first."""
        ...


class HandOvers(Protocol):
    """Matters that somebody outside the desk has."""

    def open(self, handover: HandOver) -> bool:
        """Keep it. False when the case is with them already."""
        ...

    def get(self, handover_id: str) -> HandOver:
        """Raises NotFound."""
        ...

    def of_case(self, case_id: str) -> list[HandOver]: ...

    def save(self, handover: HandOver, *, was: HandOverState) -> bool:
        """Write a moved hand-over if it still stands at `was`; False otherwise."""
        ...

    def passed(self, *, at: datetime, limit: int = 500) -> list[HandOver]:
        """Those that should have been answered by now, earliest first."""
        ...


class Notes(Protocol):
    """Internal notes, masked, never sent."""

    def add(self, note: Note) -> None: ...

    def of_case(self, case_id: str) -> list[Note]: ...


class Holds(Protocol):
    """Who writes in a case, and who has it open."""

    def take(self, case_id: str, by: str, *, hold_s: float, ask_s: float) -> Hold | None:
        """By one conditional update: of two who try, one gets it. None while somebody else has it.

        The fence grows when the case changes hands. Who asked `ask_s` ago, and was not told no, gets it.
        """
        ...

    def of(self, case_id: str, *, to_lock: bool = False) -> Hold | None:
        """The latest hold of a case, over or not. to_lock: nobody changes it until the transaction ends."""
        ...

    def give_back(self, case_id: str, by: str) -> bool:
        """End one's own hold. False when there is none."""
        ...

    def ask(self, case_id: str, by: str, *, ask_s: float) -> bool:
        """Ask its holder for a case. False when nobody holds it, oneself does, or somebody else asks already."""
        ...

    def refuse(self, case_id: str, by: str) -> bool:
        """The holder keeps it. False when nobody asks them."""
        ...

    def held(self) -> list[Hold]:
        """Every hold that is not over."""
        ...

    def see(self, presence: Presence) -> None:
        """Somebody has the case open now."""
        ...

    def leave(self, case_id: str, person_id: str) -> None:
        """They have it open no more."""
        ...

    def present(self, *, seen_s: float) -> list[Presence]:
        """Everybody who was seen within this time."""
        ...


class Snoozes(Protocol):
    """Which cases people put out of sight, and until when. At most one of a case is open."""

    def add(self, snooze: Snooze) -> None:
        """Keep it. The case is locked, and none of it is open."""
        ...

    def of_case(self, case_id: str) -> Snooze | None:
        """The open one."""
        ...

    def end(self, case_id: str, *, by: str) -> bool:
        """End the open one now, by the store's clock. False where there is none."""
        ...

    def passed(self, *, of: str | None = None, limit: int = 500) -> list[str]:
        """Ids of cases that are to be back by the store's clock and still have an open one, the longest due first.

        of: only whether this case is one.
        """
        ...


class Views(Protocol):
    """Lists of the inbox that people saved under a name."""

    def add(self, view: SavedView) -> None: ...

    def get(self, view_id: str) -> SavedView:
        """Raises NotFound."""
        ...

    def of(self, *owners: str) -> list[SavedView]:
        """Those of these people, or of all, the oldest first."""
        ...

    def everybodys(self) -> list[SavedView]: ...

    def drop(self, view_id: str) -> None: ...


class UnsentTexts(Protocol):
    """What people wrote and have not sent, masked."""

    def keep(self, unsent: UnsentText) -> None:
        """Keep it in its place; the latest words there count."""
        ...

    def of(self, person_id: str, case_id: str) -> list[UnsentText]:
        """One person's, the latest first."""
        ...

    def drop(self, person_id: str, case_id: str, *, place: str | None = None) -> None:
        """Forget one place, or all of them."""
        ...


class Recent(Protocol):
    """What a person did lately and may want to take back."""

    def waiting(self, by: str) -> list[str]:
        """Ids of replies of theirs that still wait to go out, the first to go first."""
        ...

    def acts(self, by: str, events: Collection[str], *, within_s: float) -> list[Event]:
        """What they did of these kinds, the latest first."""
        ...

    def act(self, number: int) -> Event | None: ...


class Customers(Protocol):
    """One record a customer, over all channels."""

    def get(self, customer_id: str) -> Customer:
        """Raises NotFound."""
        ...

    def of(self, identity: Identity) -> Customer | None:
        """The record an identity is with; a mail address is found whatever its letter case."""
        ...

    def with_handle(self, handle: str) -> list[Customer]:
        """Every record with this handle on any channel."""
        ...

    def with_address(self, address: str) -> list[Customer]:
        """Every record with this mail address, in lower case. Until the transaction ends nobody else asks for it."""
        ...

    def move(self, move: IdentityMove) -> None:
        """Put an identity, with its cases, with another record. Raises NotFound and Conflict."""
        ...

    def undo(self, move_id: str, *, by: str) -> IdentityMove:
        """Part what was put together. Raises NotFound and Conflict."""
        ...

    def moves(self, customer_id: str) -> list[IdentityMove]:
        """Every move from or to this record, latest first."""
        ...


class Lists(Protocol):
    """The lists of the inbox; each case stands in one, read at what its customer wrote last."""

    def page(
        self,
        view: View,
        *,
        agent: str | None = None,
        only: Narrowing = EVERYTHING,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Raises BadInput for a cursor that is not ours."""
        ...

    def count(self, view: View, *, agent: str | None = None, only: Narrowing = EVERYTHING, at_most: int) -> int:
        """How many cases such a list has; counted no further than `at_most`."""
        ...

    def labels(self) -> dict[str, list[str]]:
        """By task the labels that any case has now, in order: what a list can be narrowed to."""
        ...

    def counts(self, *, agent: str | None = None) -> dict[View, int]: ...

    def waiting(self) -> list[Waiting]:
        """How many cases stand in the list of what is due now, by team, channel, clock and assignee."""
        ...

    def stuck(self) -> int:
        """How many replies and messages a person has to look at, because they went no further by themselves."""
        ...

    def figures(self) -> dict[str, dict[str, int]]:
        """Counts for /metrics by kind and state.

        Cases, replies, tasks, promises, handovers, notices, offline, sensitive (by handling), corrections (by task,
        "action" and "team" among them), satisfaction (by score), quarantine (by channel).
        """
        ...


class AuditTrail(Protocol):
    """What happened, in one order that never changes."""

    def events(self, *, after: int, limit: int = 200, names: Sequence[str] = ()) -> list[Event]:
        """Those whose place is after this one, in order; names: only these events, all without it."""
        ...

    def place_of(self, number: int) -> int | None:
        """Where the row with this number stands; None where there is none."""
        ...

    def latest(self, event: str) -> Event | None:
        """The latest row of this name."""
        ...

    def last(self) -> int:
        """The place of the latest."""
        ...

    def of_case(self, case_id: str, *, limit: int = 500) -> list[Event]:
        """What happened to a case, oldest first."""
        ...

    def search(self, only: TrailFilter, *, before: int | None = None, limit: int = 200) -> list[Event]:
        """What happened, newest first; before: only rows with a smaller number."""
        ...


class Access(Protocol):
    """People, their sessions, sign-in links and service keys. Tokens and keys are known by their hash only.

    add_person raises Conflict for an e-mail address somebody has; save_person and revoke_key raise NotFound.
    """

    def add_person(self, person: Person) -> None: ...
    def person(self, *, id: str | None = None, email: str | None = None) -> Person | None: ...
    def people(self) -> list[Person]: ...
    def save_person(self, person: Person) -> None: ...
    def add_session(self, session: Session) -> None: ...
    def session(self, token_hash: str) -> Session | None: ...
    def sessions(self, *, after: datetime) -> list[Session]:
        """Those that end later, the latest seen first."""
        ...

    def touch_session(self, token_hash: str, *, seen_at: datetime) -> None: ...
    def end_sessions(self, *, token_hash: str | None = None, person_id: str | None = None) -> None: ...
    def add_link(self, link: SignInLink) -> None: ...
    def link(self, token_hash: str) -> SignInLink | None: ...

    def end_links(self, *, token_hash: str | None = None, person_id: str | None = None) -> bool:
        """End one link, or all of a person's. Whether there was any: of two who use one at once, one hears True."""
        ...

    def add_key(self, key: ServiceKey) -> None: ...
    def key(self, key_hash: str) -> ServiceKey | None: ...
    def keys(self) -> list[ServiceKey]: ...
    def revoke_key(self, key_id: str, *, at: datetime) -> None: ...
    def use_key(self, key_id: str, *, at: datetime) -> None: ...


class Endpoints(Protocol):
    """Endpoints of other systems, and the events on their way to each. `trigger` and the trail make deliveries."""

    def add(self, endpoint: Endpoint) -> None: ...

    def get(self, endpoint_id: str) -> Endpoint:
        """Raises NotFound."""
        ...

    def all(self) -> list[Endpoint]:
        """Oldest first."""
        ...

    def save(self, endpoint: Endpoint) -> None: ...

    def remove(self, endpoint_id: str) -> None:
        """With its deliveries."""
        ...

    def trigger(self, endpoint_id: str, event: str, *, by: str, facts: Mapping[str, object]) -> EventDelivery:
        """Write an event that only this endpoint is told, with its delivery."""
        ...

    def delivery(self, delivery_id: str) -> EventDelivery:
        """Raises NotFound."""
        ...

    def deliveries(
        self, endpoint_id: str, *, state: DeliveryState | None = None, limit: int = 50, before: str = ""
    ) -> list[EventDelivery]:
        """Latest first, those before this id."""
        ...

    def claim(self, delivery_id: str, *, lease_s: float) -> tuple[EventDelivery, Endpoint, Event, Lease] | None:
        """One that waits and is due, for one caller, while its endpoint is on."""
        ...

    def delivered(self, delivery: EventDelivery, lease: Lease, attempt: Attempt) -> bool:
        """False when the lease was lost to somebody else: they may have told it too."""
        ...

    def failed(self, delivery: EventDelivery, lease: Lease, attempt: Attempt, *, is_final: bool, wait_s: float) -> bool:
        """Put it off. True when it is given up: it was final, or the last try."""
        ...

    def again(self, delivery_id: str) -> bool:
        """delivered or failed -> waiting, due now and with all its tries before it. False when it stands elsewhere."""
        ...

    def again_all(self, endpoint_id: str) -> list[str]:
        """failed -> waiting for all of an endpoint. Returns ids."""
        ...

    def give_up(self, endpoint_id: str, *, problem: str) -> None:
        """waiting -> failed for all of an endpoint."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Drop deliveries that ended before. Returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request with an Idempotency-Key was answered; status is None while it is under way.

    request: a digest of what was asked.
    """

    request: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


class Answers(Protocol):
    """Answers to requests that may come again, by who asked and the key they gave. What is too old is not there."""

    def begin(self, owner: str, key: str, *, request: str, lease_s: float) -> KeptAnswer | None:
        """None for the first one with this key: it is under way from now on. The answer so far for any other."""
        ...

    def keep(self, owner: str, key: str, answer: KeptAnswer, *, keep_s: float) -> None: ...

    def drop(self, owner: str, key: str) -> None:
        """It has no answer that may be given again."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Drop those whose time was over then. Returns how many."""
        ...


class Recovery(Protocol):
    """What the sweep looks for."""

    def unrung_tasks(self, *, unrung_s: float, limit: int = 200) -> list[str]:
        """Message ids whose `prepare` waits and was not rung for this long; marks them rung."""
        ...

    def unrung_replies(self, *, unrung_s: float, limit: int = 200) -> list[str]:
        """Reply ids that are pending, due and not rung for this long; marks them rung."""
        ...

    def unrung_notices(self, *, unrung_s: float, limit: int = 200) -> list[str]:
        """Ids of notices that wait, are due and were not rung for this long; marks them rung."""
        ...

    def unrung_deliveries(self, *, unrung_s: float, limit: int = 200) -> list[str]:
        """Ids of events' deliveries that wait, are due and were not rung for this long; marks them rung."""
        ...

    def expired_tasks(self) -> dict[str, int]:
        """Takes back expired leases of tasks: they wait again; what took its worker down too often is parked.

        Returns what was done, counted; so do the others.
        """
        ...

    def expired_replies(self, *, idempotent_channels: frozenset[str]) -> dict[str, int]:
        """Takes back expired leases of replies: claimed ones wait again, those in flight become unknown.

        A reply in flight is never sent again by itself, unless its channel takes the same idempotency key twice. What
        was tried for too long fails, or is unknown where an earlier try may have got through.
        """
        ...

    def expired_telling(self) -> dict[str, int]:
        """The same for notices and for what endpoints are told."""
        ...

    @property
    def cases(self) -> Sequence[str]:
        """The cases of what was moved in this transaction: they have to be settled anew."""
        ...


class Work(Protocol):
    """One transaction over everything that is kept. Commits on leaving, rolls back on an error."""

    @property
    def messages(self) -> Messages: ...
    @property
    def attachments(self) -> Attachments: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def classifications(self) -> Classifications: ...
    @property
    def suggestions(self) -> Suggestions: ...
    @property
    def replies(self) -> Replies: ...
    @property
    def offline(self) -> OfflineTasks: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def trail(self) -> AuditTrail: ...
    @property
    def history(self) -> Histories: ...
    @property
    def switches(self) -> Switches: ...
    @property
    def promises(self) -> Promises: ...
    @property
    def handovers(self) -> HandOvers: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def snoozes(self) -> Snoozes: ...
    @property
    def views(self) -> Views: ...
    @property
    def unsent(self) -> UnsentTexts: ...
    @property
    def recent(self) -> Recent: ...
    @property
    def customers(self) -> Customers: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def learning(self) -> Learning: ...
    @property
    def reporting(self) -> Reporting: ...
    @property
    def access(self) -> Access: ...
    @property
    def endpoints(self) -> Endpoints: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def recovery(self) -> Recovery: ...
    @property
    def keeping(self) -> Keeping: ...
    @property
    def seals(self) -> Seals: ...
    @property
    def quarantine(self) -> QuarantineShelf: ...
    @property
    def watching(self) -> Watching: ...
    @property
    def workload(self) -> Workload: ...
    @property
    def surges(self) -> Surges: ...
    @property
    def play_changes(self) -> PlayChanges: ...
    @property
    def crises(self) -> Crises: ...
    @property
    def quality(self) -> QualityShelf: ...
    @property
    def erasure(self) -> Erasure: ...

    def note(
        self, event: str, subject_id: str, *, by: str, facts: Mapping[str, object] = ..., case_id: str | None = None
    ) -> None:
        """Append one row to the audit trail: ids and labels, never text. case_id: the case it belongs to."""
        ...


class Store(Protocol):
    """Opens transactions: `with store() as work: ...`. Write transactions on SQLite begin IMMEDIATE.

    read: for looking only; does not wait for those who write.
    """

    def __call__(self, *, read: bool = False) -> AbstractContextManager[Work]: ...
