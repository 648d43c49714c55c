"""`tactful webhooks` and `tactful keys`: what helps to build an endpoint, against a real store and a real receiver."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook
from typer.testing import CliRunner, Result

from care.telling import Wanted
from channels.http import new_secret
from cli.main import app
from tests.receiver import Receiver, receiving
from wiring.assemble import Assembly, migrate
from wiring.settings import load_settings

BODY = b'{"type":"reply.sent","data":{}}\n'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listener:
        yield listener


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assembly:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TACTFUL_WEBHOOKS__IS_PRIVATE_ALLOWED", "true")
    monkeypatch.setenv("TACTFUL_REDIS__URL", f"unix://{tmp_path}/nobody.sock")
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    migrate(settings)
    return Assembly(settings)


def run(*args: str, input: bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(args), input=input, catch_exceptions=True)


def done(*args: str, input: bytes | None = None) -> str:
    result = run(*args, input=input)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_a_secret_is_made_without_any_settings_and_signs_so_that_the_reference_library_accepts(tmp_path: Path) -> None:
    secret = done("webhooks", "secret").strip()
    path = tmp_path / "body.json"
    path.write_bytes(BODY)

    headers = dict(line.split(": ", 1) for line in done("webhooks", "sign", str(path), "--secret", secret).splitlines())
    Webhook(secret).verify(BODY, headers)

    said = done(
        "webhooks", "verify", "-", "--secret", secret,
        "--id", headers["webhook-id"], "--timestamp", headers["webhook-timestamp"],
        "--signature", headers["webhook-signature"], input=BODY,
    )  # fmt: skip
    assert said == "signed with this secret\n"


def test_who_verifies_another_body_or_an_old_one_is_told_why_it_does_not_fit() -> None:
    secret = new_secret()
    headers = dict(
        line.split(": ", 1) for line in done("webhooks", "sign", "-", "--secret", secret, input=BODY).splitlines()
    )
    known = ["--id", headers["webhook-id"], "--signature", headers["webhook-signature"]]

    other = run(
        "webhooks",
        "verify",
        "-",
        "--secret",
        secret,
        "--timestamp",
        headers["webhook-timestamp"],
        *known,
        input=BODY[:-1],
    )
    old = run("webhooks", "verify", "-", "--secret", secret, "--timestamp", "1700000000", *known, input=BODY)

    assert "as they came" in str(other.exception)
    assert "after 300 s nothing is accepted" in str(old.exception)
    assert secret not in str(other.exception) + str(old.exception)


def test_a_secret_that_is_none_signs_nothing() -> None:
    assert "tactful webhooks secret" in str(run("webhooks", "sign", "-", "--secret", "hello", input=BODY).exception)


def test_an_endpoint_is_tried_listed_and_told_again(parts: Assembly, receiver: Receiver) -> None:
    endpoint = parts.endpoints.add(Wanted(url=receiver.url), by="operator")

    tried = done("webhooks", "trigger", "suggestion.ready")
    [listed] = done("webhooks", "list").splitlines()
    [sent] = [json.loads(line) for line in done("webhooks", "list", endpoint.id, "--json").splitlines()]
    again = done("webhooks", "resend", sent["id"])

    assert "204 in" in tried
    assert endpoint.id in listed
    assert receiver.types == ["suggestion.ready"]
    assert (sent["state"], sent["attempts"][0]["status"]) == ("delivered", 204)
    assert again == "1 is sent again.\n"
    assert done("webhooks", "resend", endpoint.id) == "0 are sent again.\n"
    assert done("webhooks", "secret", endpoint.id).strip() == parts.teller.secrets(endpoint)[0]
    assert json.loads(done("webhooks", "list", "--json"))["url"] == receiver.url


def test_without_an_endpoint_a_sample_goes_nowhere(parts: Assembly) -> None:
    assert "POST /v1/webhooks" in str(run("webhooks", "trigger", "reply.sent").exception)


def test_who_listens_sees_what_happens_and_has_it_posted_signed(parts: Assembly, receiver: Receiver) -> None:
    said: list[Result] = []
    listening = threading.Thread(
        target=lambda: said.append(run("webhooks", "listen", "--forward-to", receiver.url, "-n", "2"))
    )
    listening.start()
    ends_at = time.monotonic() + 60
    while listening.is_alive() and time.monotonic() < ends_at:
        with parts.store() as work:
            work.note("message.received", "msg_1", by="channel", facts={"channel": "x"})
        time.sleep(0.3)
    listening.join(5)

    [result] = said
    secret = next(word for word in result.stderr.split() if word.startswith("whsec_"))
    assert [line.split("\t")[2] for line in result.stdout.splitlines()] == ["message.received"] * 2
    assert "204 in" in result.stdout
    Webhook(secret).verify(receiver.posts[0].body, receiver.posts[0].headers)


def test_keys_are_made_listed_and_ended(parts: Assembly) -> None:
    secret = done("keys", "create", "a shop", "--scope", "read", "--scope", "webhooks", "--expires", "90d").strip()
    done("keys", "create", "a try", "--test")

    shop, trial = (json.loads(line) for line in done("keys", "list", "--json").splitlines())

    assert (shop["scopes"], shop["is_test"], trial["is_test"]) == (["read", "webhooks"], False, True)
    assert shop["expires_at"] is not None
    assert secret not in json.dumps(shop)
    done("keys", "revoke", shop["id"])
    assert json.loads(done("keys", "list", "--json").splitlines()[0])["revoked_at"] is not None
    assert "revoked" in done("keys", "list")


@pytest.mark.parametrize("expires", ["yesterday", "2020-01-01", "90"])
def test_a_key_ends_at_a_time_to_come(parts: Assembly, expires: str) -> None:
    assert run("keys", "create", "x", "--expires", expires).exit_code != 0


def test_a_test_key_cannot_name_endpoints(parts: Assembly) -> None:
    assert "real customers" in str(run("keys", "create", "x", "--test", "--scope", "webhooks").exception)
