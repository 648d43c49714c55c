"""Every setting says what it is and where that comes from, and nothing secret."""

from pathlib import Path

import pytest

from wiring.origins import SettingLine, setting_lines
from wiring.settings import load_settings

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, SettingLine]:
    file = tmp_path / "tactful.toml"
    file.write_text(
        """
secret_key = "a secret that nobody may read"
[server]
port = 9090
[database]
url = "postgresql+psycopg://anna:geheim@db.example.org/care"
[replies]
undo_s = { "*" = 20 }
[channels.shop]
kind = "webhook"
public = true
secrets = ["SECRET"]
url = "https://shop.example.org/hook?token=geheim"
""".replace("SECRET", SECRET),
        "utf-8",
    )
    monkeypatch.setenv("TACTFUL_CONFIG", str(file))
    monkeypatch.setenv("TACTFUL_SERVER__PUBLIC_URL", "https://care.example.org")
    monkeypatch.setenv("TACTFUL_WORKERS", '{"prepare": 2}')
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    settings = load_settings(logs={"level": "debug"})
    return {line.name: line for line in setting_lines(settings)}


def test_each_setting_names_its_file_variable_command_or_default(lines: dict[str, SettingLine], tmp_path: Path) -> None:
    file = str(tmp_path / "tactful.toml")
    expected = {
        "server.port": ("9090", file),
        "server.public_url": ("https://care.example.org", "TACTFUL_SERVER__PUBLIC_URL"),
        "workers.prepare": ("2", "TACTFUL_WORKERS"),
        "home": (str(tmp_path / "home"), "TACTFUL_HOME"),
        "logs.level": ("debug", "the command that started it"),
        "server.host": ("127.0.0.1", "default"),
        "knowledge": ("not set", "default"),
        "attachments.keep": ("no", "default"),
        "replies.undo_s": ("*: 20.0", file),
        "channels.shop.kind": ("webhook", file),
        "channels.chat.kind": ("rehearsal", "default"),
    }

    assert {name: (lines[name].value, lines[name].origin) for name in expected} == expected


def test_nothing_secret_is_told(lines: dict[str, SettingLine]) -> None:
    told = "\n".join(line.value for line in lines.values())

    for secret in ("geheim", "nobody may read", SECRET, "token="):
        assert secret not in told
    assert lines["secret_key"].value == lines["channels.shop.secrets"].value == "set, not shown"
    assert lines["channels.shop.options"].value == "url (set, not shown)"
    assert lines["database.url"].value == "postgresql+psycopg://…@db.example.org/care"
