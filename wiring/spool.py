"""What a channel answered while the store could take nothing: a file an answer, beside the store, until it can."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import structlog

from care.outcome import Outcome
from care.reply import ReplyStage
from wiring.beside import write_whole

FOLDER = "spool"

log = structlog.get_logger("tactful.store")


@dataclass(frozen=True, slots=True)
class FolderSpool:
    """Satisfies care.outcome.Spool: files in the home folder, for its owner only. Ids and stages, no words."""

    folder: Path

    def keep(self, outcome: Outcome) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        moments = {name: at and at.isoformat() for name in ("sent_at", "not_before") for at in [getattr(outcome, name)]}
        write_whole(self._path(outcome), json.dumps({**asdict(outcome), **moments}, indent=1))

    def outcomes(self) -> Sequence[Outcome]:
        paths = sorted(self.folder.glob("*.json"), key=os.path.getmtime) if self.folder.is_dir() else []
        return [outcome for path in paths if (outcome := _read(path)) is not None]

    def drop(self, outcome: Outcome) -> None:
        self._path(outcome).unlink(missing_ok=True)

    def _path(self, outcome: Outcome) -> Path:
        return self.folder / f"{outcome.reply_id}-{outcome.attempt}.json"


def _read(path: Path) -> Outcome | None:
    try:
        said = json.loads(path.read_text("utf-8"))
        moments = {name: datetime.fromisoformat(said[name]) for name in ("sent_at", "not_before") if said[name]}
        return Outcome(**{**said, "stage": ReplyStage(said["stage"]), **moments})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        # It stays where it is, for a person to read.
        log.error("a kept outcome cannot be read", file=path.name, exc_info=error)
        return None
