"""One door alone: the API, a worker, or the sweep. `tactful up` starts them all."""

from typing import TYPE_CHECKING, Annotated

import typer

from wiring.memory import share_heaps

if TYPE_CHECKING:
    from wiring.settings import Settings


def open_door() -> "Settings":
    """Settings of a process whose store belongs here. Raises Unreachable and BadSettings where it does not."""
    from wiring.opening import check_in
    from wiring.processes import start_beating
    from wiring.settings import load_settings

    settings = load_settings()
    start_beating(settings.home)
    check_in(settings)
    return settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default from the settings.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default from the settings.")] = None,
) -> None:
    """Serve the API and the console."""
    share_heaps()
    import uvicorn

    from api.app import create_app
    from api.limits import Limits, limited
    from wiring.logs import set_up_logs
    from wiring.traces import traces_of

    settings = open_door()
    set_up_logs(settings)
    uvicorn.run(
        create_app(settings, traces=traces_of(settings, "api")),
        host=host or settings.server.host,
        port=port or settings.server.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=30,
        http=limited(Limits(per_address=settings.server.connections)),
        ws="none",
    )


def openapi() -> None:
    """Print the OpenAPI document of this version, as the service gives it at /openapi.json."""
    import json

    from api.app import create_app

    typer.echo(json.dumps(create_app().openapi(), indent=2, ensure_ascii=False))


def worker(queue: Annotated[str, typer.Argument(help="Which jobs: prepare, deliver, notify or webhook.")]) -> None:
    """Work one queue: `prepare` classifies and drafts, `deliver` sends what a person approved, `notify` tells contacts
    of the playbook what climbed to them, `webhook` tells the endpoints of other systems what happened."""
    share_heaps()
    from workers.run import run_worker

    run_worker(queue, open_door())


def sweep() -> None:
    """Ring again what the queue lost, take back what got stuck, let overdue messages climb."""
    share_heaps()
    from workers.sweep import run_sweep

    run_sweep(open_door())
