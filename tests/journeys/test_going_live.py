"""A channel goes live: samples go, what was rehearsed was never said, and customers who wrote are still answered."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from care.answering import Words
from care.case import CaseState, Resolution
from care.clocks import climb
from care.going_live import GoingLive
from care.journey import Journey
from care.lists import View
from care.offline import OfflineState
from care.promise import PromiseState
from care.reply import Approval, Reply, ReplyStage, SuggestionState
from channels.http import derived_secret
from channels.rehearsal import RehearsalChannel
from channels.switched import SwitchedChannel
from store.work import SqlStore
from tests.doubles import ANNA, FixedClock, StubChannel, altered, inbound

ROOT = Path(__file__).parents[2]
SECRET = derived_secret("a bridge of the operator's own", "bridge")


@pytest.fixture
def real() -> StubChannel:
    return StubChannel("chat")


@pytest.fixture
def rehearsed() -> RehearsalChannel:
    return RehearsalChannel("chat", is_public=False, secrets=[])


@pytest.fixture
def walk(
    any_store: SqlStore, make_journey: Callable[..., Journey], real: StubChannel, rehearsed: RehearsalChannel
) -> Journey:
    """A journey whose one channel is set up, and was not switched on."""

    def is_on() -> bool:
        with any_store(read=True) as work:
            return work.switches.is_on("chat")

    return make_journey(any_store, channels={"chat": SwitchedChannel(real, rehearsed, is_on)})


def says(walk: Journey, text: str = "Where is my parcel?", *, n: int = 1, **more: Any) -> str:
    item = inbound(text, outside_id=f"m{n}", thread_key=f"t{n}", handle=f"kim{n}", written_at=walk.clock())
    [message_id] = walk.receive([altered(item, **more)])
    walk.prepare(message_id)
    return message_id


def answers(walk: Journey, message_id: str) -> Reply:
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    reply = walk.approve(suggestion.id, Approval(ANNA.id, "We are on it.", suggestion.choice.version))
    walk.deliver(reply.id)
    return reply


def goes_live(walk: Journey, **how: bool) -> bool:
    return GoingLive(walk.store, "chat", walk.clock, walk.playbook.policy).go(**how)


def test_who_got_only_a_rehearsed_answer_is_open_again_with_a_clock(
    walk: Journey, clock: FixedClock, real: StubChannel, rehearsed: RehearsalChannel
) -> None:
    message_id = says(walk)
    reply = answers(walk, message_id)
    with walk.store() as work:
        before = work.cases.of_message(message_id)
    assert (before.standing.state, len(rehearsed.sent), real.takes) == (CaseState.WAITING_FOR_CUSTOMER, 1, [])

    assert goes_live(walk)

    with walk.store() as work:
        file = work.cases.file(message_id)
        assert file.suggestion is not None
        assert (file.case.standing.state, file.suggestion.choice.state) == (CaseState.NEW, SuggestionState.PROPOSED)
        assert file.case.standing.due_at == file.suggestion.decision.due_at
        assert [turn.by_customer for turn in file.thread] == [True]
        assert work.replies.get(reply.id).sending.stage is ReplyStage.WITHDRAWN
        assert work.lists.counts()[View.NOW_DUE] == 1
        assert work.lists.figures()["replies"] == {}
    clock.advance(3601)
    assert climb(walk.store, walk.playbook.policy, now=clock())["sla.breached"] == 1
    answers(walk, message_id)
    assert [take.said.text for take in real.takes] == ["We are on it."]


def test_what_was_solved_by_a_rehearsed_answer_alone_is_open_again(walk: Journey) -> None:
    message_id = says(walk)
    answers(walk, message_id)
    with walk.store() as work:
        case_id = work.cases.of_message(message_id).id
    walk.casework.resolve(case_id, by=ANNA.id, question="Are you content?")
    dismissed = says(walk, n=2)
    with walk.store() as work:
        suggestion = work.cases.file(dismissed).suggestion
    assert suggestion is not None
    walk.answering.dismiss(suggestion.id, by=ANNA.id, version=suggestion.choice.version)

    goes_live(walk)

    with walk.store() as work:
        assert work.cases.get(case_id).standing.state is CaseState.NEW
        assert work.surveys.of_thread(work.cases.get(case_id).thread_id) is None
        # A person saw that it needs no answer: that was no rehearsal.
        assert work.cases.of_message(dismissed).ending.resolution is Resolution.DISMISSED


def test_own_words_that_were_rehearsed_leave_the_suggestion_open_and_no_promise(
    walk: Journey, clock: FixedClock
) -> None:
    message_id = says(walk)
    until = clock() + timedelta(hours=3)
    reply = walk.answering.answer(message_id, Words(ANNA.id, "You hear from me.", promise=until))
    walk.deliver(reply.id)

    goes_live(walk)

    with walk.store() as work:
        file = work.cases.file(message_id)
        assert file.suggestion is not None
        assert (file.case.standing.state, file.suggestion.choice.state) == (CaseState.NEW, SuggestionState.PROPOSED)
        assert file.case.standing.due_at is not None
        assert [promise.state for promise in work.promises.of_case(file.case.id)] == [PromiseState.WITHDRAWN]


def test_customers_who_were_answered_elsewhere_are_archived_when_somebody_says_so(walk: Journey) -> None:
    answered, waiting = says(walk), says(walk, n=2)
    answers(walk, answered)

    goes_live(walk, is_answered_elsewhere=True)

    with walk.store() as work:
        assert work.cases.of_message(answered).ending.resolution is Resolution.ARCHIVED
        assert work.cases.of_message(waiting).standing.state is CaseState.NEW
        assert len(work.learning.first_answers()) == 1


def test_samples_are_archived_and_never_seen_as_sent(walk: Journey) -> None:
    sample = says(walk, is_sample=True)
    answers(walk, sample)
    flagged = says(walk, "my card 4111111111111111", n=2, is_sample=True)

    assert GoingLive(walk.store, "chat", walk.clock, walk.playbook.policy).ahead().n_samples == 2
    assert goes_live(walk)
    assert not goes_live(walk)

    with walk.store() as work:
        cases = [work.cases.of_message(message_id) for message_id in (sample, flagged)]
        assert {(case.standing.state, case.ending.resolution) for case in cases} == {
            (CaseState.RESOLVED, Resolution.ARCHIVED)
        }
        task = work.offline.of_case(cases[1].id)
        assert task is not None
        assert task.state is OfflineState.WAIVED
        assert [turn.by_customer for turn in work.cases.file(sample).thread] == [True]
        assert work.learning.first_answers() == []
        assert work.lists.figures()["cases"] == {}
        assert work.lists.counts()[View.NOW_DUE] == work.lists.counts()[View.OFFLINE] == 0


def test_what_was_really_answered_on_the_network_meanwhile_is_left_alone(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    answers(walk, message_id)
    clock.advance(60)
    ours = inbound("I called.", outside_id="o1", thread_key="t1", handle="shop", written_at=clock())
    walk.receive([replace(ours, answers="kim1")])

    goes_live(walk)

    with walk.store() as work:
        assert work.cases.of_message(message_id).standing.state is CaseState.WAITING_FOR_CUSTOMER


def test_a_channel_that_goes_live_sends_at_once_and_never_what_waited_from_its_rehearsal(
    walk: Journey, real: StubChannel
) -> None:
    first = says(walk)
    with walk.store() as work:
        suggestion = work.cases.file(first).suggestion
    assert suggestion is not None
    waiting = walk.approve(suggestion.id, Approval(ANNA.id, "A rehearsal.", suggestion.choice.version))

    goes_live(walk)
    walk.deliver(waiting.id)
    sent = answers(walk, says(walk, n=2))

    assert [take.id for take in real.takes] == [sent.id]
    with walk.store() as work:
        kept = work.replies.get(sent.id)
    assert (kept.sending.stage, kept.sending.is_rehearsal) == (ReplyStage.SENT, False)


# the command ------------------------------------------------------------------------------------------------------


class Bridge(ThreadingHTTPServer):
    """The outside network; answers as it is told."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Bridge

    def do_POST(self) -> None:
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    served = Bridge()
    listener = threading.Thread(target=served.serve_forever, daemon=True)
    listener.start()
    yield served
    served.shutdown()
    served.server_close()
    listener.join()


def test_the_command_tries_the_channel_and_asks_before_it_switches_it_on(
    bridge: Bridge, sqlite_url: str, tmp_path: Path
) -> None:
    def tactful(*words: str) -> subprocess.CompletedProcess[str]:
        url = f"http://127.0.0.1:{bridge.server_port}/"
        channel = {"kind": "webhook", "url": url, "secrets": [SECRET], "is_private_allowed": True}
        env = {
            **os.environ,
            "TACTFUL_HOME": str(tmp_path / "home"),
            "TACTFUL_DATABASE__URL": sqlite_url,
            "TACTFUL_CHANNELS": json.dumps({"bridge": channel}),
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "cli.main", "channels", *words]
        return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    assert "bridge\twebhook\tprivate\trehearses; tactful channels go-live bridge" in tactful("list").stdout
    unasked = tactful("go-live", "bridge")
    assert unasked.returncode == 1
    assert "live since" not in tactful("list").stdout
    assert [(post["type"], post["data"]["channel"]) for post in bridge.got] == [("channel.test", "bridge")]

    bridge.status = 404
    refused = tactful("go-live", "bridge", "--yes")
    assert (refused.returncode, refused.stderr) == (1, "tactful: bridge answered 404\n")
    bridge.status = 200
    told = tactful("go-live", "bridge", "--yes", "--to", "@me")

    assert told.stdout.endswith("bridge is live.\n")
    assert bridge.got[-1]["data"]["to"] == "@me"
    assert "bridge\twebhook\tprivate\tlive since" in tactful("list").stdout
    assert tactful("go-live", "x", "--yes").returncode == 4
    assert tactful("go-live", "nowhere", "--yes").returncode == 6
