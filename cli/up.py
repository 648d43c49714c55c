"""`tactful up`: the queue server, the API, the workers and the sweep under one supervisor."""

import json
import os
import secrets
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.health import INSTANCE, INSTANCE_HEADER
from care.access import Role, Scope
from care.errors import Unreachable
from care.ports import utc_now
from cli.children import Child, pids, say, stop
from cli.people import new_password
from wiring.lock import note_children, only_service
from wiring.processes import end_orphans, forget_restarts

if TYPE_CHECKING:
    from wiring.settings import Settings

READY_TIMEOUT_S = 180.0
FIRST_PERSON, FIRST_KEY = "agent@example.test", "first key"


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
    with stop_signals() as stopped, only_service(settings.home):
        if left := end_orphans(settings.home):
            say(f"ended what an earlier start left running: {', '.join(left)}")
        refuse_used_port(settings)
        if settings.drafting.rewriter:
            host = settings.drafting.rewriter
            say(f"drafts leave this machine, names and numbers as tokens, to be worded anew at {host}")
        with queue_server(settings) as redis_url:
            held = prepare_store(settings)
            welcome = first_people(settings)
            env = {**os.environ, "TACTFUL_REDIS__URL": redis_url, "TACTFUL_HOME": str(settings.home)}
            if port:
                env["TACTFUL_SERVER__PORT"] = str(port)
            with running_children(settings, env, stopped) as children:
                if not stopped:
                    tell_ready(settings, welcome, held, as_json=as_json)
                if demo and not stopped:
                    play_demo(settings)
                while not stopped:
                    if [child for child in children if child.tend()]:
                        note_children(settings.home, pids(children))
                    time.sleep(0.2)
    say("stopped; nothing is lost, start again with the same command")


@contextmanager
def running_children(settings: "Settings", env: Mapping[str, str], stopped: list[int]) -> Iterator[list[Child]]:
    """Every process of the service, ready to work; whatever goes wrong, nobody is left running at the end."""
    instance = secrets.token_hex(8)
    env = {**env, INSTANCE: instance}
    forget_restarts(settings.home)
    children = [Child(name, command, env, settings.home) for name, command in processes(settings).items()]
    try:
        for child in children:
            child.start()
        note_children(settings.home, pids(children))
        wait_until_ready(settings, children, stopped, instance=instance)
        yield children
    finally:
        # Even where the terminal is gone.
        try:
            say("stopping: finishing what is under way; once more to stop at once")
        finally:
            stop(children, is_hurried=lambda: len(stopped) > 1)
            note_children(settings.home, {})


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """A list that fills with every SIGINT and SIGTERM."""
    received: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda number, _: received.append(number)) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def refuse_used_port(settings: "Settings") -> None:
    """Raises Unreachable where another program has the port: it would answer in our place."""
    host, port = settings.server.host, settings.server.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unreachable(
                f"Port {port} on {host} cannot be used: {error.strerror}. Stop what uses it, or take another one with "
                "--port or TACTFUL_SERVER__PORT."
            ) from None


def prepare_store(settings: "Settings") -> dict[str, int]:
    """Bring the tables up to date, and look whether this store belongs here. Returns what was held, counted."""
    from wiring.assemble import migrate
    from wiring.opening import check_in

    migrate(settings)
    return check_in(settings)


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
    if settings.workers.train:
        named["train-1"] = [*tactful, "worker", "train"]
    return named


def base_url(settings: "Settings") -> str:
    host = settings.server.host if settings.server.host not in ("0.0.0.0", "::") else "127.0.0.1"
    return f"http://{host}:{settings.server.port}"


def wait_until_ready(settings: "Settings", children: list[Child], stopped: list[int], *, instance: str) -> None:
    """Wait until our own API is ready. Raises Unreachable when it ends, takes too long, or another one answers."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline and not stopped:
        try:
            with urllib.request.urlopen(f"{base_url(settings)}/health/ready", timeout=3) as answer:
                if answer.headers.get(INSTANCE_HEADER) == instance:
                    return
            raise Unreachable(f"Another program answers at {base_url(settings)}. Is port {settings.server.port} taken?")
        except (urllib.error.URLError, OSError):
            api = children[0].process
            if api is not None and api.poll() is not None:
                raise Unreachable(
                    f"The API did not start (exit code {api.returncode}); the lines above say why."
                ) from None
            time.sleep(0.1)
    if not stopped:
        raise Unreachable(f"The API did not become ready within {READY_TIMEOUT_S:.0f} s; see `tactful doctor`.")


def first_people(settings: "Settings") -> dict[str, str]:
    """A person, a link that signs them in once, and a key on the first start: shown, and kept as hashes only.

    Until they have signed in, login and link are made anew at each start, the key until it was shown.
    """
    from care.people import make_person, new_first_password, new_sign_in_link, the_person
    from care.service_keys import make_key
    from wiring.assemble import store
    from wiring.beside import read_epoch
    from wiring.passwords import hash_password

    kept = read_epoch(settings.home)
    is_greeted = kept is not None and kept.is_greeted
    password, welcome = new_password(), {}
    with store(settings)() as work:
        if not work.access.people():
            make_person(work, FIRST_PERSON, "Ada", Role.ADMIN, hash_password(password), now=utc_now())
            welcome = {"email": FIRST_PERSON, "password": password}
        elif new_first_password(work, FIRST_PERSON, hash_password(password)):
            welcome = {"email": FIRST_PERSON, "password": password}
        if welcome:
            token = new_sign_in_link(work, the_person(work, FIRST_PERSON), now=utc_now())
            welcome["sign_in"] = f"{base_url(settings)}/welcome?token={token}"
        unseen = [key for key in work.access.keys() if key.name == FIRST_KEY and key.revoked_at is None]
        if welcome and not (is_greeted and unseen):
            for key in unseen:
                work.access.revoke_key(key.id, at=utc_now())
            secret, _ = make_key(work, FIRST_KEY, (Scope.CLASSIFY, Scope.READ, Scope.WRITE), now=utc_now())
            welcome["key"] = secret
    return welcome


def tell_ready(settings: "Settings", welcome: Mapping[str, str], held: Mapping[str, int], *, as_json: bool) -> None:
    """Say where everything is, and remember that it was said."""
    from wiring.beside import note_greeted

    greet(settings, welcome)
    if n := held.get("replies", 0) + held.get("notices", 0):
        say(f"  The database is older than what was sent: {n} replies and notices are held. `tactful held list`\n")
    if as_json:
        sys.stdout.write(json.dumps({"url": base_url(settings), **welcome}) + "\n")
        sys.stdout.flush()
    note_greeted(settings.home)


def greet(settings: "Settings", welcome: Mapping[str, str]) -> None:
    """Say where everything is; the first time with the login and a curl that works when pasted."""
    url = base_url(settings)
    lines = ["", f"  console   {url}"]
    if welcome:
        lines.insert(1, f"  open      {welcome['sign_in']}   (signs you in once, within half an hour)")
        lines.append(f"  login     {welcome['email']}  /  {welcome['password']}   (shown until somebody signed in)")
    if "key" in welcome:
        lines += [
            f"  API key   {welcome['key']}   (shown once)",
            "",
            "  try it:",
            f"  curl -s {url}/v1/classify -H 'Authorization: Bearer {welcome['key']}' "
            "-H 'Content-Type: application/json' -d '{\"text\": \"charged twice!! fix this today\"}'",
        ]
    elif not welcome:
        lines.append(f"  login     as before; `tactful people password {FIRST_PERSON}` sets a new one")
    say("\n".join([*lines, ""]))


def play_demo(settings: "Settings") -> None:
    """Post the sample conversations to the real inbox, signed as a channel would sign them; twice changes nothing."""
    from wiring.channels import signed_inbox_request

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
