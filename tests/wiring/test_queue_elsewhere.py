"""A queue server that is somebody else's: watched by sentinels, or behind TLS."""

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from redis import Redis

from care.errors import BadSettings
from wiring import queue
from wiring.embedded import find_server
from wiring.queue import RqQueue, connect, open_server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(folder: Path, *options: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir()
    command = [str(find_server()), *options, "--port", str(port), "--dir", str(folder), "--bind", "127.0.0.1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(lambda: bool(Redis(port=port).ping()))
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(is_so: Callable[[], bool], *, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while True:
        try:
            if is_so():
                return
        except OSError:
            pass
        except Exception as error:
            if "onnect" not in type(error).__name__ and "NotFound" not in type(error).__name__:
                raise
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_bells_ring_on_the_server_that_sentinels_have_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "REST_S", 0.05)
    first, second, watcher = free_port(), free_port(), free_port()
    said = tmp_path / "sentinel.conf"
    said.write_text(
        f"sentinel monitor bells 127.0.0.1 {first} 1\n"
        "sentinel down-after-milliseconds bells 300\nsentinel failover-timeout bells 1000\n"
    )
    with ExitStack() as stack:
        leading = stack.enter_context(server(tmp_path / "first", "--save", "", port=first))
        follows = ("--save", "", "--replicaof", f"127.0.0.1 {first}")
        stack.enter_context(server(tmp_path / "second", *follows, port=second))
        stack.enter_context(server(tmp_path / "watcher", str(said), "--sentinel", port=watcher))
        rung = RqQueue(connect(f"redis+sentinel://127.0.0.1:1,127.0.0.1:{watcher}/bells"), {"prepare": 60})
        wait_for(lambda: rung.ring("prepare", "msg_1"))
        wait_for(lambda: Redis(port=second).llen("rq:queue:prepare") == 1)
        wait_for(lambda: len(Redis(port=watcher).execute_command("SENTINEL", "REPLICAS", "bells")) == 1)

        leading.kill()

        wait_for(lambda: rung.ring("prepare", "msg_2"))
        assert Redis(port=second).llen("rq:queue:prepare") == 2
        assert rung.lengths()["prepare"] == 2


@pytest.mark.skipif(shutil.which("openssl") is None, reason="nothing here makes a certificate")
def test_a_server_behind_tls_is_reached_and_its_certificate_is_checked(tmp_path: Path) -> None:
    key, certificate, port = tmp_path / "key.pem", tmp_path / "cert.pem", free_port()
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout"]
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, str(key), "-out", str(certificate), *named], check=True, capture_output=True)

    with server(tmp_path / "server", "--save", "", port=port), behind_tls(key, certificate, port) as outside:
        url = f"rediss://localhost:{outside}/0"

        assert RqQueue(connect(f"{url}?ssl_ca_certs={certificate}"), {"prepare": 60}).ring("prepare", "msg_1")
        assert not RqQueue(connect(url), {"prepare": 60}).ring("prepare", "msg_2")
        assert Redis(port=port).llen("rq:queue:prepare") == 1


@contextmanager
def behind_tls(key: Path, certificate: Path, port: int) -> Iterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    loop = asyncio.new_event_loop()

    async def serve(theirs: asyncio.StreamReader, to_them: asyncio.StreamWriter) -> None:
        ours, to_us = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(theirs, to_us), pump(ours, to_them))

    async def pump(come: asyncio.StreamReader, go: asyncio.StreamWriter) -> None:
        try:
            while part := await come.read(65_536):
                go.write(part)
        finally:
            go.close()

    async def end() -> None:
        listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)

    listening = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield int(listening.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.mark.parametrize("url", ["redis+sentinel://", "redis+sentinel://10.0.0.1", "redis+sentinel://a:x/bells"])
def test_sentinels_that_are_not_named_whole_are_refused(url: str) -> None:
    with pytest.raises(BadSettings, match=r"redis\.url names no sentinels"):
        open_server(url)


def test_user_and_password_are_the_servers() -> None:
    client = open_server("rediss+sentinel://bells:a%2Fb@10.0.0.1,10.0.0.2:7/main")

    said = client.connection_pool.connection_kwargs
    assert (said["username"], said["password"], client.connection_pool.service_name) == ("bells", "a/b", "main")
    assert "SSL" in client.connection_pool.connection_class.__name__
