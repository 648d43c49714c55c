"""Settings: in order, typed, frozen, and every mistake named in one line."""

import json
import os
import re
import stat
from pathlib import Path

import pytest

from care.errors import BadSettings
from care.sensitive import NEVER_KEPT, Handling
from channels.email import EmailChannel
from channels.rehearsal import RehearsalChannel
from model.sensitive import KINDS
from wiring.assemble import redactor, store
from wiring.channels import channels, notifier
from wiring.settings import REHEARSED, Settings, load_settings


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine that runs the tests."""
    for name in [name for name in os.environ if name.startswith("TACTFUL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def test_the_environment_is_stronger_than_the_file_and_a_flag_than_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config" / "tactful").mkdir(parents=True)
    (tmp_path / "config" / "tactful" / "config.toml").write_text('[server]\nhost = "10.0.0.1"\nport = 1\n')
    (tmp_path / "tactful.toml").write_text("[server]\nport = 2\nmax_body_bytes = 2048\n")
    monkeypatch.setenv("TACTFUL_SERVER__PORT", "3")

    from_environment = load_settings()
    from_flag = load_settings(server={"port": 4})

    assert (from_environment.server.host, from_environment.server.port) == ("10.0.0.1", 3)
    assert from_environment.server.max_body_bytes == 2048
    assert from_flag.server.port == 4


def test_nothing_is_sent_until_somebody_switches_it_on() -> None:
    named = load_settings().channels

    assert set(named) == set(REHEARSED)
    assert {channel.kind for channel in named.values()} == {"rehearsal"}


def test_a_channel_that_is_switched_on_leaves_the_others_in_rehearsal(tmp_path: Path) -> None:
    (tmp_path / "tactful.toml").write_text('[channels.webhook]\nkind = "webhook"\nurl = "https://example.test/in"\n')

    named = load_settings().channels

    assert named["webhook"].kind == "webhook"
    assert named["email"].kind == "rehearsal"


@pytest.mark.parametrize(("extra", "is_taken"), [("", False), ("is_private_allowed = true\n", True)])
def test_a_bridge_by_plain_http_is_refused_at_the_start_unless_it_is_inside(
    tmp_path: Path, extra: str, is_taken: bool
) -> None:
    url = "http://bridge.example.test/in"
    (tmp_path / "tactful.toml").write_text(f'[channels.bridge]\nkind = "webhook"\nurl = "{url}"\n{extra}')

    if is_taken:
        assert load_settings().channels["bridge"].options["url"] == url
    else:
        with pytest.raises(BadSettings, match="is_private_allowed"):
            load_settings()


def test_contacts_are_told_by_a_channel_of_their_own_that_rehearses_until_it_is_switched_on(tmp_path: Path) -> None:
    rehearsed = load_settings()
    (tmp_path / "tactful.toml").write_text(
        '[channels.notices]\nkind = "email"\nsender = "alerts@example.test"\nhost = "smtp.example.test"\n'
        'user = "alerts"\npassword = "swordfish"\n[server]\npublic_url = "https://care.example.test/"\n'
    )
    switched_on = load_settings()

    assert isinstance(notifier(rehearsed), RehearsalChannel)
    assert isinstance(notifier(switched_on), EmailChannel)
    assert "notices" not in channels(switched_on, store(switched_on))
    assert "swordfish" not in repr((switched_on, notifier(switched_on)))
    assert (rehearsed.url, switched_on.url) == ("http://127.0.0.1:8080", "https://care.example.test")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TACTFUL_DATABASE__URK", "x", "database.urk: there is no such setting"),
        ("TACTFUL_SERVER__PORT", "99999", "server.port"),
        ("TACTFUL_SERVER__PORT", "", "server.port"),
        ("TACTFUL_WORKERS__PREPARE_LEASE_S", "60", "must be longer than prepare_timeout_s"),
        ("TACTFUL_REPLIES__UNDO_S", '{"*": -1}', "0 to 3600"),
        ("TACTFUL_REPLIES__UNDO_S", "{", "cannot be read"),
        ("TACTFUL_CHANNELS", '{"mail": {"kind": "email"}}', "needs sender; a channel of kind email needs host"),
        ("TACTFUL_CHANNELS", '{"mail": {"kind": "email", "sender": "care", "host": "h"}}', "a sender address"),
        ("TACTFUL_CHANNELS", '{"mail": {"kind": "email", "sender": "a@b", "host": "h", "port": 0}}', "1 to 65535"),
        ("TACTFUL_CHANNELS", '{"bridge": {"kind": "webhook", "ulr": "https://a.example"}}', "has no setting ulr"),
        (
            "TACTFUL_CHANNELS",
            '{"bridge": {"ulr": "https://a.example"}}',
            "kind rehearsal has no setting ulr",
        ),
        ("TACTFUL_CHANNELS", '{"bridge": {"kind": "pigeon"}}', "kind is one of rehearsal, webhook, email"),
        (
            "TACTFUL_CHANNELS",
            '{"bridge": {"kind": "webhook", "url": "https://a.example", "timeout_s": 60}}',
            "at most 10",
        ),
        ("TACTFUL_CHANNELS", '{"../x": {}}', "lower-case letters"),
        ("TACTFUL_MODEL__ENCODER", "gpt", "model.encoder"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings) as raised:
        load_settings()

    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_typo_in_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "tactful.toml").write_text("[databse]\nurl = 'x'\n")
    with pytest.raises(BadSettings, match="databse"):
        load_settings()


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "tactful.toml").write_text("port = = 3")
    with pytest.raises(BadSettings, match="cannot be read"):
        load_settings()


def test_secrets_never_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_SECRET_KEY", "swordfish")
    monkeypatch.setenv("TACTFUL_DATABASE__URL", "postgresql+psycopg://me:swordfish@db/care")
    monkeypatch.setenv("TACTFUL_REDIS__URL", "redis://:swordfish@queue")
    monkeypatch.setenv(
        "TACTFUL_CHANNELS",
        '{"webhook": {"secrets": ["whsec_c3dvcmRmaXNoLXN3b3JkZmlzaC1zd29yZGZpc2gh"], "password": "swordfish"}}',
    )

    assert "swordfish" not in repr(load_settings())


def test_settings_do_not_change() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.server.port = 1  # type: ignore[misc]


def test_the_home_folder_is_its_owners_alone() -> None:
    settings = load_settings()

    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
    assert settings.database_url == f"sqlite:///{settings.home}/tactful.db"
    assert settings.bundle == settings.home / "bundles" / "default"
    assert settings.playbook.name == "playbook"


def test_a_kind_of_sensitive_data_is_handled_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_SENSITIVE", '{"phone": "allow", "email": "offline"}')

    redaction = redactor(Settings()).redact("call +44 20 7946 0958 or write to kim@example.test")

    assert redaction.text == "call +44 20 7946 0958 or write to <EMAIL>"
    assert redaction.handling is Handling.OFFLINE


@pytest.mark.parametrize("kind", sorted(NEVER_KEPT))
def test_what_must_not_be_kept_cannot_be_allowed(kind: str) -> None:
    with pytest.raises(BadSettings, match=f"{kind} cannot be allowed"):
        load_settings(sensitive={kind: "allow"})

    assert load_settings(sensitive={kind: "mask"}).sensitive == {kind: Handling.MASK}


def test_a_kind_nobody_knows_is_named() -> None:
    with pytest.raises(BadSettings, match="shoe_size"):
        redactor(Settings(sensitive={"shoe_size": Handling.MASK}))


def test_the_documented_handling_of_each_kind_is_its_default() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \| `(offline|mask|allow)`", text, re.MULTILINE)

    documented = {kind: handling for kinds, handling in rows for kind in re.findall(r"[a-z_]+", kinds)}

    assert documented == {kind: str(known.handling) for kind, known in KINDS.items()}


@pytest.mark.parametrize("secret", ["hello", "whsec_", "whsec_aGVsbG8=", "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"])
def test_a_channel_with_a_secret_that_can_be_guessed_does_not_start(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TACTFUL_CHANNELS", json.dumps({"webhook": {"secrets": [secret]}}))

    with pytest.raises(BadSettings, match=r"channels.webhook.secrets: .*`tactful webhooks secret` makes one") as caught:
        load_settings()

    assert f'"{secret}"' not in str(caught.value)


@pytest.mark.parametrize("proxy", ["proxy.example.org", "10.0.0.1/8", "300.1.1.1"])
def test_a_proxy_is_named_by_its_address(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_SERVER__TRUSTED_PROXIES", json.dumps([proxy]))

    with pytest.raises(BadSettings, match=r"trusted_proxies.*10\.0\.0\.7"):
        load_settings()
