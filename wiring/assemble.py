"""What is plugged into what: the only place where concrete classes meet.

Everything heavy is imported inside the function that needs it, so that a worker that only sends never loads a model.
That a class keeps its port's contract is checked where it is assigned to a typed name here.
"""

import os
import secrets
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from care.delivery import Delivery
from care.errors import BadSettings, NotFound
from care.escalation import NOTICES
from care.ids import new_id
from care.journey import Journey
from care.ports import Channel, Classifier, JobQueue, Links, Notifier, Playbook, Redactor, ToneChecker, utc_now
from care.work import Store
from wiring.embedded import url_of
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


class Assembly:
    """One process's parts: each is made once, when it is first asked for, so that all who need one share it.

    bundle: another one than that which serves. threads: cores that one run of the classifier may use. is_trial: for
    who tries a playbook: it stays as it was opened, and plays that people keep rejecting speak too.
    """

    def __init__(
        self, settings: Settings, *, bundle: Path | None = None, threads: int = 1, is_trial: bool = False
    ) -> None:
        self.settings = settings
        self._bundle = bundle or settings.bundle
        self._threads = threads
        self._is_trial = is_trial

    @cached_property
    def store(self) -> Store:
        return store(self.settings)

    @cached_property
    def redactor(self) -> "SensitiveFinder":
        return redactor(self.settings)

    @cached_property
    def classifier(self) -> Classifier:
        """Loads the bundle, which takes seconds. Raises BundleError."""
        return _classifier(self.settings, self._bundle, redactor=self.redactor, threads=self._threads)

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

        return LiveTone(self.playbook, lambda book: tone_of(self.settings, book))

    @cached_property
    def queue(self) -> "RqQueue":
        return queue(self.settings)

    @cached_property
    def channels(self) -> dict[str, Channel]:
        return channels(self.settings)

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
            prepare_lease_s=settings.workers.prepare_lease_s,
            deliver_lease_s=settings.workers.deliver_lease_s,
            links=links(settings),
            console_url=settings.url,
        )

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


def store(settings: Settings) -> Store:
    """The store. Connects at the first transaction."""
    from store.work import open_store

    _own_file(settings)
    return open_store(settings.database_url)


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
        },
    )
    _: JobQueue = rung
    return rung


def channels(settings: Settings) -> dict[str, Channel]:
    """Every configured channel to customers by name; those that nobody switched on only rehearse."""
    key = secret_key(settings)
    named = {name: one for name, one in settings.channels.items() if name != NOTICES}
    return {name: _channel(name, one, settings, key=key) for name, one in named.items()}


def notifier(settings: Settings) -> Notifier:
    """What tells contacts of the playbook that a message climbed to them; rehearses until somebody switches it on."""
    return _channel(NOTICES, settings.channels[NOTICES], settings, key=secret_key(settings))


def links(settings: Settings) -> Links:
    """What signs the way of a contact without a login to what was handed to them."""
    from wiring.links import SignedLinks

    return SignedLinks(secret_key(settings))


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


def encoder(settings: Settings, *, bundle: Path | None = None, threads: int = 1) -> "Encoder | None":
    """The sentence encoder; None where it is switched off or its libraries are not installed.

    bundle: folder of a bundle, whose own encoder goes before the common one. threads: cores that one run may use.
    Raises BundleError when its files are missing or not the right ones.
    """
    from model.bundle import own_encoder
    from model.encoder import Encoder, has_libraries, is_available

    own = own_encoder(bundle) if bundle is not None else None
    if settings.model.encoder == "none" or not (has_libraries() if own else is_available()):
        return None
    return Encoder.load(own or settings.encoder_folder, threads=threads)


def classifier(settings: Settings, *, bundle: Path | None = None) -> Classifier:
    """A bundle, ready to read messages: the one that serves, or another one by its folder.

    For who needs nothing else. Raises BundleError when there is none or it is damaged.
    """
    return Assembly(settings, bundle=bundle).classifier


def intents(settings: Settings, *, bundle: Path | None = None) -> tuple[str, ...]:
    """The intents a bundle tells apart: the one that serves, or another one by its folder. Raises BundleError."""
    return tuple(labels(settings, bundle=bundle).get("intent", ()))


def labels(settings: Settings, *, bundle: Path | None = None) -> Mapping[str, Sequence[str]]:
    """What a bundle tells apart, by task. Raises BundleError."""
    return classifier(settings, bundle=bundle).labels


def reads_risk(settings: Settings) -> bool:
    """Whether the heads for what cannot wait are there."""
    from model.risk import risk_folder

    return risk_folder(settings.home).exists()


def _classifier(settings: Settings, bundle: Path, *, redactor: Redactor, threads: int) -> "MessageClassifier":
    from model.classifier import MessageClassifier
    from model.risk import risk_folder

    # Resolved once: where `current` is turned meanwhile, bundle and encoder still belong together.
    folder = bundle.resolve()
    reader = encoder(settings, bundle=folder, threads=threads)
    wanted = settings.model.precision or None
    return MessageClassifier.open(
        folder, redactor=redactor, encoder=reader, precision=wanted, risk=risk_folder(settings.home)
    )


def tone(settings: Settings) -> "ToneModel":
    """What judges every outgoing text, by the playbook as it is now. Raises BadPlaybook, BundleError."""
    from playbook.book import load

    return tone_of(settings, load(settings.playbook))


def tone_of(settings: Settings, book: "Book") -> "ToneModel":
    """What judges every outgoing text, with a playbook's voice and limits.

    Its rules stand by themselves; the trained head joins them where there is one.
    Raises BundleError when the head is damaged.
    """
    from model.tone import ChannelLimit, ToneModel, Voice
    from playbook.lengths import COUNTED_AS

    voice = Voice(
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
