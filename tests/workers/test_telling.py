"""The worker that tells endpoints: rung by the queue itself, and by the sweep when a ring was lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from care.endpoint import DeliveryState
from care.telling import Wanted
from tests.receiver import receiving
from wiring.assemble import Assembly, migrate
from wiring.embedded import queue_server
from wiring.settings import RedisSettings, Settings, WebhookSettings
from workers.run import work_on
from workers.sweep import forget_answers, sweep

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def parts(tmp_path: Path) -> Assembly:
    home = tmp_path / "h"
    home.mkdir(mode=0o700)
    webhooks = WebhookSettings(is_private_allowed=True)
    settings = Settings(home=home, redis=RedisSettings(url="embedded"), webhooks=webhooks)
    migrate(settings)
    return Assembly(settings)


def test_what_happens_reaches_an_endpoint_through_the_queue(parts: Assembly) -> None:
    with receiving() as receiver, queue_server(parts.settings) as url:
        endpoint = parts.endpoints.add(Wanted(url=receiver.url), by="operator")
        with parts.store() as work:
            work.note("message.received", "msg_1", by="channel", facts={"channel": "x"})

        work_on("webhook", parts.telling, url=url, is_burst=True)

        assert receiver.types == ["message.received"]
        with parts.store() as work:
            [delivery] = work.endpoints.deliveries(endpoint.id)
            assert delivery.state is DeliveryState.DELIVERED


def test_a_ring_that_was_lost_is_rung_again_by_the_sweep(parts: Assembly) -> None:
    with receiving() as receiver:
        parts.endpoints.add(Wanted(url=receiver.url), by="operator")
        with parts.store() as work:
            work.note("message.received", "msg_1", by="channel")
        parts.queue._rests_until = 0.0
        with queue_server(parts.settings) as url:
            done = sweep(parts.store, parts.queue, {}, unrung_s=0)
            work_on("webhook", parts.telling, url=url, is_burst=True)

    assert done["webhook_rung"] == 1
    assert receiver.types == ["message.received"]


def test_what_was_sent_long_ago_is_forgotten(parts: Assembly) -> None:
    from datetime import timedelta

    from care.ports import utc_now

    with receiving() as receiver:
        endpoint = parts.endpoints.add(Wanted(url=receiver.url), by="operator")
        with parts.store() as work:
            work.note("message.received", "msg_1", by="channel")
            work.answers.begin("key_1", "a", request="digest", lease_s=60)
        with parts.store(read=True) as work:
            [delivery] = work.endpoints.deliveries(endpoint.id)
        parts.telling.tell(delivery.id)

    assert forget_answers(parts.store, days=30, now=utc_now()) == {}
    assert forget_answers(parts.store, days=30, now=utc_now() + timedelta(days=31)) == {
        "deliveries_forgotten": 1,
        "answers_forgotten": 1,
    }


def test_a_telling_process_loads_no_model(tmp_path: Path) -> None:
    code = """
import sys
from wiring import assemble
from wiring.settings import load_settings
import workers.run
settings = load_settings()
assemble.migrate(settings)
assemble.Assembly(settings).telling
heavy = {"onnxruntime", "spacy", "sklearn", "presidio_analyzer", "torch", "transformers", "fastapi"}
print(sorted(heavy & set(sys.modules)))
"""
    env = {**os.environ, "TACTFUL_HOME": str(tmp_path / "h")}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
