"""Whatever people, customers, channels, clocks and dying workers do, in whatever order: the laws of a case hold."""

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.journeys.case_machine import machine

A_FEW = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


def copies_of(template: Path, folder: Path) -> Callable[[], str]:
    """Gives a fresh SQLite database at each call."""

    def new_url() -> str:
        path = folder / f"{uuid4().hex}.db"
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    return new_url


def test_the_laws_of_a_case_hold_in_any_order_of_events(sqlite_template: Path, tmp_path: Path) -> None:
    run_state_machine_as_test(machine(copies_of(sqlite_template, tmp_path)), settings=A_FEW)
