"""`dwtop demo-server`: the simulated API on its own."""

import select
import sys

import click

from app.cli.errors import CliError
from app.cli.options import Command, positive_number
from app.cli.output.terminal import pipe_descriptor
from app.presentation.sentences import capitalized

_SIGNAL_CHECK_SECONDS = 0.5
"""How often Python can handle signals; one that arrives just before a wait would not end it."""


@click.command("demo-server", cls=Command)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0 picks a free one."
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed makes the same jobs.")
@click.option(
    "--speed",
    metavar="X",
    type=positive_number,
    default=1.0,
    show_default=True,
    help="How many times faster than real time.",
)
@click.option(
    "--jobs", type=click.IntRange(0, 100_000), default=12, show_default=True, help="Number of jobs."
)
def demo_server_command(port: int, seed: int, speed: float, jobs: int) -> None:
    """Run a simulated DeepWriter API on this machine until Ctrl-C.

    If its output goes to a pipe, it also ends when the reader closes the pipe.
    """
    from app.simulator.lifecycle import World
    from app.simulator.scenarios import scenarios
    from app.simulator.server import SimulatorServer

    world = World(scenarios(seed, jobs), speed=speed)
    server = SimulatorServer(world, port=port)
    try:
        server.start()
    except OSError as error:
        raise CliError(f"{capitalized(str(error))}.") from None
    try:
        _announce(server.base_url, world.ids)
        pipe = pipe_descriptor(sys.stdout)
        pipes = [] if pipe is None else [pipe]
        while not select.select(pipes, [], [], _SIGNAL_CHECK_SECONDS)[0]:  # until its reader closes it
            pass
    finally:
        server.stop()


def _announce(base_url: str, job_ids: tuple[str, ...]) -> None:
    click.echo(f"Simulated DeepWriter API with {len(job_ids)} jobs: {base_url}")
    click.echo("To watch them from another terminal (any token is accepted):")
    click.echo(f"  export DEEPWRITER_BASE_URL={base_url} DEEPWRITER_TOKEN=demo")
    click.echo(f"  dwtop {' '.join(job_ids[:3])}{' ...' if len(job_ids) > 3 else ''}")
    click.echo("All job IDs:")
    for job_id in job_ids:
        click.echo(f"  {job_id}")
    click.echo(
        'To fail the next 5 requests, POST {"code": 503, "count": 5} to /_control/faults. Ctrl-C stops it.'
    )
