"""The snippets of docs/api.md do what the page says, against a service that runs."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import PASSWORD, House
from tests.api.doubles import SECRET
from tests.snippets import snippets_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")


@pytest.fixture
def shell(served: House) -> dict[str, str]:
    """What a reader has set before they paste a snippet."""
    message_id = served.say("where is my order AB-10442")
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "TACTFUL_API_KEY": served.keys["all"],
        "TACTFUL_SECRET": SECRET,
        "CASE": served.case(message_id),
        "EMAIL": "agent@example.com",
        "PASSWORD": PASSWORD,
    }


def run(snippet: str, served: House, shell: dict[str, str], tmp_path: Path) -> list[dict[str, object]]:
    """Every JSON that a snippet of shell prints, against our own address."""
    script = snippet.replace("http://127.0.0.1:8080", served.parts.public_url).replace("/inbox/bridge", "/inbox/x")
    script = script.replace("2027-01-04", "2199-01-04")
    done = subprocess.run(["sh", "-ec", script], env=shell, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (snippet, done.stderr)
    decoder, found, at = json.JSONDecoder(), [], 0
    while (at := done.stdout.find("{", at)) >= 0:
        value, at = decoder.raw_decode(done.stdout, at)
        found.append(value)
    return found


def problems(answers: list[dict[str, object]]) -> list[object]:
    return [answer.get("detail") for answer in answers if "status" in answer and "title" in answer]


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("openssl") is None, reason="curl is not installed")
@pytest.mark.parametrize("n", range(len(snippets_of(PAGE, "sh"))))
def test_every_snippet_of_shell_is_answered_without_a_problem(
    n: int, served: House, shell: dict[str, str], tmp_path: Path
) -> None:
    snippet = snippets_of(PAGE, "sh")[n]
    if "jq " in snippet and shutil.which("jq") is None:
        snippet = snippet.replace("| jq -r .csrf", '| sed \'s/.*"csrf":"\\([^"]*\\)".*/\\1/\'')

    answers = run(snippet, served, shell, tmp_path)

    assert answers
    allowed = {"assign", "hand_over"} if "act hand_over" in snippet else set()
    assert len(problems(answers)) <= len(allowed), problems(answers)


@pytest.fixture
def with_client() -> Iterator[None]:
    sys.path.insert(0, str(ROOT / "clients" / "python"))
    yield
    sys.path.remove(str(ROOT / "clients" / "python"))


@pytest.mark.usefixtures("with_client")
def test_the_python_of_our_own_client_runs(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    [snippet] = [each for each in snippets_of(PAGE, "python") if "tactful_client" in each]
    known: dict[str, object] = {"api_key": served.keys["all"]}

    exec(snippet.replace("http://127.0.0.1:8080", served.parts.public_url), known)

    assert capsys.readouterr().out.splitlines()[0] == "m1 delivery_problem"
    assert known["intent"]["label"] == "billing_problem"  # type: ignore[index]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_javascript_runs(served: House) -> None:
    [snippet] = snippets_of(PAGE, "javascript")
    script = snippet.replace("http://127.0.0.1:8080", served.parts.public_url)
    script += 'classify("I was charged twice").then((read) => console.log(read.intent.label));'
    env = {"PATH": os.environ["PATH"], "TACTFUL_API_KEY": served.keys["all"]}

    said = subprocess.run(["node", "-e", script], env=env, capture_output=True, text=True, check=True).stdout

    assert said.strip() == "billing_problem"
