"""What a connection may cost, over real sockets: headers, slow senders, many connections; and who behaves is served."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from api.app import create_app
from api.limits import Limits, limited
from tests.api.conftest import House
from tests.api.test_main_path import MESSAGE, signed
from wiring.settings import ServerSettings

TIGHT = Limits(head_bytes=4096, n_headers=20, head_s=0.5, body_idle_s=0.5, body_s=1.5, per_address=0)
HEAD = b"POST /x HTTP/1.1\r\nHost: testserver\r\n"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Reads the whole body and answers with its size."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    if scope["path"] == "/slow-reader":
        await asyncio.sleep(1.2)
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/slow-answer":
        await asyncio.sleep(1.2)
    body = str(size).encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(app: Any, limits: Limits = TIGHT) -> Iterator[Callable[[], socket.socket]]:
    """A real server on a port of its own; gives what opens a connection to it."""
    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=limited(limits), ws="none", lifespan="on" if app is not echo else "off", log_config=None,
        timeout_keep_alive=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield lambda: socket.create_connection(bound.getsockname(), timeout=10)
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()


@pytest.fixture
def connect() -> Iterator[Callable[[], socket.socket]]:
    with serving(echo) as connecting:
        yield connecting


def answer(sock: socket.socket) -> bytes:
    """Everything that comes until the other side hangs up."""
    got = b""
    try:
        while piece := sock.recv(65_536):
            got += piece
    except ConnectionResetError:
        pass
    return got


def status(got: bytes) -> int:
    return int(got.split(b" ", 2)[1]) if got else 0


def test_an_ordinary_request_is_served_and_the_connection_is_kept(connect: Callable[[], socket.socket]) -> None:
    with connect() as sock:
        for _ in range(3):
            sock.sendall(HEAD + b"Content-Length: 5\r\n\r\nhello")
            got = sock.recv(4096)
            assert status(got) == 200
            assert (got if got.endswith(b"5") else sock.recv(10)).endswith(b"5")


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(30)) + b"\r\n",
        HEAD + b"X: " + b"y" * 5000 + b"\r\n\r\n",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: testserver\r\n\r\n",
        HEAD + b"X" * 5000 + b": y\r\n\r\n",
        HEAD + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 400) for n in range(15)) + b"\r\n",
    ],
    ids=["too many", "one long value", "a long address", "one long name", "long together"],
)
def test_headers_have_a_limit_in_number_and_bytes(connect: Callable[[], socket.socket], head: bytes) -> None:
    with connect() as sock:
        sock.sendall(head)
        got = answer(sock)

    assert status(got) == 431
    assert b"application/problem+json" in got
    assert b"At most 20 headers of 4,096 bytes" in got


@pytest.mark.parametrize(
    "endless",
    [
        HEAD + b"X: ",
        b"GET /",
        HEAD,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ",
    ],
    ids=["a value", "an address", "a name", "a chunk's extension", "a trailer"],
)
def test_a_header_without_an_end_is_cut_off_before_it_fills_the_memory(
    connect: Callable[[], socket.socket], endless: bytes
) -> None:
    sent = 0
    with connect() as sock:
        sock.sendall(endless)
        try:
            while sent < 50_000_000:
                sent += sock.send(b"a" * 65_536)
        except OSError:
            pass

    # What lies in the buffers of both sides is more than what we take in.
    assert sent < 20_000_000


@pytest.mark.parametrize("begun", [b"", b"G", b"GET / HTTP/1.1\r\nHost: testserver\r\nX: "])
def test_silence_before_the_end_of_the_headers_ends_the_connection(
    connect: Callable[[], socket.socket], begun: bytes
) -> None:
    began = time.monotonic()
    with connect() as sock:
        sock.sendall(begun)
        got = answer(sock)

    assert status(got) == (408 if begun else 0)
    assert 0.3 < time.monotonic() - began < 5


def seconds_of_dripping(sock: socket.socket, *, at_most: float) -> float:
    """How long one byte after another is taken."""
    began = time.monotonic()
    try:
        while time.monotonic() - began < at_most:
            sock.sendall(b"a")
            time.sleep(0.1)
    except OSError:
        pass
    return time.monotonic() - began


def test_a_byte_now_and_then_does_not_buy_time_for_headers(connect: Callable[[], socket.socket]) -> None:
    with connect() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nX: ")

        assert seconds_of_dripping(sock, at_most=8) < 5


def test_silence_within_a_body_ends_the_connection(connect: Callable[[], socket.socket]) -> None:
    with connect() as sock:
        sock.sendall(HEAD + b"Content-Length: 100\r\n\r\nhalf")
        assert status(answer(sock)) == 408


def test_a_body_has_an_end_however_steadily_it_drips(connect: Callable[[], socket.socket]) -> None:
    with connect() as sock:
        sock.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")

        assert 1 < seconds_of_dripping(sock, at_most=10) < 8


def test_a_body_that_is_merely_large_is_read(connect: Callable[[], socket.socket]) -> None:
    with connect() as sock:
        sock.sendall(HEAD + b"Connection: close\r\nContent-Length: 30000000\r\n\r\n" + b"a" * 30_000_000)
        assert answer(sock).endswith(b"30000000")


@pytest.mark.parametrize("path", [b"/slow-reader", b"/slow-answer"])
def test_nobody_pays_for_it_when_we_are_slow_ourselves(connect: Callable[[], socket.socket], path: bytes) -> None:
    with connect() as sock:
        head = (
            b"POST " + path + b" HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n"
        )
        sock.sendall(head + b"a" * 5_000_000)
        assert answer(sock).endswith(b"5000000")


def test_what_is_no_http_is_refused_as_a_problem(connect: Callable[[], socket.socket]) -> None:
    with connect() as sock:
        sock.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        got = answer(sock)

    assert status(got) == 400
    assert b"application/problem+json" in got


def test_requests_in_a_row_are_each_answered(connect: Callable[[], socket.socket]) -> None:
    request = HEAD + b"Content-Length: 3\r\n\r\nabc"
    with connect() as sock:
        sock.sendall(request * 20 + HEAD + b"Connection: close\r\nContent-Length: 0\r\n\r\n")
        assert answer(sock).count(b"200 OK") == 21


def test_one_address_holds_so_many_connections_and_gets_them_back(house: House) -> None:
    with serving(echo, Limits(per_address=5, head_s=30)) as connect, ExitStack() as held:
        open_ones = [held.enter_context(connect()) for _ in range(5)]
        for sock in open_ones:
            sock.sendall(HEAD + b"Content-Length: 1\r\n\r\na")
            assert status(sock.recv(4096)) == 200
        with connect() as sixth:
            assert status(answer(sixth)) == 429

        open_ones[0].close()
        time.sleep(0.2)
        with connect() as again:
            again.sendall(HEAD + b"Connection: close\r\nContent-Length: 1\r\n\r\na")
            assert status(answer(again)) == 200


def test_five_hundred_silent_connections_are_gone_and_others_are_served_meanwhile() -> None:
    with serving(echo) as connect, ExitStack() as held:
        silent = [held.enter_context(connect()) for _ in range(500)]
        began = time.monotonic()
        with connect() as sock:
            sock.sendall(HEAD + b"Connection: close\r\nContent-Length: 1\r\n\r\na")
            assert status(answer(sock)) == 200
        assert time.monotonic() - began < 2
        time.sleep(1.5)

        assert {sock.recv(10) for sock in silent} == {b""}


# The application behind it --------------------------------------------------------------------------------------------


def test_a_client_that_went_away_is_no_failure_of_ours(house: House, caplog: pytest.LogCaptureFixture) -> None:
    body = signed(MESSAGE, house)
    app = create_app(parts=house.parts)
    with serving(app, Limits(per_address=0)) as connect:
        with connect() as sock:
            names = b"".join(f"{name}: {value}\r\n".encode() for name, value in body["headers"].items())
            sock.sendall(b"POST /inbox/x HTTP/1.1\r\nHost: testserver\r\nContent-Length: 9999\r\n" + names + b"\r\n{")
        deadline = time.monotonic() + 5
        while not (counted := _counted(app)) and time.monotonic() < deadline:
            time.sleep(0.05)

    assert counted == {"499": 1.0}
    assert "request failed" not in caplog.text


def _counted(app: Any) -> dict[str, float]:
    """Requests by status, as /metrics counts them."""
    [metric] = app.state.figures.requests.collect()
    return {sample.labels["status"]: sample.value for sample in metric.samples if sample.name.endswith("_total")}


def test_little_is_read_of_who_has_not_signed_in(anyone: TestClient) -> None:
    large = "a" * 70_000

    assert anyone.post("/v1/session", json={"email": large, "password": "x"}).status_code == 413
    assert anyone.post("/login", data={"email": large}).status_code == 413
    assert anyone.post("/inbox/x", content=large).status_code == 401


def test_what_stands_in_front_of_us_is_not_one_address_to_be_counted() -> None:
    assert ServerSettings().connections == 200
    assert ServerSettings(public_url="https://care.example.org").connections == 0
    assert ServerSettings(public_url="https://care.example.org", max_connections_per_address=50).connections == 50
