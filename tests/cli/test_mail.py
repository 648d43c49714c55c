"""`tactful mail read`: one line a mail, errors beside them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.mail import app

MAILS = Path(__file__).resolve().parents[2] / "fixtures" / "mail"
SHAPE = {"file", "subject", "text", "author", "reply_to", "attachments", "automatic", "thread"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))


def run(*words: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["read", *words], input=given)


def test_each_mail_is_one_object_of_the_promised_shape() -> None:
    files = [str(MAILS / name) for name in ("hdr_reply_to.eml", "own_att_inline_alt.eml", "oof_subject_de.eml")]

    done = run(*files, "--format", "jsonl")

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert all(set(record) == SHAPE for record in records)
    assert [record["file"] for record in records] == files
    assert records[0]["reply_to"] == "kim@home.example"
    assert records[0]["author"] == {"handle": "kim@home.example", "name": "Real Kim"}
    assert records[1]["attachments"] == [
        {"name": "a.png", "media_type": "image/png", "size_bytes": 3, "alt": "a cracked lamp"}
    ]
    assert [record["automatic"] for record in records] == [None, None, "an absence notice, by its subject"]


def test_a_mail_that_cannot_be_read_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    broken, missing = tmp_path / "broken.eml", tmp_path / "missing.eml"
    broken.write_bytes(b"\xff\xfe secret \x00")

    done = run(str(broken), str(missing), str(tmp_path), str(MAILS / "hdr_no_mid.eml"))

    assert done.exit_code == 1
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["Where is my order?"]
    told = done.stderr.splitlines()
    assert [str(file) in line for file, line in zip((broken, missing, tmp_path), told, strict=True)] == [True] * 3
    assert "secret" not in done.stderr


def test_a_mail_is_read_from_standard_input() -> None:
    done = run("-", given=(MAILS / "hdr_no_mid.eml").read_bytes())

    assert json.loads(done.stdout)["file"] == "-"


def test_there_is_one_format() -> None:
    assert run("-", "--format", "table", given=b"").exit_code == 2
