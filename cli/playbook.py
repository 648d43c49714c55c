"""`tactful playbook`: lint it, test its examples, look at its texts, see what became of its drafts."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care.errors import BadInput, BadPlaybook, Problem
from care.learning import DraftOutcome, GoalLine, PlayCount
from care.ports import utc_now
from care.results import Results, results
from cli.failures import GATE_NOT_MET, tell_problem
from cli.playbook_new import AsJson, Folder, new, plays, take

if TYPE_CHECKING:
    from wiring.assemble import Assembly

app = typer.Typer(help="Begin, check, test and show the playbook.", no_args_is_help=True)
app.command()(new)
app.command()(plays)
app.command()(take)


@app.command()
def lint(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the playbook; without it the default one.")] = None,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle that the playbook must work with.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit 3 when anything is worth mending.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong or worth mending: unknown labels and slots, plays nobody reaches, intents without a play,
    texts too long for a channel, tone, a missing offline path, sentences that claim somebody else has the matter. With
    a bundle, every rule and play too that it makes unreachable."""
    try:
        parts = _tried(folder)
        bench = parts.workshop
    except BadPlaybook as error:
        for problem in error.problems:
            tell_problem(problem, as_json=as_json)
        raise typer.Exit(GATE_NOT_MET if strict else 1) from None
    problems = _with_bundle(parts, bundle) if bundle else bench.lint()
    for problem in problems:
        tell_problem(problem, as_json=as_json)
    n_plays, n_problems = len(bench.book.plays), len(problems)
    sys.stderr.write(f"{n_plays} plays, version {bench.book.version}: {n_problems or 'nothing'} to mend\n")
    if problems and strict:
        raise typer.Exit(GATE_NOT_MET)


@app.command()
def sign(
    play: Annotated[str, typer.Argument(help="Id of the play.")],
    by: Annotated[str, typer.Option(help="Who read its words and approves them.")],
    matter: Annotated[str, typer.Option("--for", help="legal or medical.")],
    folder: Folder = None,
) -> None:
    """Write into a play that somebody approved its words as they are now. An edit of them makes it void."""
    parts = _tried(folder)
    path = parts.workshop.sign(parts.settings.playbook, play, matter=matter, by=by, on=utc_now().date())
    sys.stdout.write(f"{path}: approved by {by} for {matter} matter\n")


@app.command(name="test")
def try_examples(folder: Folder = None, as_json: AsJson = False) -> None:
    """Run the examples inside the plays: message in, expected decision and play out. Exits 3 when one fails."""
    tested = _tried(folder).workshop.test()
    failed = [example for example in tested if example.problem]
    for example in tested if as_json else failed:
        line = json.dumps(asdict(example)) if as_json else f"{example.where}: {example.problem}\n    {example.text}"
        sys.stdout.write(line + "\n")
    sys.stderr.write(f"{len(tested) - len(failed)} of {len(tested)} examples are as expected\n")
    if failed:
        raise typer.Exit(GATE_NOT_MET)


@app.command()
def render(
    play: Annotated[str, typer.Argument(help="Id of the play.")],
    channel: Annotated[str | None, typer.Option(help="Only on this channel; else on x and by e-mail.")] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show the texts that a play can give, with sample values and with open slots."""
    for rendered in _tried(folder).workshop.render(play, channel=channel):
        if as_json:
            sys.stdout.write(json.dumps(asdict(rendered)) + "\n")
        else:
            sys.stdout.write(
                f"-- {rendered.channel}, {rendered.when} ({rendered.length} of {rendered.limit})\n{rendered.text}\n\n"
            )


@app.command()
def stats(
    file: Annotated[
        Path | None, typer.Argument(help="A file of play, draft, sent and outcome; without it, what is kept.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count what became of each play's drafts: taken, edited by kind, rejected; flag what people keep rewriting; and
    say which goals of the playbook are reached."""
    from wiring.assemble import migrate
    from wiring.shapes.plays import GoalOut, PlayCountOut

    parts = _tried(None)
    if file is None:
        migrate(parts.settings)
        measured = results(parts.store, parts.playbook, now=utc_now())
    else:
        counts, flags = parts.playbook.learn(_outcomes(file))
        measured = Results(counts, flags, goals=())
    for line in measured.counts:
        sys.stdout.write(PlayCountOut.of(line).as_line() if as_json else _stats_words(line))
    for goal in measured.goals:
        sys.stdout.write(GoalOut.of(goal).as_line() if as_json else _goal_words(goal))
    for flag in measured.flags:
        change = f": {flag.change[0]!r} -> {flag.change[1]!r}" if flag.change else ""
        owner = f" (owner: {flag.owner})" if flag.owner else ""
        sys.stderr.write(f"look at {flag.play_id}: {flag.what}{change}{owner}\n")


@app.command()
def learn(
    accept: Annotated[str | None, typer.Option(help="Id of a proposal to write into plays/.")] = None,
    as_json: AsJson = False,
) -> None:
    """Propose plays from answers that the team gave again and again in solved cases. Nothing is written before a person
    accepts one; its words then are the team's to change."""
    from wiring.assemble import migrate
    from wiring.own_answers import proposed, write_play

    parts = _tried(None)
    migrate(parts.settings)
    found = proposed(parts.store, parts.redactor, parts.playbook.book)
    if accept is not None:
        play = next((play for play in found if play.id == accept), None)
        if play is None:
            raise BadInput(f"There is no proposal {accept!r}. `tactful playbook learn` lists those of today.")
        folder, intents = parts.settings.playbook, parts.playbook.policy.intents
        path = write_play(play, folder, parts.classifier, intents=intents)
        sys.stdout.write(f"{path}: read it, change it, then `tactful playbook lint`\n")
        return
    for play in found:
        line = {"id": play.id, "text": play.template, "customers": play.n_customers}
        words = f"{play.id}  {play.n_customers} customers  {play.template}"
        sys.stdout.write((json.dumps(line) if as_json else words) + "\n")
    sys.stderr.write(f"{len(found) or 'nothing'} to propose; `--accept ID` writes one into plays/\n")


def _stats_words(line: PlayCount) -> str:
    kinds = ", ".join(f"{kind} {number}" for kind, number in line.edits)
    return (
        f"{line.play_id:<26} shown {line.n_shown:>5}  as is {line.n_accepted:>5}  edited {line.n_edited:>5}"
        f"  rejected {line.n_rejected:>5}  {kinds}\n"
    )


def _goal_words(goal: GoalLine) -> str:
    wanted = f"goal {goal.name}: {goal.target:g} of {goal.of:g} wanted, "
    if goal.measured is None:
        return f"{wanted}nothing to measure yet\n"
    told = "reached" if goal.is_reached else "not reached"
    before = f", before: {goal.baseline}" if goal.baseline else ""
    return f"{wanted}{goal.measured:.3g} measured over {goal.n_cases}: {told}{before}\n"


def _outcomes(file: Path) -> list[DraftOutcome]:
    from wiring.tables.reading import open_table

    rows = []
    for row in open_table(file, needs=("play", "draft", "outcome"), may=("sent",)):
        is_sent = {"sent": True, "rejected": False}.get(row["outcome"])
        if is_sent is None or not row["play"]:
            raise BadInput(f"{file.name}:{row.line} lacks a play, or an outcome that is sent or rejected.")
        rows.append(DraftOutcome(row["play"], row["draft"], row["sent"], is_sent))
    return rows


def _with_bundle(parts: "Assembly", bundle: Path) -> list[Problem]:
    """Raises BundleError."""
    from wiring.serving import labels, risks_read

    told = labels(parts.settings, bundle=bundle)
    return parts.workshop.lint(labels=told, risks=risks_read(parts.settings))


def _tried(folder: Path | None) -> "Assembly":
    """The parts of a process that only tries a playbook."""
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    return Assembly(load_settings(**({"playbook": folder} if folder else {})), is_trial=True)
