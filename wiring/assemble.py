"""What is plugged into what: the only place where concrete classes meet.

Everything heavy is imported inside the function that needs it, so that a worker that only sends never loads a model.
That a class keeps its port's contract is checked where it is assigned to a typed name here.
"""

import os
import secrets
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from care.delivery import Delivery
from care.errors import BadSettings, NotFound
from care.escalation import NOTICES
from care.going_live import GoingLive
from care.history import History
from care.ids import new_id
from care.journey import Journey
from care.ports import (
    Channel,
    Checkable,
    Classifier,
    DraftJudge,
    Files,
    JobQueue,
    Links,
    Notifier,
    Playbook,
    Redactor,
    ToneChecker,
    utc_now,
)
from care.telling import Endpoints, Telling
from care.unit_of_work import Store
from wiring.embedded import url_of
from wiring.serving import LiveClassifier, open_classifier, open_judge
from wiring.settings import ChannelSettings, Settings

if TYPE_CHECKING:
    from channels.email import EmailChannel
    from channels.rehearsal import RehearsalChannel
    from channels.webhook import WebhookChannel
    from model.classifier import MessageClassifier
    from model.encoder import Encoder
    from model.sensitive import SensitiveFinder
    from model.tone import ToneModel
    from playbook.book import Book
    from playbook.live import LivePlaybook
    from playbook.workshop import Workshop
    from wiring.queue import RqQueue
    from wiring.telling import EndpointTeller


class Assembly:
    """One process's parts: each is made once, when it is first asked for, so that all who need one share it.

    bundle: one to read with, alone, instead of those that serve. encoder: opened already, instead of the one that the
    settings name. threads: cores that one run of the classifier may use. is_trial: for who tries something: playbook
    and bundles stay as they were opened, and plays that people keep rejecting speak too.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        bundle: Path | None = None,
        encoder: "Encoder | None" = None,
        threads: int = 1,
        is_trial: bool = False,
    ) -> None:
        self.settings = settings
        self._bundle = bundle
        self._encoder = encoder
        self._threads = threads
        self._is_trial = is_trial

    @cached_property
    def store(self) -> Store:
        return store(self.settings, ring=lambda job, id: self.queue.ring(job, id))

    @cached_property
    def redactor(self) -> "SensitiveFinder":
        return redactor(self.settings)

    @cached_property
    def classifier(self) -> Classifier:
        """Loads the bundles that serve, which takes seconds; a trial keeps them as they are. Raises BundleError."""

        def make() -> "MessageClassifier":
            return open_classifier(
                self.settings, redactor=self.redactor, bundle=self._bundle, common=self._encoder, threads=self._threads
            )

        is_live = self._bundle is None and not self._is_trial
        return LiveClassifier.of(self.settings, make) if is_live else make()

    @cached_property
    def playbook(self) -> "LivePlaybook":
        """Raises BadPlaybook with every problem of the folder."""
        from playbook.live import LivePlaybook

        folder = self.settings.playbook
        opened = LivePlaybook.open(folder).edition() if self._is_trial else LivePlaybook.open(folder, store=self.store)
        _: Playbook = opened
        return opened

    @cached_property
    def tone(self) -> ToneChecker:
        """With the voice and the limits of the playbook in use. Raises BadPlaybook, BundleError."""
        from wiring.tone import LiveTone

        return LiveTone(self.playbook, lambda book: tone_of(self.settings, book), self.settings.tone_folder)

    @cached_property
    def judge(self) -> DraftJudge | None:
        """What reads a message and a draft together; None where it was never trained. Raises BundleError."""
        return open_judge(self.settings)

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
        )

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
        )


def store(settings: Settings, *, ring: Callable[[str, str], object] | None = None) -> Store:
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
            "prepare": workers.prepare_timeout_s,
            "deliver": workers.deliver_timeout_s,
            "notify": workers.deliver_timeout_s,
            "webhook": workers.deliver_timeout_s,
        },
    )
    _: JobQueue = rung
    return rung


def channels(settings: Settings, kept: Store) -> dict[str, Channel]:
    """Every configured channel to customers by name; those that nobody switched on only rehearse.

    kept: the store that knows which went live.
    """
    key = secret_key(settings)
    return {name: _switched(name, one, settings, kept, key=key) for name, one in to_customers(settings).items()}


def to_customers(settings: Settings) -> dict[str, ChannelSettings]:
    """The settings of every channel that customers write on."""
    return {name: one for name, one in settings.channels.items() if name != NOTICES}


def going_live(parts: Assembly, name: str) -> tuple[GoingLive, Checkable]:
    """What switches one channel on, and what tries it first.

    Raises NotFound for a channel customers do not write on, BadSettings for one that is not set up.
    """
    from channels.email import EmailChannel
    from channels.webhook import WebhookChannel

    one = _one_of(parts.settings, name)
    if one.kind == "rehearsal":
        raise BadSettings(
            f"channels.{name}: give it a kind and its address first, as in docs/settings.md; it rehearses"
        )
    real = _channel(name, one, parts.settings, key=secret_key(parts.settings))
    assert isinstance(real, EmailChannel | WebhookChannel)
    return GoingLive(parts.store, name, utc_now, parts.playbook.policy), real


def notifier(settings: Settings) -> Notifier:
    """What tells contacts of the playbook that a message climbed to them; rehearses until somebody switches it on."""
    return _channel(NOTICES, settings.channels[NOTICES], settings, key=secret_key(settings))


def history(parts: Assembly, channel: str) -> History:
    """What brings in the history of one channel. Raises NotFound for a channel customers do not write on."""
    one = _one_of(parts.settings, channel)
    return History(parts.store, parts.redactor, utc_now, channel, is_public=one.public, is_mail=one.kind == "email")


def links(settings: Settings) -> Links:
    """What signs the way of a contact without a login to what was handed to them."""
    from wiring.links import SignedLinks

    return SignedLinks(secret_key(settings))


def _one_of(settings: Settings, name: str) -> ChannelSettings:
    named = to_customers(settings)
    if name not in named:
        raise NotFound("channel", f"{name}: customers write on {', '.join(sorted(named))}")
    return named[name]


def _switched(name: str, one: ChannelSettings, settings: Settings, kept: Store, *, key: str) -> Channel:
    from channels.rehearsal import RehearsalChannel
    from channels.switched import SwitchedChannel

    real = _channel(name, one, settings, key=key)
    if isinstance(real, RehearsalChannel):
        return real

    def is_on() -> bool:
        with kept(read=True) as work:
            return work.switches.is_on(name)

    rehearsal = RehearsalChannel(name, one.public, real.secrets, folder=settings.home / "rehearsal")
    return SwitchedChannel(real, rehearsal, is_on)


def _channel(
    name: str, one: ChannelSettings, settings: Settings, *, key: str
) -> "EmailChannel | RehearsalChannel | WebhookChannel":
    from channels.email import EmailChannel
    from channels.rehearsal import RehearsalChannel
    from channels.webhook import WebhookChannel

    accepted = _secrets(name, one, key=key)
    if one.kind == "webhook":
        return WebhookChannel(
            name=name,
            is_public=one.public,
            secrets=accepted,
            url=one.url,
            is_idempotent=one.is_idempotent,
            is_private_allowed=one.is_private_allowed,
        )
    if one.kind == "email":
        return EmailChannel(
            name=name,
            secrets=accepted,
            sender=one.sender,
            sender_name=one.sender_name,
            host=one.host,
            port=one.port,
            user=one.user,
            password=one.password.get_secret_value() if one.password else None,
            starttls=one.starttls,
            is_tls=one.tls,
            is_public=one.public,
        )
    return RehearsalChannel(name=name, is_public=one.public, secrets=accepted, folder=settings.home / "rehearsal")


def _secrets(name: str, one: ChannelSettings, *, key: str) -> tuple[str, ...]:
    from channels.http import derived_secret

    return tuple(secret.get_secret_value() for secret in one.secrets) or (derived_secret(key, name),)


def signed_inbox_request(settings: Settings, channel: str, body: bytes) -> dict[str, str]:
    """Headers that sign a body as this channel's sender would. Raises NotFound for a channel we do not have."""
    from channels.http import signed_headers

    if channel not in settings.channels:
        raise NotFound("channel", channel)
    now = utc_now()
    secret = _secrets(channel, settings.channels[channel], key=secret_key(settings))[0]
    return signed_headers(secret, id=new_id("evt", now=now), body=body, at=now)


def secret_key(settings: Settings) -> str:
    """The deployment's secret key: the one that is set, else one made once and kept in the home folder."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.home / "secret.key"
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        return _new_secret(path)


def _new_secret(path: Path) -> str:
    """Made whole under another name first: of two processes that start at once both end up with the same key."""
    draft = path.with_name(f".secret-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text("ascii").strip()


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
    from model.tone import ChannelLimit, ToneModel, VoiceRules
    from playbook.lengths import COUNTED_AS

    voice = VoiceRules(
        profile=book.voice.profile,
        language=book.voice.language,
        emoji=book.voice.emoji,
        forbidden=book.voice.forbidden,
        allowed=frozenset({book.brand.name}),
    )
    limits = {
        name: ChannelLimit(rules.limit, COUNTED_AS[rules.counted_as], rules.private_limit)
        for name, rules in book.channels.items()
    }
    if settings.tone_folder.exists():
        return ToneModel.load(settings.tone_folder, voice=voice, limits=limits)
    return ToneModel.rules_only(voice=voice, limits=limits)
