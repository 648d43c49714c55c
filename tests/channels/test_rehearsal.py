import json
from pathlib import Path

from channels.rehearsal import RehearsalChannel
from tests.channels.test_webhook import REPLY


def test_what_would_have_been_sent_is_kept_in_a_file_only_its_owner_can_read(tmp_path: Path) -> None:
    channel = RehearsalChannel("x", is_public=True, secrets=[], folder=tmp_path / "rehearsal")

    channel.send(REPLY)
    channel.send(REPLY)

    file = tmp_path / "rehearsal" / "x.jsonl"
    assert [json.loads(line)["reply_id"] for line in file.read_text("utf-8").splitlines()] == ["rpl_1", "rpl_1"]
    assert file.stat().st_mode & 0o077 == 0
    assert len(channel.sent) == 2
