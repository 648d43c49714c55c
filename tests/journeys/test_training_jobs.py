"""A bundle is retrained and promoted by jobs, each command in a process of its own."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.model.tiny import write_examples
from wiring.promoted import current, history
from wiring.training_jobs import DONE, SUSPECTS, TrainingJobs, TrainingWish

pytestmark = pytest.mark.issue(17)


def test_a_bundle_is_retrained_and_promoted_by_jobs(tmp_path: Path) -> None:
    rows = write_examples(tmp_path / "rows.csv")
    asked = ["data", "import", str(rows), "--out", str(tmp_path / "datasets" / "history"), "--label", "intent"]
    assert CliRunner().invoke(app, asked).exit_code == 0
    home = {"TACTFUL_HOME": str(tmp_path), "TACTFUL_MODEL__ENCODER": "none"}
    assert CliRunner().invoke(app, ["migrate"], env=home).exit_code == 0
    jobs = TrainingJobs(tmp_path, environment=home)

    made = jobs.run(jobs.ask(TrainingWish("retrain", "history", encoder="none"), by="Ada").id)
    assert made.state == DONE, jobs.log(made.id)
    promoted = jobs.run(jobs.ask(TrainingWish("promote", job=made.id, reason="the first one"), by="Ada").id)
    assert promoted.state == DONE, jobs.log(promoted.id)

    assert jobs.made(made, SUSPECTS) is not None
    [line] = history(tmp_path / "bundles")
    assert (line.act, line.by, line.bundle) == ("promote", "Ada", current(tmp_path / "bundles"))
