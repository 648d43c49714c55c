"""`tactful knowledge`: check what a team wrote down, ask it, and see what it lacks."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.failures import GATE_NOT_MET, tell_problem
from cli.options import STDIN, Days, grouped

app = typer.Typer(help="Check and ask what your team knows, and see what it lacks.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command()
def lint(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the knowledge; without it the one in use.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit 3 when anything is worth mending.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say with file and line what cannot be used, what is not true any more and what disagrees: secrets, scripts,
    orders to a machine, broken links, files that are too large. No secret is printed."""
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    parts = Assembly(load_settings(**({"knowledge": folder} if folder else {})), is_trial=True)
    found = parts.checked_knowledge()
    for problem in found.problems:
        tell_problem(problem, as_json=as_json)
    n_internal, n_problems = sum(passage.is_internal for passage in found.passages), len(found.problems)
    said = f"{len(found.passages)} passages can be used, {n_internal} of them internal"
    sys.stderr.write(f"{said}: {n_problems or 'nothing'} to mend\n")
    if found.problems and strict:
        raise typer.Exit(GATE_NOT_MET)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="A customer's words, or - for standard input.")],
    channel: Annotated[str, typer.Option(help="Where the answer would go.")] = "email",
    as_json: AsJson = False,
) -> None:
    """Show the passages that come closest, best first, each with the chance that it answers. A star marks what a draft
    would be filled from. Internal ones are for your people alone."""
    from care.ports import utc_now
    from wiring.assemble import Assembly
    from wiring.settings import load_settings
    from wiring.shapes.knowledge import HitOut

    parts = Assembly(load_settings(), is_trial=True)
    said = sys.stdin.read() if question == STDIN else question
    hits = parts.knowledge.find(said, channel=channel, day=utc_now().date())
    for hit in hits:
        passage = hit.passage
        sure, place = "*" if hit.is_sure else " ", f"{passage.place}{' (internal)' if passage.is_internal else ''}"
        line = f"{sure} {hit.score:.2f}  {passage.title}  [{place}]\n         {passage.text}\n"
        sys.stdout.write(HitOut.of(hit).as_line() if as_json else line)
    if not any(hit.is_sure for hit in hits):
        sys.stderr.write("nothing answers this surely enough to be offered\n")


@app.command()
@grouped
def gaps(days: Days, as_json: AsJson = False) -> None:
    """Count what drafts wanted to say and nobody had written down, most wanted first: for how many messages, the slot,
    the intent where it was sure, when last, and the cases where it happened last."""
    from care.results import knowledge_gaps
    from wiring.assemble import Assembly
    from wiring.settings import load_settings
    from wiring.shapes.knowledge import GapOut

    with Assembly(load_settings()) as parts:
        first, last = days.within(parts.playbook.policy.zone)
        counted = knowledge_gaps(parts.store, parts.playbook, first=first, last=last)
    for gap in counted:
        about = gap.lack.about or "not sure"
        line = f"{gap.n_messages:>5}  {gap.lack.slot:<10} {about:<24} {gap.last_at:%Y-%m-%d}  {' '.join(gap.cases)}\n"
        sys.stdout.write(GapOut.of(gap).as_line() if as_json else line)
    if not counted:
        sys.stderr.write(f"no draft lacked knowledge from {first} to {last}\n")
