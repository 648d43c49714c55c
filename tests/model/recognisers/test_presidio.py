"""The four traps of Presidio, each stepped round: no download, no call, no silent context, no scores across kinds."""

import socket
import subprocess
import sys

import pytest

from model.recognisers import presidio
from model.recognisers.prepared import prepare_text
from model.sensitive import SensitiveFinder

FINDER = SensitiveFinder()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something asked for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
def test_nothing_is_ever_fetched() -> None:
    redaction = FINDER.redact(
        "mail ann@example.co.uk, my UK driving licence, it is MORGA657054SM9IJ, passport no C01X00T47"
    )

    assert [span.category for span in redaction.spans] == ["email", "driver_licence", "passport"]


def test_no_engine_and_no_language_model_is_built() -> None:
    code = (
        "import sys; from model.sensitive import SensitiveFinder;"
        "r = SensitiveFinder().redact('My UK driving licence, it is MORGA657054SM9IJ');"
        "assert r.spans[0].recogniser == 'presidio', r;"
        "print(sorted({'torch', 'transformers', 'en_core_web_lg', 'stanza'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_number_counts_only_beside_the_word_that_names_its_document() -> None:
    near = FINDER.redact("my driving licence, which I lost, MORGA657054SM9IJ")
    far = FINDER.redact("my driving licence is lost. " + "And so on and so forth. " * 5 + "MORGA657054SM9IJ")

    assert [span.category for span in near.spans] == ["driver_licence"]
    assert far.spans == ()


def test_nine_digits_are_what_the_word_beside_them_says() -> None:
    assert [span.category for span in FINDER.redact("ssn 460899847").spans] == ["us_ssn"]
    assert [span.category for span in FINDER.redact("passport 912803456").spans] == ["passport"]
    assert [span.category for span in FINDER.redact("itin 912703456").spans] == ["us_itin"]


def test_a_number_with_another_label_is_not_the_document() -> None:
    assert FINDER.redact("passport renewed, flight number AB12345").spans == ()


def test_presidio_sees_only_what_stands_around_the_word(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Spy:
        supported_entities = ("X",)

        def analyze(self, text: str, entities: object, artifacts: object) -> list[object]:
            seen.append(text)
            return []

    monkeypatch.setattr(presidio, "_recognisers", lambda kind: (Spy(),))

    list(presidio.PRESIDIO.find(prepare_text("x" * 5_000 + " passport A1234567 " + "y" * 5_000)))

    assert seen
    assert max(map(len, seen)) < 200
