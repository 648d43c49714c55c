"""What is plugged into what: the only place where concrete classes meet.

Everything heavy is imported inside the function that needs it, so that a worker that only sends never loads a model.
That a class keeps its port's contract is checked where it is assigned to a typed name here.
"""

import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from care.delivery import Delivery
from care.errors import BadSettings, NotFound
from care.escalation import NOTICES
from care.ids import new_id
from care.journey import Journey
from care.policy import Policy
from care.ports import (
    Channel,
    Classifier,
    Drafter,
    GoalReader,
    JobQueue,
    Notifier,
    PlayReader,
    Redactor,
    SurveyReader,
    ToneChecker,
    utc_now,
)
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
    from playbook.book import Playbook
    from playbook.shelf import LiveShelf, Shelf
    from wiring.queue import RqQueue

DEFAULT_UNDO_S = 10.0


def journey(settings: Settings, *, is_shared: bool = False) -> Journey:
    """The whole life of a message, with everything it needs. Loads the bundle: takes seconds, called once.

    is_shared: one run of the classifier is for many who ask.
    """
    from wiring.playbook import LiveTone, PlaybookSurvey, Suspended

    shelf = _shelf(settings)
    checker = LiveTone(shelf, lambda book: _tone(settings, book))
    survey: SurveyReader = PlaybookSurvey(shelf)
    finder = redactor(settings)
    # Presidio takes a second to load: not while somebody waits for the first message that needs it.
    threading.Thread(target=finder.warm, name="warm", daemon=True).start()
    kept = store(settings)
    return Journey(
        store=kept,
        channels=channels(settings),
        redactor=finder,
        classifier=shared_classifier(settings) if is_shared else classifier(settings),
        drafter=_drafter(shelf, checker, Suspended(kept)),
        tone=checker,
        queue=queue(settings),
        clock=utc_now,
        undo_s=_undo_s(settings, shelf().book),
        prepare_lease_s=settings.workers.prepare_lease_s,
        deliver_lease_s=settings.workers.deliver_lease_s,
        survey=survey,
    )


def delivery(settings: Settings) -> Delivery:
    """What delivers replies and notices: no model is loaded."""
    return Delivery(
        store=store(settings),
        channels=channels(settings),
        clock=utc_now,
        lease_s=settings.workers.deliver_lease_s,
        notifier=notifier(settings),
        console_url=settings.url,
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

    Raises BundleError when there is none or it is damaged.
    """
    return _classifier(settings, bundle or settings.bundle, threads=1)


def intents(settings: Settings, *, bundle: Path | None = None) -> tuple[str, ...]:
    """The intents a bundle tells apart: the one that serves, or another one by its folder. Raises BundleError."""
    return tuple(_classifier(settings, bundle or settings.bundle, threads=1).labels.get("intent", ()))


def shared_classifier(settings: Settings) -> Classifier:
    """The bundle that serves, for the door that reads what meets in one run (`api/batching.py`): on all cores."""
    return _classifier(settings, settings.bundle, threads=os.cpu_count() or 1)


def _classifier(settings: Settings, bundle: Path, *, threads: int) -> "MessageClassifier":
    from model.classifier import MessageClassifier
    from model.risk import risk_folder

    # Resolved once: where `current` is turned meanwhile, bundle and encoder still belong together.
    folder = bundle.resolve()
    reader = encoder(settings, bundle=folder, threads=threads)
    wanted = settings.model.precision or None
    return MessageClassifier.open(
        folder, redactor=redactor(settings), encoder=reader, precision=wanted, risk=risk_folder(settings.home)
    )


def tone(settings: Settings) -> ToneChecker:
    """What judges every outgoing text, with the playbook's voice and limits.

    Its rules stand by themselves; the trained head joins them where there is one.
    Raises BadPlaybook, and BundleError when the head is damaged.
    """
    return _tone(settings, _playbook(settings))


def _tone(settings: Settings, book: "Playbook") -> ToneChecker:
    from model.tone import ChannelLimit, ToneModel, Voice

    voice = Voice(
        profile=book.voice.profile,
        language=book.voice.language,
        emoji=book.voice.emoji,
        forbidden=book.voice.forbidden,
        allowed=frozenset({book.brand.name}),
    )
    limits = {name: ChannelLimit(rules.limit, rules.length) for name, rules in book.channels.items()}
    if settings.tone_folder.exists():
        return ToneModel.load(settings.tone_folder, voice=voice, limits=limits)
    return ToneModel.rules_only(voice=voice, limits=limits)


def drafter(settings: Settings) -> Drafter:
    """What decides and drafts. Raises BadPlaybook with every problem of the playbook folder."""
    from playbook.shelf import Shelf

    shelf = Shelf.of(_playbook(settings))
    return _drafter(lambda: shelf, _tone(settings, shelf.book))


def _drafter(
    shelf: "Callable[[], Shelf]", checker: ToneChecker, suspended: Callable[[], frozenset[str]] = frozenset
) -> Drafter:
    from playbook.drafter import PlaybookDrafter

    return PlaybookDrafter(shelf=shelf, tone=checker, suspended=suspended)


def _shelf(settings: Settings) -> "LiveShelf":
    """The playbook, read again within seconds of an edit."""
    from playbook.shelf import LiveShelf

    return LiveShelf(settings.playbook)


def policy(settings: Settings) -> Callable[[], Policy]:
    """Hours, targets and escalation steps of the playbook in use. Raises BadPlaybook at the start."""
    from wiring.playbook import policy_on

    return policy_on(_shelf(settings))


def goal_reader(settings: Settings) -> GoalReader:
    """What puts the goals of the playbook beside what was reached so far. Raises BadPlaybook at the start."""
    from wiring.playbook import PlaybookGoals

    return PlaybookGoals(_shelf(settings), store(settings))


def play_reader(settings: Settings) -> PlayReader:
    """What reads out of drafts and their fate how the plays do. Raises BadPlaybook at the start."""
    from wiring.playbook import PlaybookReader

    return PlaybookReader(_shelf(settings))


def _playbook(settings: Settings) -> "Playbook":
    from playbook.book import load

    return load(settings.playbook)


def _undo_s(settings: Settings, book: "Playbook") -> dict[str, float]:
    """Undo windows by channel: the settings' word over the playbook's, ten seconds where neither says.

    "*" in the settings speaks for every channel they do not name.
    """
    said = settings.replies.undo_s
    return {"*": DEFAULT_UNDO_S, **({} if "*" in said else book.undo_s), **said}
