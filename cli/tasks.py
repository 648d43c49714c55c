"""`tactful tasks`: messages that could not be prepared, and have a person try again."""

from typing import Annotated

import typer

from cli.options import Format

app = typer.Typer(help="Messages that could not be read and answered.", no_args_is_help=True)


@app.command("list")
def list_tasks(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200, format: Format = "table"
) -> None:
    """Every parked message: its id, channel, when it came, how often it was tried, and what went wrong last."""
    from wiring.assemble import store
    from wiring.settings import load_settings
    from wiring.shapes.answers import ParkedTaskOut

    with store(load_settings())(read=True) as work:
        for task in work.tasks.parked(limit=limit):
            if format == "jsonl":
                typer.echo(ParkedTaskOut.of(task).as_line(), nl=False)
                continue
            came = f"{task.received_at:%Y-%m-%d %H:%M}"
            typer.echo(f"{task.message_id}\t{task.channel}\t{came}\t{task.n_tries} tries\t{task.problem}")


@app.command("again")
def again(message_id: Annotated[str, typer.Argument(help="The id that `tactful tasks list` shows.")]) -> None:
    """Have a parked message prepared once more, with all its tries before it."""
    from care.casework import take_up
    from care.trail import OPERATOR
    from wiring.assemble import queue, store
    from wiring.settings import load_settings

    settings = load_settings()
    take_up(store(settings), queue(settings), message_id, by=OPERATOR)
    typer.echo(f"{message_id} is prepared again.")
