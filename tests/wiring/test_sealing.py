"""Sealed settings: what stands in a file is no password, keys are rotated, and no refusal tells the value."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.errors import BadSettings
from cli.main import app
from wiring.sealing import KEYS, KEYS_FILE, PREFIX, SEALED, SealKeys, new_key
from wiring.settings import load_settings

PASSWORD = "blue-Horse7"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    made = new_key()
    monkeypatch.setenv(KEYS, made)
    return made


def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str) -> Path:
    """A configuration with an e-mail channel of this password, which the settings are read from."""
    file = tmp_path / "tactful.toml"
    file.write_text(
        f'home = "{tmp_path / "home"}"\n[channels.email]\nkind = "email"\nsender = "care@shop.example"\n'
        f'host = "smtp.shop.example"\nuser = "care"\npassword = "{password}"\n',
        "utf-8",
    )
    monkeypatch.setenv("TACTFUL_CONFIG", str(file))
    monkeypatch.delenv("TACTFUL_HOME", raising=False)
    return file


def read_password() -> object:
    return load_settings().channels["email"].options["password"]


def test_a_sealed_password_is_opened_in_memory_and_stands_in_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    said = CliRunner().invoke(app, ["secrets", "seal"], input=PASSWORD + "\n")
    file = configured(tmp_path, monkeypatch, said.stdout.strip())

    assert said.exit_code == 0
    assert read_password() == PASSWORD
    assert PASSWORD not in file.read_text("utf-8")
    assert PASSWORD not in repr(load_settings())


def test_two_seals_of_one_value_have_nothing_in_common(key: str) -> None:
    keys = SealKeys.from_environment()

    first, second = keys.seal(PASSWORD), keys.seal(PASSWORD)

    assert first[len(PREFIX) + 9 :] != second[len(PREFIX) + 9 :]
    assert keys.open(first) == keys.open(second) == PASSWORD


def test_keys_are_rotated_while_both_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    file = configured(tmp_path, monkeypatch, SealKeys.from_environment().seal(PASSWORD))
    newer = new_key()
    monkeypatch.setenv(KEYS, f"{newer},{key}")
    assert read_password() == PASSWORD

    dry = CliRunner().invoke(app, ["secrets", "rotate", str(file), "--dry-run"])
    done = CliRunner().invoke(app, ["secrets", "rotate", str(file)])
    again = CliRunner().invoke(app, ["secrets", "rotate", str(file)])

    assert [said.stdout.split()[0] for said in (dry, done, again)] == ["1", "1", "0"]
    monkeypatch.setenv(KEYS, newer)
    assert read_password() == PASSWORD
    monkeypatch.setenv(KEYS, key)
    with pytest.raises(BadSettings, match="which is not among those given"):
        read_password()


def test_a_key_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys"
    file.write_text(f"{new_key()}\n{new_key()}\n", "ascii")
    monkeypatch.delenv(KEYS, raising=False)
    monkeypatch.setenv(KEYS_FILE, str(file))
    keys = SealKeys.from_environment()

    assert keys.open(keys.seal(PASSWORD)) == PASSWORD


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_a_value_that_was_changed_is_refused(key: str, place: int) -> None:
    sealed = SealKeys.from_environment().seal(PASSWORD)
    at = sealed.rindex(":") + 1 + place % (len(sealed) - sealed.rindex(":") - 4)
    changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]

    with pytest.raises(BadSettings) as refused:
        SealKeys.from_environment().open(changed)

    assert PASSWORD not in str(refused.value)


def test_what_is_missing_is_said_without_the_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    sealed = SealKeys.from_environment().seal(PASSWORD)
    configured(tmp_path, monkeypatch, sealed)

    monkeypatch.delenv(KEYS)
    with pytest.raises(BadSettings, match="there is no key"):
        read_password()
    monkeypatch.setenv(KEYS, "c2hvcnQ=")
    with pytest.raises(BadSettings, match="is not 32 bytes"):
        read_password()
    assert SEALED.fullmatch(sealed)
