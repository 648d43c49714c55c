"""What a bundle makes unreachable is named, rule by rule and play by play."""

from collections.abc import Collection
from pathlib import Path

import pytest

from care.classification import RISKS
from cli.doctor import check_playbook, check_safety
from playbook.book import SENTIMENTS, URGENCIES, load
from playbook.lint import lint
from playbook.reach import unreachable
from tests.model.tiny import tiny_folder
from tests.playbook.builders import in_one_piece, the_book
from wiring.settings import Settings

MOODS = {"sentiment": SENTIMENTS, "urgency": URGENCIES}
OWN = {"intent": ["faq_opening", "faq_parking"], **MOODS}


def told(labels: dict[str, list[str] | tuple[str, ...]], *, risks: Collection[str] = RISKS) -> str:
    return "\n".join(str(problem) for problem in unreachable(the_book(), labels, risks=risks))  # type: ignore[arg-type]


def test_a_bundle_with_all_labels_makes_nothing_unreachable() -> None:
    assert told({"intent": list(the_book().policy.intents), **MOODS}) == ""


def test_rules_and_plays_that_wait_for_other_labels_are_named() -> None:
    lines = told(OWN)  # type: ignore[arg-type]

    assert "rule 'a page solves it' never holds with this bundle" in lines
    assert "plays/refund-where.md: is never reached with this bundle: no intent of the bundle" in lines


@pytest.mark.parametrize("labels", [OWN, {"intent": ["faq_parking"]}])
def test_no_play_for_what_cannot_wait_depends_on_a_label(labels: dict[str, list[str] | tuple[str, ...]]) -> None:
    lines = told(labels)

    for play in the_book().plays:
        if play.when.risks:
            assert play.source.file not in lines


def test_a_bundle_without_moods_loses_the_rules_that_ask_for_them() -> None:
    intents = list(the_book().policy.intents)

    assert "no urgency of the bundle is among" in told({"intent": intents, "sentiment": list(SENTIMENTS)})


def test_without_risk_heads_a_play_is_reached_by_the_playbooks_own_words_only(tmp_path: Path) -> None:
    press = "plays/press-handover.md: is never reached with this bundle: nothing reads the risks press"
    assert press in told(OWN, risks=())  # type: ignore[arg-type]
    folder = in_one_piece(tmp_path / "playbook")
    path = folder / "playbook.yaml"
    text = path.read_text("utf-8")
    reason = "    reason: It may come from the press.\n"
    path.write_text(text.replace(reason, reason + "    also: [{tiers: [press]}]\n"), "utf-8")

    assert press not in "\n".join(str(problem) for problem in unreachable(load(folder), OWN, risks=()))


def test_a_rule_that_escalates_by_an_intent_is_worth_mending(tmp_path: Path) -> None:
    folder = in_one_piece(tmp_path / "playbook")
    path = folder / "playbook.yaml"
    rule = "rules:\n  - {name: fire, when: {intents: [outage], cues: [danger]}, action: escalate, reason: It burns.}\n"
    path.write_text(path.read_text("utf-8").replace("\nrules:\n", "\n" + rule), "utf-8")

    assert "rule 'fire' escalates but asks for an intent" in "\n".join(str(problem) for problem in lint(load(folder)))


def test_doctor_names_what_the_bundle_makes_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, model={"bundle": tiny_folder(), "encoder": "none"})  # type: ignore[arg-type]
    monkeypatch.setattr("wiring.serving.labels", lambda *_, **__: {"intent": ["praise"], **MOODS})

    finding = check_playbook(settings)

    assert finding.state == "warning"
    assert "plays/refund-where.md: is never reached with this bundle" in finding.detail
    assert "lint --bundle" in finding.fix


def test_doctor_says_that_rules_alone_read_what_cannot_wait(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, model={"bundle": tiny_folder(), "encoder": "none"})  # type: ignore[arg-type]

    assert (check_safety(settings).state, check_safety(settings).fix != "") == ("warning", True)
    (tmp_path / "bundles" / "risk").mkdir(parents=True)
    assert check_safety(settings).state == "ok"
