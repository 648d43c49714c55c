"""Processes of the service that end where they are told: `python -m tests.journeys.failing STORE QUEUE FOLDER CHANNEL`.

A host that has everything imported forks one real process for each line of JSON it reads, `{"role", "failpoint",
"ahead_s"}`, says its number, and later how it ended. Roles: api (until it is killed), prepare, deliver, sweep, forget,
retry, migrate.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn

from api.app import create_app
from api.depends import Parts
from care import failpoints
from care.forgetting import Forgetting
from care.journey import Journey
from care.ports import utc_now
from care.quarantine import Quarantine
from channels.webhook import WebhookChannel
from store.files import FolderFiles
from store.migrate import migrate
from store.work import open_store
from tests.journeys.crash import ShiftedClock, pointed_journey
from wiring.beside import ProofList
from wiring.copies import FileCopies
from wiring.queue import RqQueue, connect
from wiring.settings import Settings
from workers.run import work_on
from workers.sweep import sweep

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
CUSTOMER = "kim"


def socket_of(folder: Path) -> Path:
    return folder / "api.sock"


class Roles:
    """What a process does, on one store, queue and channel."""

    def __init__(self, store_url: str, queue_url: str, folder: Path, channel_url: str, ahead_s: float) -> None:
        self.store_url, self.queue_url, self.folder = store_url, queue_url, folder
        clock = ShiftedClock(timedelta(seconds=ahead_s))
        self.store = open_store(store_url, clock=clock)
        self.queue = RqQueue(connect(queue_url), {"prepare": 60, "deliver": 60})
        channel = WebhookChannel("chat", False, [SECRET], channel_url, is_private_allowed=True, timeout_s=5)
        parts: dict[str, Any] = {"channels": {"chat": channel}, "queue": self.queue, "clock": clock}
        self.walk: Journey = pointed_journey(store_url, folder, lambda _: None, **parts, store=self.store)

    def api(self) -> None:
        path = socket_of(self.folder)
        path.unlink(missing_ok=True)
        app = create_app(parts=Parts(journey=self.walk))
        uvicorn.Server(uvicorn.Config(app, uds=str(path), log_level="error", access_log=False)).run()

    def prepare(self) -> None:
        work_on("prepare", self.walk, url=self.queue_url, is_burst=True)

    def deliver(self) -> None:
        work_on("deliver", self.walk, url=self.queue_url, is_burst=True)

    def sweep(self) -> None:
        sweep(self.store, self.queue, self.walk.channels, unrung_s=0)

    def forget(self) -> None:
        files = FolderFiles(self.folder / "attachments", True, 10**6, 10**5, frozenset())
        proofs, copies = ProofList(self.folder, "a secret of ours"), FileCopies(Settings(home=self.folder))
        forgetting = Forgetting(self.store, files, proofs, copies, self.walk.clock)
        if not forgetting.again():
            forgetting.forget(CUSTOMER, by="operator")

    def retry(self) -> None:
        """Try again what nobody could read, as a version would that can read it."""
        from channels import payload

        payload._moment = lambda value, where: utc_now()  # type: ignore[assignment]
        walk = self.walk
        quarantine = Quarantine(self.store, walk.redactor, walk.clock, walk.receive, walk.acknowledge)
        with self.store(read=True) as work:
            items = work.quarantine.page()
        for item in items:
            quarantine.retry(walk.channels, item.id, by="operator")

    def migrate(self) -> None:
        self.store.close()
        migrate(self.store_url)


def forked(work: Callable[[], None]) -> int:
    """The number of a process that does this and ends with 0; 1 where it fails."""
    child = os.fork()
    if child:
        return child
    code = 1
    # What it logs must not stand among what the host says.
    os.dup2(2, 1)
    try:
        work()
        code = 0
    except BaseException as error:  # noqa: BLE001  a child that fails must not go on as its parent
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        os._exit(code)


def say(**told: int) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main(store_url: str, queue_url: str, folder: str, channel_url: str) -> None:
    # Whoever started this process may be gone.
    threading.excepthook = lambda _: None
    for line in sys.stdin:
        told = json.loads(line)

        def work(told: dict[str, Any] = told) -> None:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            roles = Roles(told.get("store", store_url), queue_url, Path(folder), channel_url, told["ahead_s"])
            failpoints.arm(told["failpoint"])
            getattr(roles, told["role"])()

        pid = forked(work)
        say(pid=pid)
        if told["role"] != "api":
            _, status = os.waitpid(pid, 0)
            say(code=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(*sys.argv[1:])
