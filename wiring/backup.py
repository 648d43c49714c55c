"""A backup of everything together, and its way back: database, secret key, playbook, knowledge, attachments, who was
forgotten; bundles where they are wanted. Every file is checked by its hash, on both ways.
"""

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from care.errors import BadInput, Conflict
from care.ports import utc_now
from wiring.assemble import Assembly, migrate
from wiring.beside import FORGOTTEN, Epoch, add_proofs, note_epoch, read_epoch, read_proofs
from wiring.lock import service_of
from wiring.measures import BACKED_UP
from wiring.opening import check_in
from wiring.secret_key import secret_key
from wiring.settings import SOURCE, Settings
from wiring.spool import FOLDER as SPOOL

MANIFEST = "manifest.json"
KIND = "tactful backup 1"
_KEY, _PLAYBOOK, _KNOWLEDGE, _BUNDLES = "secret.key", "playbook", "knowledge", "bundles"
_REHEARSAL = "rehearsal"
_FOLDERS = ("attachments", _REHEARSAL, SPOOL)
_ARCHIVES = (".tar", ".tar.gz", ".tgz")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself. files: by path, its hash."""

    made_at: datetime
    revision: str
    store_id: str
    epoch: int
    files: dict[str, str]


def back_up(settings: Settings, target: Path, *, with_bundles: bool = False) -> Backup:
    """Copy everything to a folder, or into one file. The service may run and be written to meanwhile.

    Raises Conflict where something stands at `target` already, Unreachable where the database cannot be copied.
    """
    if target.exists():
        raise Conflict(f"{target} is there already; give a backup a name of its own.")
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.with_name(f".{target.name}-unfinished")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        made = _write(settings, folder, with_bundles=with_bundles)
        check(folder)
        if target.name.endswith(_ARCHIVES):
            _pack(folder, target)
            shutil.rmtree(folder)
        else:
            folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _step(settings, target)
    return made


def check(source: Path) -> Backup:
    """Whether every file of a backup is there and is what it was. Raises BadInput that names the first that is not."""
    from store.copying import POSTGRESQL, SQLITE, check_copy

    with _unpacked(source) as folder:
        backup = _read(folder)
        for name, digest in backup.files.items():
            path = folder / name
            if not path.is_file():
                raise BadInput(f"{source}: {name} is missing.")
            if _digest(path) != digest:
                raise BadInput(f"{source}: {name} is not what was backed up.")
        for name in (SQLITE, POSTGRESQL):
            if name in backup.files:
                check_copy(folder / name)
        return backup


def restore(settings: Settings, source: Path, *, is_forced: bool = False) -> dict[str, int]:
    """Put a backup back into this home. What was there is moved aside; what is on its way out is held.

    is_forced: also over a store that is another one. Returns what was held, counted. Raises BadInput for a backup that
    is damaged or of a newer tactful, Conflict while a service runs here and for another store.
    """
    from store.copying import name_of_copy, put_back

    backup = check(source)
    beside = read_epoch(settings.home)
    _refuse(settings, backup, beside, is_forced=is_forced)
    aside = settings.home / f"before-restore-{utc_now():%Y%m%dT%H%M%S}"
    with _unpacked(source) as folder:
        # From here on no door opens before the restore has ended.
        epoch = max(backup.epoch, beside.epoch if beside else 0)
        begun = Epoch(backup.store_id, epoch, beside.seen if beside else 0, is_restoring=True, is_greeted=True)
        note_epoch(settings.home, lambda kept: replace(kept or begun, store_id=backup.store_id, is_restoring=True))
        put_back(settings.database_url, folder / name_of_copy(settings.database_url), aside=aside)
        _put_key(settings, folder / _KEY, aside=aside)
        for name in (*_FOLDERS, _BUNDLES):
            if name == _REHEARSAL and (settings.home / name).exists():
                # It stands for a network: what it has taken since the backup it has still taken.
                continue
            if name == SPOOL:
                # What channels answered since the backup they have still answered.
                _copy_folder(folder / name, settings.home / name)
                continue
            _put_folder(folder / name, settings.home / name, aside=aside / name)
        if settings.playbook != SOURCE / "fixtures" / "playbook":
            _put_folder(folder / _PLAYBOOK, settings.playbook, aside=aside / _PLAYBOOK)
        if settings.knowledge_folder != SOURCE / "fixtures" / "knowledge":
            _put_folder(folder / _KNOWLEDGE, settings.knowledge_folder, aside=aside / _KNOWLEDGE)
        add_proofs(settings.home / FORGOTTEN, read_proofs(folder / FORGOTTEN))
        add_proofs(settings.home / FORGOTTEN, read_proofs(_list_beside(source)))
    migrate(settings)
    return check_in(settings, is_restored=True)


def _write(settings: Settings, folder: Path, *, with_bundles: bool) -> Backup:
    from store.copying import copy_to, name_of_copy
    from store.migrate import revision

    copy_to(settings.database_url, folder / name_of_copy(settings.database_url))
    _write_key(folder / _KEY, secret_key(settings))
    home = settings.home
    # Files after the database: what a message names is there.
    for name in (*_FOLDERS, *([_BUNDLES] if with_bundles else [])):
        _copy_folder(home / name, folder / name)
    _copy_folder(settings.playbook, folder / _PLAYBOOK)
    _copy_folder(settings.knowledge_folder, folder / _KNOWLEDGE)
    # Never under a hash: who is forgotten later is written here, too.
    add_proofs(folder / FORGOTTEN, read_proofs(home / FORGOTTEN))
    kept = read_epoch(home)
    files = {str(path.relative_to(folder)): _digest(path) for path in _files(folder) if path.name != FORGOTTEN}
    made = Backup(
        utc_now(), revision(settings.database_url), kept.store_id if kept else "", kept.epoch if kept else 0, files
    )
    said = {name: getattr(made, name) for name in Backup.__slots__} | {"made_at": made.made_at.isoformat()}
    (folder / MANIFEST).write_text(json.dumps({"kind": KIND, **said}, indent=1), "utf-8")
    for path in _files(folder):
        path.chmod(0o600)
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    return made


def _step(settings: Settings, target: Path) -> None:
    """The store goes on as a newer one than its copy."""
    with Assembly(settings) as parts, parts.store() as work:
        state = work.keeping.lock()
        if state is None:
            return
        work.keeping.save(replace(state, epoch=state.epoch + 1))
        work.note("store.backed_up", state.store_id, by="operator", facts={"epoch": state.epoch})
    (settings.home / BACKED_UP).touch(mode=0o600)
    copy = str((target if target.is_dir() else _list_beside(target).parent).absolute())

    def step(kept: Epoch | None) -> Epoch:
        kept = kept or Epoch(state.store_id, state.epoch)
        there = tuple(other for other in kept.copies if Path(other).is_dir() and other != copy)
        return replace(kept, epoch=max(kept.epoch, state.epoch + 1), copies=(*there, copy))

    note_epoch(settings.home, step)


def _refuse(settings: Settings, backup: Backup, beside: Epoch | None, *, is_forced: bool) -> None:
    from store.copying import is_empty
    from store.migrate import is_known

    running = service_of(settings.home)
    if running is not None:
        raise Conflict(f"tactful runs in this home (process {running}): stop it, then restore.")
    if not is_known(backup.revision):
        raise BadInput(
            f"The backup was made by a newer tactful (tables of version {backup.revision}): update this one."
        )
    if beside is None and not is_empty(settings.database_url) and not is_forced:
        raise Conflict("There is a database here already. `--force` puts it aside and the backup in its place.")
    if beside is not None and backup.store_id and beside.store_id != backup.store_id and not is_forced:
        raise Conflict(
            f"The backup is of {backup.store_id}, and this home belongs to {beside.store_id}: set TACTFUL_HOME, or say "
            "`--force`."
        )
    if not is_empty(settings.database_url):
        with Assembly(settings) as parts, parts.store(read=True) as work:
            n_users = work.keeping.n_users()
        if n_users:
            raise Conflict(f"{n_users} connections of tactful use this database: stop every service, then restore.")


def _put_key(settings: Settings, source: Path, *, aside: Path) -> None:
    if settings.secret_key is not None:
        return
    path, key = settings.home / _KEY, source.read_text("ascii")
    if path.exists():
        if path.read_text("ascii").strip() == key.strip():
            return
        aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(aside / _KEY)
    _write_key(path, key)


def _write_key(path: Path, key: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(key)


def _put_folder(source: Path, target: Path, *, aside: Path) -> None:
    if not source.is_dir():
        return
    if target.exists():
        aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.rename(aside)
    shutil.copytree(source, target)


def _copy_folder(source: Path, target: Path) -> None:
    """Copy what is there; what leaves meanwhile was let go, and names that begin with a point are nobody's yet."""
    for path in _files(source) if source.is_dir() else ():
        relative = path.relative_to(source)
        if any(part.startswith(".") for part in relative.parts):
            continue
        copy = target / relative
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, copy)
        except FileNotFoundError:
            continue


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _read(folder: Path) -> Backup:
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        if said.pop("kind") != KIND:
            raise ValueError("kind")
        return Backup(**{**said, "made_at": datetime.fromisoformat(said["made_at"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{folder} is no backup that `tactful backup` finished.") from error


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(folder: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}-draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w" if target.suffix == ".tar" else "w:gz") as archive:
            archive.add(folder, arcname=".")
        raw.flush()
        os.fsync(raw.fileno())
    draft.replace(target)
    _list_beside(target).parent.mkdir(mode=0o700, exist_ok=True)


def _list_beside(source: Path) -> Path:
    """Where those are noted who were forgotten after this backup was made; of a file, in a folder beside it."""
    return source / FORGOTTEN if source.is_dir() else source.with_name(f"{source.name}-forgotten") / FORGOTTEN


@contextmanager
def _unpacked(source: Path) -> Iterator[Path]:
    """A backup as a folder. Raises BadInput for what is none."""
    if source.is_dir():
        yield source
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tactful-restore-")))
        try:
            with tarfile.open(source) as archive:
                archive.extractall(folder, filter="data")
        except (OSError, tarfile.TarError, EOFError) as error:
            raise BadInput(f"{source} is no backup that can be read: {error}.") from error
        yield folder
