"""`tactful up`: the queue server, the API, the workers and the sweep under one supervisor."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from care.access import Role, Scope
from care.errors import Unreachable
from care.ports import utc_now
from cli.people import new_password

if TYPE_CHECKING:
    from wiring.settings import Settings

# Longer than the longest job (60 s) plus its watchdog's patience.
STOP_TIMEOUT_S = 75.0
READY_TIMEOUT_S = 60.0
MAX_BACK_OFF_S = 30.0
FIRST_PERSON = "agent@example.test"


def up(
    demo: Annotated[bool, typer.Option("--demo", help="Play the sample conversations through the inbox.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the API and the console.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="When ready, one object on stdout: url, and secrets if new.")
    ] = False,
) -> None:
    """Start everything on this machine; Ctrl-C stops it cleanly."""
    from wiring.embedded import queue_server
    from wiring.home import keep_private
    from wiring.logs import set_up_logs
    from wiring.settings import load_settings

    # One line a job would bury what a person at this terminal needs to see.
    os.environ.setdefault("TACTFUL_LOGS__LEVEL", "warning")
    settings = load_settings(**({"server": {"port": port}} if port else {}))
    set_up_logs(settings)
    keep_private(settings.home)
    with stop_signals() as stopped, queue_server(settings) as redis_url:
        env = {**os.environ, "TACTFUL_REDIS__URL": redis_url, "TACTFUL_HOME": str(settings.home)}
        if port:
            env["TACTFUL_SERVER__PORT"] = str(port)
        migrate(settings)
        welcome = first_people(settings)
        children = [Child(name, command, env) for name, command in processes(settings).items()]
        try:
            for child in children:
                child.start()
            wait_until_ready(settings, children, stopped)
            if not stopped:
                greet(settings, welcome)
            if as_json and not stopped:
                sys.stdout.write(json.dumps({"url": base_url(settings), **welcome}) + "\n")
                sys.stdout.flush()
            if demo and not stopped:
                play_demo(settings)
            while not stopped:
                for child in children:
                    child.tend()
                time.sleep(0.2)
        finally:
            # Whatever went wrong, even a terminal that is gone: nobody is left running.
            try:
                say("stopping: finishing what is under way")
            finally:
                stop(children)
    say("stopped; nothing is lost, start again with the same command")


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """A list that fills with the first SIGINT or SIGTERM; a second one raises KeyboardInterrupt."""
    received: list[int] = []

    def note(number: int, frame: object) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say(text: str) -> None:
    typer.echo(text, err=True)


def migrate(settings: "Settings") -> None:
    from wiring.assemble import migrate as migrate_store

    migrate_store(settings)


def processes(settings: "Settings") -> dict[str, list[str]]:
    """Every process that has to run, by name: one queue each, so that RQ cannot lose a job between two."""
    tactful = [sys.executable, "-m", "cli.main"]
    named = {"api": [*tactful, "serve"], "sweep": [*tactful, "sweep"]}
    for n in range(settings.workers.prepare):
        named[f"prepare-{n + 1}"] = [*tactful, "worker", "prepare"]
    for n in range(settings.workers.deliver):
        named[f"deliver-{n + 1}"] = [*tactful, "worker", "deliver"]
    for n in range(settings.workers.notify):
        named[f"notify-{n + 1}"] = [*tactful, "worker", "notify"]
    for n in range(settings.workers.webhook):
        named[f"webhook-{n + 1}"] = [*tactful, "worker", "webhook"]
    return named


@dataclass(slots=True)
class Child:
    """One process that is always started again, whatever its exit code: RQ workers leave with 0 when Redis blinks."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    back_off_s: float = 1.0
    start_again_at: float = 0.0
    restarts: int = field(default=0)

    def start(self) -> None:
        # A process group of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops the others.
        self.process = subprocess.Popen(self.command, env=dict(self.env), start_new_session=True)
        self.started_at = time.monotonic()

    def tend(self) -> None:
        """Start it again when it has ended, later each time it ends quickly."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return
            lived_s = now - self.started_at
            self.back_off_s = 1.0 if lived_s > 60 else min(self.back_off_s * 2, MAX_BACK_OFF_S)
            self.start_again_at = now + (0.0 if lived_s > 60 else self.back_off_s / 2)
            say(f"{self.name} ended with {self.process.returncode}; starting it again")
            self.process = None
        if now >= self.start_again_at:
            self.restarts += 1
            self.start()


def stop(children: list[Child]) -> None:
    """Ask every process to finish, wait, and end by force what does not."""
    running = [child.process for child in children if child.process is not None and child.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_S
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def base_url(settings: "Settings") -> str:
    host = settings.server.host if settings.server.host not in ("0.0.0.0", "::") else "127.0.0.1"
    return f"http://{host}:{settings.server.port}"


def wait_until_ready(settings: "Settings", children: list[Child], stopped: list[int]) -> None:
    """Wait for /health/ready. Raises Unreachable when the API ends or takes too long."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline and not stopped:
        try:
            with urllib.request.urlopen(f"{base_url(settings)}/health/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            api = children[0].process
            if api is not None and api.poll() is not None:
                raise Unreachable(
                    f"The API did not start (exit code {api.returncode}); the lines above say why. "
                    f"Is port {settings.server.port} taken? Try --port."
                ) from None
            time.sleep(0.1)
    if not stopped:
        raise Unreachable(f"The API did not become ready within {READY_TIMEOUT_S:.0f} s; see `tactful doctor`.")


def first_people(settings: "Settings") -> dict[str, str]:
    """On the first start, a person and a key: their secrets are shown once and kept as hashes only."""
    from care.people import make_person
    from care.service_keys import make_key
    from wiring.assemble import store
    from wiring.passwords import hash_password

    with store(settings)() as work:
        if work.access.people():
            return {}
        password = new_password()
        make_person(work, FIRST_PERSON, "Ada", Role.ADMIN, hash_password(password), now=utc_now())
        key, _ = make_key(work, "first key", (Scope.CLASSIFY, Scope.READ, Scope.WRITE), now=utc_now())
    return {"email": FIRST_PERSON, "password": password, "key": key}


def greet(settings: "Settings", welcome: Mapping[str, str]) -> None:
    """Say where everything is; the first time with the login and a curl that works when pasted."""
    url = base_url(settings)
    lines = ["", f"  console   {url}"]
    if welcome:
        lines += [
            f"  login     {welcome['email']}  /  {welcome['password']}   (shown once)",
            f"  API key   {welcome['key']}   (shown once)",
            "",
            "  try it:",
            f"  curl -s {url}/v1/classify -H 'Authorization: Bearer {welcome['key']}' "
            "-H 'Content-Type: application/json' -d '{\"text\": \"charged twice!! fix this today\"}'",
        ]
    else:
        lines.append(f"  login     as before; `tactful people password {FIRST_PERSON}` sets a new one")
    say("\n".join([*lines, ""]))


def play_demo(settings: "Settings") -> None:
    """Post the sample conversations to the real inbox, signed as a channel would sign them; twice changes nothing."""
    from wiring.assemble import signed_inbox_request

    folder = settings.fixtures / "demo"
    received = 0
    conversations = (folder / "conversations.jsonl").read_text("utf-8").splitlines()
    for conversation in map(json.loads, conversations):
        messages = [
            {
                "id": f"{conversation['thread']}-{n}",
                "thread_id": conversation["thread"],
                "text": text,
                "author": conversation["author"],
                "visibility": conversation["visibility"],
                "is_sample": True,
            }
            for n, text in enumerate(conversation["messages"], 1)
        ]
        body = json.dumps({"messages": messages}, ensure_ascii=False).encode()
        headers = signed_inbox_request(settings, conversation["channel"], body)
        request = urllib.request.Request(
            f"{base_url(settings)}/inbox/{conversation['channel']}", data=body, headers=headers
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            received += len(json.loads(answer.read())["ids"])
    say(
        f"  {received} sample messages played through the inbox"
        if received
        else "  the sample messages are in the inbox"
    )
