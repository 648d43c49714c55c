"""Before a door opens: whether tables, key and store belong here, and whether the store is as new as it was."""

import hashlib
import hmac
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog

from care.errors import BadSettings, NotFound, Unreachable
from care.forgetting import Forgetting
from care.holding import ask, hold_everything
from care.keeping import StoreState
from care.outcome import land
from care.ports import utc_now
from care.unit_of_work import Work
from wiring.assemble import Assembly
from wiring.beside import Epoch, ProofList, note_epoch, note_seen, read_epoch
from wiring.copies import FileCopies
from wiring.processes import frozen
from wiring.secret_key import make_secret_key, secret_key
from wiring.settings import Settings

LEAST_FREE_BYTES = 50 * 1024**2

log = structlog.get_logger("tactful.store")


def key_mark(settings: Settings) -> str:
    """What tells one secret key from another, and nothing of the key."""
    return hmac.new(secret_key(settings).encode(), b"which key", hashlib.sha256).hexdigest()[:16]


def check_tables(settings: Settings) -> None:
    """Raises Unreachable where the tables are not those of this version."""
    from store.migrate import newest_revision, revision

    there, ours = revision(settings.database_url), newest_revision()
    if there != ours:
        raise Unreachable(
            f"The database has the tables of version {there or 'none'}, and this tactful works with {ours}: "
            "`tactful migrate` brings them up to date; a database of a newer tactful needs that tactful."
        )


def check_in(settings: Settings, *, is_accepted: bool = False, is_restored: bool = False) -> dict[str, int]:
    """Open the store that belongs to this home; one that is older than it was is held. Returns what was held, counted.

    is_accepted: a person said that this database belongs here. is_restored: it was just put back from a copy.
    Raises BadSettings where key and store do not belong together, Unreachable for tables of another version.
    """
    check_tables(settings)
    home = settings.home
    beside = read_epoch(home)
    if beside is not None and beside.is_restoring and not (is_restored or is_accepted):
        raise BadSettings(
            f"A restore into {home} did not end: run `tactful restore` again; to work with what is there: "
            "`tactful accept database`."
        )
    with Assembly(settings) as parts:
        with parts.store() as work:
            known = work.keeping.lock()
            is_used = work.keeping.has_messages()
            if not is_accepted:
                _refuse_stranger(settings, known, beside, is_used=is_used)
            state = known or _new(settings, work, None if is_accepted else beside)
            held: dict[str, int] = {}
            is_older = is_restored or is_accepted or _is_older(work, known, beside)
            answered = parts.spool.outcomes() if is_older and is_used else ()
            if is_older and is_used:
                # What channels are known to have taken is not held.
                for outcome in answered:
                    with suppress(NotFound):
                        land(work, outcome, now=utc_now())
                state = replace(state, epoch=max(state.epoch, beside.epoch if beside else 0) + 1)
                held = hold_everything(work, state, at=utc_now())
            seen = work.trail.last()
        for outcome in answered:
            parts.spool.drop(outcome)
        note_epoch(home, lambda kept: _beside(kept, state, seen=seen, is_anew=is_older))
        if is_older and is_used:
            log.warning("store held", **held)
            ask(parts.store, parts.channels)
            forgetting(parts).again()
        return held


def look_again(parts: Assembly) -> dict[str, int]:
    """While the service runs: keep how far the store has come, and hold it when it is suddenly behind."""
    with parts.store(read=True) as work:
        state, seen = work.keeping.state(), work.trail.last()
    beside = read_epoch(parts.settings.home)
    if state is None or beside is None:
        return {}
    if state.store_id != beside.store_id or state.epoch < beside.epoch or seen < beside.seen:
        return check_in(parts.settings)
    note_seen(parts.settings.home, seen)
    return {}


def forgetting(parts: Assembly) -> Forgetting:
    """What forgets customers, here and in everything that lies beside the store."""
    settings = parts.settings
    return Forgetting(
        store=parts.store,
        files=parts.files,
        proofs=ProofList(settings.home, secret_key(settings)),
        copies=FileCopies(settings),
        clock=utc_now,
        wipe=parts.store.wipe,
    )


def health_checks(settings: Settings) -> dict[str, Callable[[], str]]:
    """What readiness looks at beside the store itself."""

    def tables() -> str:
        check_tables(settings)
        return "ok"

    def disk() -> str:
        free = shutil.disk_usage(settings.home).free
        return "ok" if free >= LEAST_FREE_BYTES else f"{free // 1024**2} MB free"

    def processes() -> str:
        silent = frozen(settings.home)
        return "ok" if not silent else f"no life: {', '.join(silent)}"

    return {"tables": tables, "disk": disk, "processes": processes}


def accept_key(settings: Settings) -> None:
    """A person says that the secret key is lost, or was changed on purpose: the one that is here now is right."""
    if settings.secret_key is None:
        path = settings.home / "secret.key"
        if not path.exists():
            make_secret_key(path)
    mark = key_mark(settings)
    with Assembly(settings) as parts, parts.store() as work:
        state = work.keeping.lock()
        if state is not None:
            work.keeping.save(replace(state, key_mark=mark))
            work.note("key.accepted", state.store_id, by="operator")


def _new(settings: Settings, work: Work, beside: Epoch | None) -> StoreState:
    store_id = beside.store_id if beside else f"store_{secrets.token_hex(8)}"
    state = StoreState(store_id, beside.epoch if beside else 1, key_mark(settings))
    work.keeping.save(state)
    return state


def _refuse_stranger(settings: Settings, state: StoreState | None, beside: Epoch | None, *, is_used: bool) -> None:
    home = settings.home
    is_another = state is None or (beside is not None and state.store_id != beside.store_id)
    if beside is not None and beside.seen and is_another and not is_used:
        raise BadSettings(
            f"The database is empty, and {home} was used with one that is not. Put it back with `tactful restore`, or "
            "correct TACTFUL_DATABASE__URL; to begin anew with it: `tactful accept database`."
        )
    if state is None:
        return
    if beside is not None and state.store_id != beside.store_id:
        raise BadSettings(
            f"The database is {state.store_id}, and {home} belongs to {beside.store_id}. Correct TACTFUL_HOME or "
            "TACTFUL_DATABASE__URL; if they belong together from now on: `tactful accept database`."
        )
    if state.key_mark != key_mark(settings):
        raise BadSettings(
            "The secret key is not the one that this database was used with: channels and links would be refused. "
            f"Put {home / 'secret.key'} back from a backup, or correct TACTFUL_SECRET_KEY; if it is lost: "
            "`tactful accept key`, and give every channel its new secret."
        )


def _is_older(work: Work, known: StoreState | None, beside: Epoch | None) -> bool:
    """Whether more may have gone out than the store knows.

    A home that never saw this store cannot tell; it believes others that work with it now.
    """
    if beside is None:
        return known is not None and not work.keeping.n_users()
    return (known is not None and known.epoch < beside.epoch) or work.trail.last() < beside.seen


def _beside(kept: Epoch | None, state: StoreState, *, seen: int, is_anew: bool) -> Epoch:
    kept = kept if kept is not None and kept.store_id == state.store_id else None
    if kept is None:
        return Epoch(state.store_id, state.epoch, seen)
    return replace(
        kept,
        epoch=max(kept.epoch, state.epoch),
        seen=seen if is_anew else max(kept.seen, seen),
        is_restoring=False,
    )
