"""`tactful drift`: whether the messages of today are still those that the bundles learnt from."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from care.drift import LEAST, DriftReport, DriftStanding, PeopleSaid, TaskDrift
from care.ports import utc_now

_MOST_LISTED = 5


def drift(
    days: Annotated[int, typer.Option(min=1, max=3650, help="So many days up to now.")] = 28,
    as_json: Annotated[bool, typer.Option("--json", help="All of it as one JSON object.")] = False,
) -> None:
    """Hold the live messages beside the rows that the bundles in use were measured on. Exit code 1: something drifted.

    Looks at the share of each label, at scores, and at what people corrected or let stand.
    """
    from care.drift import find_drift
    from wiring.assemble import Assembly
    from wiring.drift import references_of
    from wiring.settings import load_settings
    from wiring.shapes.drift import DriftOut

    settings = load_settings()
    report = find_drift(Assembly(settings).store, references_of(settings), now=utc_now(), days=days)
    if as_json:
        sys.stdout.write(DriftOut.of(report).as_line())
    else:
        typer.echo("\n".join(_lines(report, days)))
    if report.drifted:
        raise typer.Exit(1)


def _lines(report: DriftReport, days: int) -> Iterator[str]:
    newest = "the newest " if report.is_capped else ""
    yield f"{newest}{report.n_messages} live messages of {days} days"
    for task in report.tasks:
        yield f"{task.task}: {_standing(task)}"
        for shift in [shift for shift in task.shifts if shift.is_drifted][:_MOST_LISTED]:
            yield f"  {shift.name}: {shift.before:.1%} -> {shift.share:.1%}, p = {shift.p:.1g}"
        if task.people is not None:
            yield f"  {_people(task.people, task.accuracy_before)}"
    if any(task.people is not None for task in report.tasks):
        yield "People correct what is wrong: what they said is no sample of all messages."


def _standing(task: TaskDrift) -> str:
    if task.standing is DriftStanding.NO_REFERENCE:
        return f"{task.bundle} keeps nothing to compare with; train it again with this version"
    if task.standing is DriftStanding.TOO_FEW:
        return f"{task.standing}, {task.n} messages beside {task.n_reference} rows of {task.bundle} (at least {LEAST})"
    n_drifted = sum(shift.is_drifted for shift in task.shifts)
    told = f"{n_drifted} of {len(task.shifts)} shares moved" if n_drifted else "no share moved"
    return f"{task.standing}, {told}; {task.n} messages beside {task.n_reference} rows of {task.bundle}"


def _people(people: PeopleSaid, before: float | None) -> str:
    if people.n < LEAST:
        return f"people said of {people.n} what is right: too few to tell (at least {LEAST})"
    low, high = people.accuracy_interval
    held_out = f" (held out {before:.1%})" if before is not None else ""
    gap_low, gap_high = people.too_sure_interval
    return (
        f"people said of {people.n} what is right: {people.accuracy:.1%} were ({low:.1%} to {high:.1%}){held_out}; "
        f"calibration error {people.calibration_error:.3f}, scores {people.too_sure:+.3f} "
        f"({gap_low:+.3f} to {gap_high:+.3f}) above what stood"
    )
