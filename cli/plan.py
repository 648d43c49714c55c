"""`tactful plan`: the written plan of a team's care, filled from what runs, checked and printed."""

import sys

import typer

from care.plan import Plan, document
from care.ports import utc_now
from cli.playbook_new import AsJson

app = typer.Typer(help="The written plan: check it, print it.", no_args_is_help=True)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Fill the plan from playbook, settings and figures, and say what is missing or contradicts it. Exits 1 when
    anything does."""
    plan = standing_plan()
    if as_json:
        from wiring.shapes.plan import PlanOut

        sys.stdout.write(PlanOut.of(plan).model_dump_json(indent=2, by_alias=True) + "\n")
    else:
        for row in plan.rows:
            mark = "!" if row.findings else "✓"
            sys.stdout.write(f"{mark} {row.asks}: {len(row.lines)} stated\n")
            for finding in row.findings:
                sys.stdout.write(
                    f"    {finding.kind.value}: {finding.what} ({finding.where})\n        → {finding.fix}\n"
                )
    n_findings = len(plan.findings)
    sys.stderr.write(f"{n_findings or 'nothing'} to mend\n")
    if n_findings:
        raise typer.Exit(1)


@app.command(name="print")
def print_plan() -> None:
    """Print the plan as a document, in Markdown."""
    sys.stdout.write(document(standing_plan()))


def standing_plan() -> Plan:
    """The plan of this installation as it stands now."""
    from care.planning import plan_of
    from wiring.assemble import Assembly, migrate
    from wiring.origins import setting_lines
    from wiring.planning import has_address, settings_told
    from wiring.settings import load_settings

    settings = load_settings()
    migrate(settings)
    with Assembly(settings) as parts:
        lines = setting_lines(settings)
        return plan_of(
            parts.store,
            parts.playbook,
            parts.channels,
            settings=settings_told(lines),
            has_address=has_address(lines),
            now=utc_now(),
        )
