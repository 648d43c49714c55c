"""`tactful report`: what a head of care reads, as a table, CSV or JSON."""

import csv
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from care.goals import Standing, say_estimate, say_goal, say_standing
from care.ports import utc_now
from care.reporting import FIGURES, SHARES, By, Period, Report, figures_of, say_length, say_median, say_share
from care.value import LEAST, Value, value_of
from cli.options import Days, grouped


class Format(StrEnum):
    TEXT = "text"
    CSV = "csv"
    JSON = "json"


@grouped
def report(
    days: Days,
    by: Annotated[By, typer.Option(help="What the lines are.")] = By.DAY,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TEXT,
    goals: Annotated[bool, typer.Option("--goals", help="Say where the goals stand, and no more.")] = False,
    value: Annotated[bool, typer.Option("--value", help="Say how long replies take with and without a draft.")] = False,
    cases: Annotated[str, typer.Option(metavar="FIGURE", help="Print the ids of the cases behind a figure.")] = "",
) -> None:
    """Count what happened: volume, response against target and promise, resolution, promises, drafts, satisfaction."""
    from care.goal_standings import standings
    from care.results import reported, reported_cases
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    settings = load_settings()
    parts = Assembly(settings)
    kept, book = parts.store, parts.playbook
    if goals:
        write_goals(standings(kept, book, now=utc_now()))
        return
    first, last = days.within(book.policy.zone)
    if value:
        period = Period.of_days(first, last, book.policy.zone)
        with kept(read=True) as work:
            write_value(value_of(work.workload.timed(period.since, period.until)))
        return
    if cases:
        for id in reported_cases(kept, book, first=first, last=last, figure=cases):
            typer.echo(id)
        return
    WRITERS[form](reported(kept, book, first=first, last=last, by=by))


def write_goals(stands: Sequence[Standing]) -> None:
    """A line a goal: what is wanted, what was measured as an interval, and what can be told of it."""
    for standing in stands:
        goal = standing.goal
        before = f"; before: {say_estimate(standing.baseline)}" if standing.baseline else ""
        owner = f" (owner: {goal.owner})" if goal.owner else ""
        typer.echo(f"{goal.name}: {say_goal(goal)} wanted; {say_estimate(standing.now)} in four weeks{before}")
        typer.echo(f"    {say_standing(standing)}; {standing.since}{owner}")


def write_value(value: Value) -> None:
    """How long replies took by how they came about, and what a draft saved within an intent, as an interval."""
    if not value.by_way:
        typer.echo("Nobody sent a reply from the console on these days while a case of theirs was open.")
        return
    for way, line in value.by_way.items():
        name = way.replace("_", " ")
        half, mean = say_length(line.median_s), say_length(line.mean_s)
        typer.echo(f"{name:<12}{line.n:>7} replies, half of them within {half}, {mean} on average")
    saved = value.saved
    if saved is None:
        typer.echo(f"Too little to tell what drafts save: no intent has {LEAST} replies with and {LEAST} without one.")
        return
    seconds = f"{saved.per_reply_s:.0f} s (95 %: {saved.low_s:.0f} to {saved.high_s:.0f} s)"
    told = "" if saved.can_be_told else " That is too little to tell."
    typer.echo(f"A draft that was taken saved {seconds}, over {saved.n_compared} of {saved.n_drafted} replies.{told}")
    if saved.can_be_told:
        hours = [saved.n_compared * length / 3600 for length in (saved.per_reply_s, saved.low_s, saved.high_s)]
        typer.echo(f"Over these {saved.n_compared}: {hours[0]:.1f} hours ({hours[1]:.1f} to {hours[2]:.1f}).")


def write_csv(report: Report) -> None:
    """One row a line, `total` last; every figure, share (0 to 1) and length of time (seconds) a column."""
    kinds = sorted(report.total.durations)
    named = [name for name, _ in figures_of(report.total)]
    writer = csv.writer(sys.stdout)
    lengths = [f"{kind} {name} s" for kind in kinds for name in ("p50", "p90")]
    writer.writerow([report.by.value, *named, *SHARES, *lengths, "satisfaction"])
    for line in (*report.lines, report.total):
        typical = [line.length(kind, share) for kind in kinds for share in (0.5, 0.9)]
        values = [line.figures[name] for name in named] + [line.share(name) for name in SHARES] + typical
        writer.writerow([line.key, *("" if value is None else value for value in (*values, line.satisfaction))])


def write_json(report: Report) -> None:
    """The shape of `GET /v1/report`."""
    from wiring.shapes.report import ReportOut

    sys.stdout.write(ReportOut.of(report).model_dump_json(indent=2) + "\n")


def write_text(report: Report) -> None:
    """A table of what is read most, then every figure of the whole."""
    typer.echo(
        f"{report.by.value:<14}{'messages':>9}{'answered':>9}{'in promise':>11}{'median':>9}{'resolved':>9}{'as is':>7}"
    )
    for line in (*report.lines, report.total):
        typer.echo(
            f"{line.key[:13]:<14}{line.figures['messages']:>9}{line.figures['responses']:>9}"
            f"{say_share(line.share('within the published window')):>11}{say_median(line):>9}"
            f"{line.figures['resolved']:>9}{say_share(line.share('drafts sent as they were')):>7}"
        )
    typer.echo("")
    for name, count in figures_of(report.total):
        if count:
            kind = name.partition(":")[2]
            typer.echo(f"{count:>7}  {f'  {kind}' if kind else FIGURES[name]}")


WRITERS = {Format.TEXT: write_text, Format.CSV: write_csv, Format.JSON: write_json}
