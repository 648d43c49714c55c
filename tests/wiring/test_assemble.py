"""One process has one of each part, whoever asks for it."""

from pathlib import Path
from typing import Any

import pytest

from playbook.shelf import LiveShelf
from tests.model.tiny import tiny_folder
from tests.playbook.builders import in_one_piece
from tests.playbook.test_live import QUESTION, Seconds, rewrite
from wiring import assemble
from wiring.assemble import Assembly
from wiring.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "h"
    home.mkdir(mode=0o700)
    folder = in_one_piece(tmp_path / "playbook")
    return Settings(home=home, playbook=folder, model={"bundle": tiny_folder(), "encoder": "none"})  # type: ignore[arg-type]


def test_a_journey_is_made_of_the_parts_of_its_process(settings: Settings) -> None:
    parts = Assembly(settings)

    journey = parts.journey

    assert journey is parts.journey
    assert (journey.store, journey.playbook, journey.redactor) == (parts.store, parts.playbook, parts.redactor)
    assert journey.classifier is parts.classifier


def test_store_playbook_and_redactor_are_opened_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    for name in ("store", "redactor"):
        real = getattr(assemble, name)

        def open_it(*args: Any, real: Any = real, name: str = name, **how: Any) -> Any:
            opened.append(name)
            return real(*args, **how)

        monkeypatch.setattr(assemble, name, open_it)
    shelf = LiveShelf.__init__
    monkeypatch.setattr(LiveShelf, "__init__", lambda *args, **how: opened.append("shelf") or shelf(*args, **how))  # type: ignore[func-returns-value]
    parts = Assembly(settings)

    assert parts.journey.tone is parts.tone
    assert parts.workshop.book is parts.playbook.book
    assert sorted(opened) == ["redactor", "shelf", "store"]


def test_the_assembled_service_reads_an_edited_playbook_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Seconds()
    monkeypatch.setattr("playbook.live.monotonic", clock)
    monkeypatch.setattr("playbook.live.LivePlaybook.open.__func__.__kwdefaults__", {"store": None, "clock": clock})
    live, tried = Assembly(settings).playbook, Assembly(settings, is_trial=True).playbook
    rewrite(settings.playbook, "{contact: shift lead, after: 0 min,", "{contact: counsel, after: 0 min,")
    rewrite(settings.playbook, QUESTION, "Are you content?")
    clock.now = 3.0

    assert live.policy.steps["*"][0].contact == "counsel"
    assert live.question.startswith("Are you content?")
    assert tried.question.startswith(QUESTION)


def test_who_only_tries_a_playbook_opens_no_store(settings: Settings) -> None:
    assert Assembly(settings, is_trial=True).workshop.lint() == []
    assert list(settings.home.glob("*.db")) == []
