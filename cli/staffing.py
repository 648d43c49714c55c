"""`tactful staffing`: how many are needed in the next week, as a table, CSV for a roster, or JSON."""

import csv
import sys
from typing import Annotated, Literal

import typer

from care.ports import utc_now
from care.reporting import say_length, say_share
from care.staffing import StaffingPlan
from cli.options import day_of


def staffing(
    team: Annotated[str, typer.Option(help="A team of the playbook; all together without it.")] = "",
    channel: Annotated[str, typer.Option(help="A channel of the playbook; all together without it.")] = "",
    first: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD; today.")] = "",
    each: Annotated[bool, typer.Option("--each", help="Every team by itself, one after the other.")] = False,
    form: Annotated[Literal["text", "csv", "json"], typer.Option("--format", help="How it is written.")] = "text",
) -> None:
    """Foretell what comes in by half hour of the next week, and how many people the target takes."""
    from care.staffing import staffing_plans
    from wiring.assemble import Assembly
    from wiring.settings import load_settings
    from wiring.shapes.staffing import StaffingOut, roster_rows

    parts = Assembly(load_settings())
    which = [(name, channel) for name in parts.playbook.teams] if each else [(team, channel)]
    plans = staffing_plans(parts.store, parts.playbook, which, first=day_of(first, "--from"), now=utc_now())
    if form == "csv":
        csv.writer(sys.stdout).writerows(roster_rows(plans))
    elif form == "json":
        for plan in plans:
            sys.stdout.write(StaffingOut.of(plan).as_line())
    else:
        for plan in plans:
            _write_text(plan)
    for plan in plans:
        if plan.problem and form != "json":
            typer.echo(f"{plan.team or 'all teams'}: {plan.problem}", err=form == "csv")


def _write_text(plan: StaffingPlan) -> None:
    if plan.problem or plan.handle is None:
        return
    said = f"{plan.team or 'all teams'}, {plan.channel or 'all channels'}: {plan.rules.share:.0%} answered within"
    typer.echo(f"{said} {say_length(plan.within.total_seconds())}, staffed time of {plan.zone}")
    typer.echo(
        f"learnt from {plan.n_weeks} weeks; {say_share(plan.coverage.share)} of {plan.coverage.n} half hours that were "
        f"foretold lay within their 90 % interval; a reply takes {say_length(plan.handle.mean_s)} "
        + (f"(measured on {plan.handle.n_measured})" if plan.handle.n_measured else "(as the playbook says)")
    )
    typer.echo(f"{'day':<12}{'arrivals':>10}{'at once':>9}{'hours at work':>15}{'hours rostered':>16}")
    for day in plan.days:
        typer.echo(
            f"{day.day:%a %d %b}{'':<2}{day.arrivals:>10.0f}{day.peak:>9}{day.desk_h:>15.1f}{day.rostered_h:>16.1f}"
        )
    shares = [say_share(plan.share(which)) for which in ("one_less", "share", "one_more")]
    typer.echo(f"in time: {shares[1]}; with one person less {shares[0]}, with one more {shares[2]}\n")
