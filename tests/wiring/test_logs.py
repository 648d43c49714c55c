"""Logs carry events and ids; never what a customer wrote."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from care.errors import ChannelBusy
from wiring.logs import set_up_logs
from wiring.settings import LogSettings, Settings


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What goes to stderr, as JSON."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    set_up_logs(Settings(logs=LogSettings(format="json")))
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def told(lines: io.StringIO) -> dict[str, object]:
    record: dict[str, object] = json.loads(lines.getvalue().splitlines()[-1])
    return record


def test_an_event_has_its_facts_its_time_and_what_is_bound(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(message_id="msg_1"):
        structlog.get_logger("tactful").info("reply sent", reply_id="rpl_1", attempt=2)

    record = told(lines)
    assert (record["event"], record["reply_id"], record["attempt"], record["message_id"]) == (
        "reply sent",
        "rpl_1",
        2,
        "msg_1",
    )
    assert str(record["timestamp"]).endswith("Z")


@pytest.mark.parametrize(
    "facts",
    [
        {"text": "swordfish"},
        {"password": "swordfish"},
        {"anything": "swordfish " * 40},
        {"lines": "a\nswordfish"},
        {"thing": ["swordfish"]},
    ],
)
def test_what_may_be_words_is_left_out(lines: io.StringIO, facts: dict[str, object]) -> None:
    structlog.get_logger("tactful").info("something", **facts)

    assert "swordfish" not in lines.getvalue()
    assert "(left out)" in lines.getvalue()


def test_a_foreign_error_is_told_by_class_and_place_without_its_words(lines: io.StringIO) -> None:
    def choke() -> None:
        raise ValueError("could not read 'swordfish'")

    try:
        choke()
    except ValueError:
        structlog.get_logger("tactful").error("job failed", exc_info=True)

    assert "swordfish" not in lines.getvalue()
    assert told(lines)["error"] == "ValueError"
    assert "test_logs.py:" in str(told(lines)["at"])


def test_an_error_of_ours_keeps_its_sentence(lines: io.StringIO) -> None:
    structlog.get_logger("tactful").warning("later", exc_info=ChannelBusy("x", retry_after_s=30))

    assert told(lines)["why"] == "x is busy; come back in 30 s"


@pytest.mark.parametrize("name", ["bm25s", "sqlalchemy.engine.Engine"])
def test_a_library_that_sets_its_own_level_when_it_is_imported_is_heard_only_when_it_warns(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    library = logging.getLogger(name)
    monkeypatch.setattr(library, "level", logging.DEBUG)
    library.debug("Building an index of what customers wrote")
    assert lines.getvalue() == ""

    library.warning("There is no index")
    assert told(lines)["event"] == "There is no index"


def test_a_library_says_one_line_and_no_more(lines: io.StringIO) -> None:
    logging.getLogger("rq.worker").error(
        "job %s failed\nTraceback: swordfish",
        "j1",
        extra={"arguments": ["swordfish"]},
        exc_info=ValueError("swordfish"),
    )

    assert told(lines)["event"] == "job j1 failed"
    assert "swordfish" not in lines.getvalue()
