import json
from pathlib import Path

from channels.rehearsal import RehearsalChannel
from tests.channels.test_webhook import NOTICE, REPLY


def test_what_would_have_been_sent_is_kept_in_a_file_only_its_owner_can_read(tmp_path: Path) -> None:
    channel = RehearsalChannel("x", is_public=True, secrets=[], folder=tmp_path / "rehearsal")

    channel.send(REPLY)
    channel.send(REPLY)

    file = tmp_path / "rehearsal" / "x.jsonl"
    assert [json.loads(line)["reply_id"] for line in file.read_text("utf-8").splitlines()] == ["rpl_1", "rpl_1"]
    assert file.stat().st_mode & 0o077 == 0
    assert len(channel.sent) == 2


def test_a_notice_is_kept_in_the_same_way(tmp_path: Path) -> None:
    RehearsalChannel("notices", is_public=False, secrets=[], folder=tmp_path).notify(NOTICE)

    file = tmp_path / "notices.jsonl"
    kept = json.loads(file.read_text("utf-8"))
    assert (kept["notice_id"], kept["to"], kept["late_s"]) == ("ntc_1", "lead@example.org", 3900)
    assert kept["url"] == NOTICE.link
    assert file.stat().st_mode & 0o077 == 0
