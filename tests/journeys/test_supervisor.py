"""`tactful up` with real processes: one service a home, nobody left behind, messages taken without a model."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.children import Child, stop
from cli.up import first_people
from wiring.channels import signed_inbox_request
from wiring.lock import began
from wiring.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.issue(18)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "h"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port_number: int = probe.getsockname()[1]
        return port_number


@pytest.fixture
def up(home: Path, port: int, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts the service, with a bundle that is broken."""
    started: list[subprocess.Popen[str]] = []
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    env = {**os.environ, "TACTFUL_HOME": str(home), "TACTFUL_MODEL__BUNDLE": str(broken)}
    env |= {"TACTFUL_MODEL__ENCODER": "none", "TACTFUL_WORKERS__NOTIFY": "0"}

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "cli.main", "up", "--json", "--port", str(port)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, cwd=ROOT, env=env, text=True, **pipes))  # type: ignore[call-overload]
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)


def eventually(holds: Callable[[], bool], *, within_s: float = 90) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def living(home: Path) -> set[int]:
    """Processes that work in this home, the queue's server among them."""
    pids = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
            if (
                str(home).encode() in said
                and began(int(folder.name))
                and "Z" not in (folder / "stat").read_text().split()
            ):
                pids.add(int(folder.name))
        except OSError:
            continue
    return pids


def said_of(home: Path, port: int, path: str, body: bytes | None = None) -> tuple[int, dict[str, object]]:
    headers = signed_inbox_request(Settings(home=home), "chat", body) if body else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        """Nowhere: where it leads is not asked for."""


def used(link: str) -> int:
    """The status that using a sign-in link is answered with."""
    page, _, token = link.partition("?token=")
    try:
        with urllib.request.build_opener(Stay).open(page, data=f"token={token}".encode(), timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_one_service_a_home_and_no_process_outlives_it(
    home: Path, port: int, up: Callable[[], subprocess.Popen[str]]
) -> None:
    first = up()
    assert first.stdout is not None
    login = json.loads(first.stdout.readline())

    # A broken bundle takes nothing down but what reads.
    status, health = said_of(home, port, "/health/ready")
    assert (status, health["status"]) == (200, "degraded")
    body = json.dumps({"messages": [{"id": "m1", "text": "Hello", "author": {"handle": "kim"}}]}).encode()
    assert said_of(home, port, "/inbox/chat", body)[0] == 202

    second = up()
    _, why = second.communicate(timeout=120)
    assert second.returncode == 1
    assert f"process {first.pid}" in why

    # The supervisor dies without a word; its children follow.
    assert len(living(home)) >= 5
    first.kill()
    first.wait()
    eventually(lambda: not living(home))

    third = up()
    assert third.stdout is not None
    again = json.loads(third.stdout.readline())
    assert again["email"] == login["email"]
    assert again["password"] != login["password"], "nobody signed in: the login is shown again, made anew"
    assert "key" not in again
    assert used(login["sign_in"]) == 410, "a link of an earlier start is over"
    assert [used(again["sign_in"]), used(again["sign_in"])] == [303, 410]
    assert first_people(Settings(home=home)) == {}, "somebody signed in: no link and no password is made any more"
    third.send_signal(signal.SIGTERM)
    _, told = third.communicate(timeout=120)
    token = again["sign_in"].partition("token=")[2]
    assert [token in line for line in told.splitlines() if "welcome" in line] == [True], "shown, and in no other line"
    assert third.returncode == 0
    eventually(lambda: not living(home), within_s=15)


def test_a_port_that_another_program_has_is_refused(port: int, up: Callable[[], subprocess.Popen[str]]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        process = up()
        _, why = process.communicate(timeout=120)

    assert process.returncode == 5
    assert f"Port {port} on 127.0.0.1 cannot be used" in why


def test_a_frozen_process_is_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.children.FROZEN_S", 1.0)
    beats = "import sys, time; from pathlib import Path; from wiring.processes import start_beating\n"
    child = Child(
        "beating",
        [sys.executable, "-c", f"{beats}start_beating(Path({str(home)!r})); time.sleep(60)"],
        os.environ,
        home,
    )
    child.start()
    try:
        eventually(lambda: (home / "run" / "beating.beat").exists())
        assert child.process is not None
        frozen = child.process.pid
        os.kill(frozen, signal.SIGSTOP)

        eventually(lambda: child.tend())

        assert child.process.pid != frozen
        assert began(frozen) is None
    finally:
        stop([child], is_hurried=lambda: True)
