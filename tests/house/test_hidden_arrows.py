"""What imports cannot show: names in data and configuration that must meet."""

import csv
import inspect
import re
from collections import defaultdict
from pathlib import Path

from pydantic import BaseModel

from api.failures import REFUSALS, TABLE
from care import errors
from care.classification import RISKS
from wiring.queue import JOBS
from wiring.settings import Settings
from workers import jobs

ROOT = Path(__file__).resolve().parents[2]
DEFINED = (ROOT / "fixtures/labels/intents.md").read_text("utf-8").partition("## What cannot wait: risk")[0]
INTENTS = set(re.findall(r"^\| `([a-z_]+)` \|", DEFINED, re.MULTILINE))


def test_every_job_in_the_queue_is_a_function_of_the_workers() -> None:
    for name, path in JOBS.items():
        assert path == f"workers.jobs.{name}"
        assert callable(getattr(jobs, name))


def test_every_error_has_a_row_that_says_what_it_is_on_the_wire() -> None:
    ours = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.TactfulError)}

    assert set(TABLE) >= ours
    assert set(TABLE.values()) <= set(REFUSALS)


def test_every_error_stands_in_the_drawn_tree() -> None:
    drawn = set(re.findall(r"[A-Z][A-Za-z]+", errors.__doc__ or ""))

    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.TactfulError):
            assert name in drawn


def test_every_default_intent_is_defined_and_has_messages_in_most_trades() -> None:
    trades = defaultdict(set)
    for path in (ROOT / "fixtures" / "messages").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                trades[row["intent"]].add(path.stem)

    assert set(trades) == INTENTS
    assert len(INTENTS - {"out_of_scope"}) == 31
    assert min(len(arrows) for arrows in trades.values()) >= 5


def test_the_kinds_of_risk_are_those_that_the_definitions_name() -> None:
    defined = (ROOT / "fixtures/labels/intents.md").read_text("utf-8").partition("## What cannot wait: risk")[2]

    assert tuple(re.findall(r"^\| `([a-z_]+)` \|", defined, re.MULTILINE)) == RISKS


def names(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Dotted names of every setting; a mapping counts as one."""
    listed = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            listed += names(kind, f"{prefix}{name}.")
        else:
            listed.append(prefix + name)
    return listed


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"^\| `([a-z_.]+)` \|", (ROOT / "docs/settings.md").read_text("utf-8"), re.MULTILINE))

    assert documented == set(names(Settings))


def test_every_fixture_says_where_it_comes_from() -> None:
    source = (ROOT / "fixtures" / "SOURCE.md").read_text("utf-8")

    for path in (ROOT / "fixtures").iterdir():
        assert path.name in source or path.name == "SOURCE.md", path.name


def test_every_decision_says_what_keeps_it_true() -> None:
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = path.read_text("utf-8")
        for part in ("Status: ", "Context: ", "Decision: ", "Consequences: ", "Considered: ", "Kept true by: "):
            assert part in text, f"{path.name}: {part}"
