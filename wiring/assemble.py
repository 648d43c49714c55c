"""What is plugged into what: the only place where concrete classes meet.

Everything heavy is imported inside the function that needs it, so that a worker that only sends never loads a model.
That a class keeps its port's contract is checked where it is assigned to a typed name here.
"""

import os
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from care.answering import Answering
from care.crisis_mode import CrisisDesk
from care.delivery import Delivery
from care.errors import BadSettings, BundleError
from care.going_live import GoingLive
from care.history import History
from care.journey import Journey
from care.outcome import Spool
from care.ports import (
    DELIVER,
    NOTIFY,
    PREPARE,
    TRAIN,
    WEBHOOK,
    Channel,
    Checkable,
    Classifier,
    DraftJudge,
    Files,
    JobQueue,
    Links,
    Playbook,
    Redactor,
    SpanReader,
    ToneChecker,
    utc_now,
)
from care.quarantine import Quarantine
from care.rewording import Rewording
from care.telling import Endpoints, Telling
from wiring.channels import channel_to_customers, channels, notifier, outside_channel
from wiring.embedded import url_of
from wiring.secret_key import secret_key
from wiring.serving import LiveClassifier, LiveSpans, SharedEncoder, labels, open_classifier, open_judge
from wiring.settings import Settings

if TYPE_CHECKING:
    from model.classifier import MessageClassifier
    from model.encoder import Encoder
    from model.sensitive import SensitiveFinder
    from model.tone.checker import ToneModel
    from model.tone.checks import ChannelLimit
    from playbook.book import Book
    from playbook.knowledge.lint import CheckedKnowledge
    from playbook.live import LivePlaybook
    from playbook.workshop import Workshop
    from store.work import SqlStore
    from wiring.knowledge import LiveKnowledge
    from wiring.queue import RqQueue
    from wiring.telling import EndpointTeller


class Assembly:
    """One process's parts: each is made once, when it is first asked for, so that all who need one share it.

    bundle: one to read with, alone, instead of those that serve. encoder: opened already, instead of the one that the
    settings name. threads: cores that one run of the classifier may use. is_trial: for who tries something: playbook
    and bundles stay as they were opened, and plays that people keep rejecting speak too. is_patient: what was trained
    and does not load is missed when it is used, not at the start.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        bundle: Path | None = None,
        encoder: "Encoder | None" = None,
        threads: int = 1,
        is_trial: bool = False,
        is_patient: bool = False,
    ) -> None:
        self.settings = settings
        self._bundle = bundle
        self._encoder = encoder
        self._threads = threads
        self._is_trial = is_trial
        self._is_patient = is_patient

    @cached_property
    def store(self) -> "SqlStore":
        return store(self.settings, ring=lambda job, id: self.queue.ring(job, id))

    def __enter__(self) -> "Assembly":
        return self

    def __exit__(self, *_: object) -> None:
        """Give back every connection, for who needs the store a moment only."""
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def redactor(self) -> "SensitiveFinder":
        return redactor(self.settings)

    @cached_property
    def encoder(self) -> "Callable[[], Encoder | None]":
        """Gives the one that reads messages and knowledge, opened when somebody first needs it."""
        return SharedEncoder(self.settings, threads=self._threads) if self._encoder is None else lambda: self._encoder

    @cached_property
    def classifier(self) -> Classifier:
        """Loads the bundles that serve, which takes seconds; a trial keeps them as they are. Raises BundleError."""

        def make() -> "MessageClassifier":
            return open_classifier(
                self.settings, redactor=self.redactor, bundle=self._bundle, common=self.encoder, threads=self._threads
            )

        is_live = self._bundle is None and not self._is_trial
        return LiveClassifier.of(self.settings, make, is_patient=self._is_patient) if is_live else make()

    @cached_property
    def playbook(self) -> "LivePlaybook":
        """Raises BadPlaybook with every problem of the folder."""
        from playbook.live import LivePlaybook

        folder, store = self.settings.playbook, None if self._is_trial else self.store
        own = self.own_answers if store is not None and self.settings.drafting.own_answers else None
        opened = LivePlaybook.open(folder, store=store, knowledge=self.knowledge, own_answers=own)
        _: Playbook = opened
        return opened.edition() if self._is_trial else opened

    @cached_property
    def knowledge(self) -> "LiveKnowledge":
        """What drafts are filled from; its folder is read when somebody first asks."""
        from wiring.knowledge import open_knowledge

        return open_knowledge(self.settings, self.redactor, self.encoder)

    @cached_property
    def own_answers(self) -> "LiveKnowledge":
        """What the team answered before; the store is asked when a draft first is."""
        from wiring.own_answers import open_own_answers

        return open_own_answers(self.settings, self.store, self.redactor, self.encoder, lambda: self.playbook.book)

    def checked_knowledge(self) -> "CheckedKnowledge":
        """The folder of knowledge as it is now, with what is wrong with it. Raises BadPlaybook."""
        from wiring.knowledge import checked

        channels = tuple(name for name in self.playbook.channels if name != "*")
        return checked(self.settings.knowledge_folder, self.redactor, channels=channels)

    @cached_property
    def tone(self) -> ToneChecker:
        """With the voice and the limits of the playbook in use. Raises BadPlaybook, BundleError."""
        from wiring.tone import LiveTone

        head, is_patient = self.settings.tone_folder, self._is_patient
        return LiveTone(self.playbook, lambda book: tone_of(self.settings, book), head, is_patient=is_patient)

    @cached_property
    def judge(self) -> DraftJudge | None:
        """What reads a message and a draft together; None where it was never trained. Raises BundleError."""
        try:
            return open_judge(self.settings)
        except BundleError:
            if not self._is_patient:
                raise
            return None

    @cached_property
    def spans(self) -> SpanReader:
        """What reads the names of things, places and persons; opened by the first message that a draft is made for."""
        return LiveSpans(self.settings)

    @cached_property
    def rewording(self) -> Rewording | None:
        """What has drafts worded anew outside, where the settings name who does. Raises BadPlaybook."""
        drafting = self.settings.drafting
        if not drafting.rewriter:
            return None
        from channels.rewriter import ChatRewriter
        from playbook.own_answers import words_of

        key = drafting.rewriter_key.get_secret_value() if drafting.rewriter_key else ""
        rewriter = ChatRewriter(drafting.rewriter, drafting.rewriter_model, drafting.rewriter_timeout_s, key)
        return Rewording(rewriter, self.redactor, words_of(self.playbook.book.plays))

    @cached_property
    def queue(self) -> "RqQueue":
        return queue(self.settings)

    @cached_property
    def channels(self) -> dict[str, Channel]:
        return channels(self.settings, self.store)

    @cached_property
    def workshop(self) -> "Workshop":
        """The playbook on the bench. Raises BadPlaybook, BundleError."""
        from playbook.workshop import Workshop

        return Workshop(self.playbook, self.tone)

    @cached_property
    def journey(self) -> Journey:
        """The whole life of a message, with everything it needs."""
        # Presidio takes a second to load: not while somebody waits for the first message that needs it.
        threading.Thread(target=self.redactor.warm, name="warm", daemon=True).start()
        settings = self.settings
        return Journey(
            store=self.store,
            channels=self.channels,
            redactor=self.redactor,
            classifier=self.classifier,
            playbook=self.playbook,
            tone=self.tone,
            queue=self.queue,
            clock=utc_now,
            undo_s=settings.replies.undo_s,
            judge=self.judge,
            prepare_lease_s=settings.workers.prepare_lease_s,
            deliver_lease_s=settings.workers.deliver_lease_s,
            links=links(settings),
            console_url=settings.url,
            files=self.files,
            spool=self.spool,
            spans=self.spans,
            rewording=self.rewording,
        )

    @cached_property
    def quarantine(self) -> Quarantine:
        """What takes in whatever a channel signed, and keeps what of it cannot be read."""
        return Quarantine(
            self.store,
            self.redactor,
            utc_now,
            # Loading what reads messages takes seconds, and looking or dropping needs none of it.
            receive=lambda inbound: self.journey.receive(inbound),
            acknowledge=lambda channel, receipt: self.journey.acknowledge(channel, receipt),
        )

    @cached_property
    def answering(self) -> Answering:
        """What people do with replies: no classifier is loaded."""
        return Answering(
            store=self.store,
            channels=self.channels,
            redactor=self.redactor,
            playbook=self.playbook,
            tone=self.tone,
            queue=self.queue,
            clock=utc_now,
            undo_s=self.settings.replies.undo_s,
            known_labels=lambda: labels(self.settings),
        )

    @cached_property
    def crisis_desk(self) -> CrisisDesk:
        """What declares a crisis and ends it: no classifier is loaded."""
        return CrisisDesk(self.store, self.playbook, self.channels, self.redactor, self.tone, utc_now)

    @cached_property
    def files(self) -> Files:
        """Where files that come with messages are kept. What is there stays there when no new ones are taken."""
        from store.files import FolderFiles

        said = self.settings.attachments
        return FolderFiles(
            folder=self.settings.home / "attachments",
            is_open=said.keep,
            max_bytes=said.max_bytes,
            max_file_bytes=said.max_file_bytes,
            types=frozenset(said.types),
        )

    @cached_property
    def spool(self) -> Spool:
        """What takes what the store cannot."""
        from wiring.spool import FOLDER, FolderSpool

        return FolderSpool(self.settings.home / FOLDER)

    @cached_property
    def teller(self) -> "EndpointTeller":
        from wiring.telling import EndpointTeller

        settings = self.settings
        return EndpointTeller(
            store=self.store,
            clock=utc_now,
            source=settings.url,
            key=secret_key(settings),
            is_private_allowed=settings.webhooks.is_private_allowed,
        )

    @cached_property
    def telling(self) -> Telling:
        """What tells endpoints: nothing heavy is loaded."""
        return Telling(self.store, self.teller, utc_now, self.settings.workers.deliver_lease_s)

    @cached_property
    def endpoints(self) -> Endpoints:
        """What people and programs do to endpoints."""
        return Endpoints(self.store, self.teller, self.queue, utc_now)

    @cached_property
    def delivery(self) -> Delivery:
        """What delivers replies and notices: no classifier is loaded."""
        return Delivery(
            store=self.store,
            channels=self.channels,
            clock=utc_now,
            lease_s=self.settings.workers.deliver_lease_s,
            redactor=self.redactor,
            tone=self.tone,
            notifier=notifier(self.settings),
            links=links(self.settings),
            console_url=self.settings.url,
            spool=self.spool,
        )


def store(settings: Settings, *, ring: Callable[[str, str], object] | None = None) -> "SqlStore":
    """The store. Connects at the first transaction. ring: rings a worker for what endpoints are told."""
    from store.work import open_store

    _own_file(settings)
    return open_store(settings.database_url, ring=ring)


def migrate(settings: Settings) -> str:
    """Bring the database up to date. Returns its revision."""
    from store.migrate import migrate as bring_up_to_date

    _own_file(settings)
    return bring_up_to_date(settings.database_url)


def _own_file(settings: Settings) -> None:
    """SQLite's file for its owner only; what SQLite puts beside it takes over the same mode."""
    if settings.database.url == "sqlite":
        os.close(os.open(settings.home / "tactful.db", os.O_RDWR | os.O_CREAT, 0o600))


def queue(settings: Settings) -> "RqQueue":
    """The doorbell. Connects at the first ring."""
    from wiring.queue import RqQueue, connect

    workers = settings.workers
    rung = RqQueue(
        connection=connect(url_of(settings)),
        timeouts_s={
            PREPARE: workers.prepare_timeout_s,
            DELIVER: workers.deliver_timeout_s,
            NOTIFY: workers.deliver_timeout_s,
            WEBHOOK: workers.deliver_timeout_s,
            TRAIN: workers.train_timeout_s,
        },
    )
    _: JobQueue = rung
    return rung


def going_live(parts: Assembly, name: str) -> tuple[GoingLive, Checkable]:
    """What switches one channel on, and what tries it first.

    Raises NotFound for a channel customers do not write on, BadSettings for one that is not set up.
    """
    channel_to_customers(parts.settings, name)
    return GoingLive(parts.store, name, utc_now, parts.playbook.policy), outside_channel(parts.settings, name)


def history(parts: Assembly, channel: str) -> History:
    """What brings in the history of one channel. Raises NotFound for a channel customers do not write on."""
    channel_settings = channel_to_customers(parts.settings, channel)
    return History(
        parts.store,
        parts.redactor,
        utc_now,
        channel,
        is_public=channel_settings.public,
        is_mail=channel_settings.kind == "email",
    )


def links(settings: Settings) -> Links:
    """What signs the way of a contact without a login to what was handed to them."""
    from wiring.links import SignedLinks

    return SignedLinks(secret_key(settings))


def redactor(settings: Settings) -> "SensitiveFinder":
    """What finds and masks sensitive data, as the settings say. Raises BadSettings for a kind we do not know."""
    from model.sensitive import SensitiveFinder

    try:
        finder = SensitiveFinder(settings.sensitive)
    except ValueError as error:
        raise BadSettings(f"sensitive: {error}") from error
    _: Redactor = finder
    return finder


def tone(settings: Settings) -> "ToneModel":
    """What judges every outgoing text, by the playbook as it is now. Raises BadPlaybook, BundleError."""
    from playbook.book import load

    return tone_of(settings, load(settings.playbook))


def tone_of(settings: Settings, book: "Book") -> "ToneModel":
    """What judges every outgoing text, with a playbook's voice and limits.

    Its rules stand by themselves; the trained head joins them where there is one.
    Raises BundleError when the head is damaged.
    """
    from model.tone.checker import ToneModel
    from model.tone.checks import VoiceRules

    voice = VoiceRules(
        profile=book.voice.profile,
        language=book.voice.language,
        emoji=book.voice.emoji,
        forbidden=book.voice.forbidden,
        allowed=frozenset({book.brand.name}),
    )
    limits = limits_of(book)
    if settings.tone_folder.exists():
        return ToneModel.load(settings.tone_folder, voice=voice, limits=limits)
    return ToneModel.rules_only(voice=voice, limits=limits)


def limits_of(book: "Book") -> "Mapping[str, ChannelLimit]":
    """The longest reply of each channel of a playbook, as the tone check counts it; "*" for any other."""
    from model.tone.checks import ChannelLimit
    from playbook.lengths import COUNTED_AS

    return {
        name: ChannelLimit(rules.limit, COUNTED_AS[rules.counted_as], rules.private_limit)
        for name, rules in book.channels.items()
    }


def limits_in(playbook: Path) -> "Mapping[str, ChannelLimit]":
    """`limits_of` the playbook in a folder. Raises BadPlaybook."""
    from playbook.book import load

    return limits_of(load(playbook))
