"""`dwtop demo-server`: the simulated API on its own."""

import json
import threading
from contextlib import suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from app.cli.errors import INTERRUPTED, CliError

if TYPE_CHECKING:
    from app.simulator.variants import Variants


@click.command("demo-server")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0 picks a free one."
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed makes the same jobs.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="How many times faster than real time.",
)
@click.option(
    "--jobs", type=click.IntRange(0, 100_000), default=12, show_default=True, help="Number of jobs."
)
@click.option("--variant", "variants", multiple=True, hidden=True, metavar="NAME[=JSON]")
@click.pass_context
def demo_server_command(
    context: click.Context, port: int, seed: int, speed: float, jobs: int, variants: tuple[str, ...]
) -> None:
    """Run a simulated DeepWriter API on this machine until Ctrl-C."""
    from app.simulator.lifecycle import World
    from app.simulator.scenarios import scenarios
    from app.simulator.server import SimulatorServer

    try:
        world = World(scenarios(seed, jobs), speed=speed)
        server = SimulatorServer(world, variants=_read_variants(variants), port=port)
    except ValueError as error:  # also for nan, which click accepts in any range
        raise CliError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None

    def announce(base_url: str) -> None:
        click.echo(f"Simulated DeepWriter API with {jobs} jobs: {base_url}")
        click.echo("To watch them from another terminal (any token is accepted):")
        click.echo(f"  export DEEPWRITER_BASE_URL={base_url} DEEPWRITER_TOKEN=demo")
        click.echo(f"  dwtop {' '.join(world.ids[:3])}{' ...' if len(world.ids) > 3 else ''}")
        click.echo("All job IDs:")
        for job_id in world.ids:
            click.echo(f"  {job_id}")
        click.echo(
            'Fail the next 5 requests: POST {"code": 503, "count": 5} to /_control/faults. Ctrl-C stops it.'
        )

    try:
        with server, suppress(KeyboardInterrupt):
            announce(server.base_url)
            threading.Event().wait()
    except OSError as error:
        raise CliError(str(error)) from None
    context.exit(INTERRUPTED)  # only Ctrl-C stops it


def _read_variants(texts: tuple[str, ...]) -> "Variants":
    """Read variants, given as `NAME` (switched on) or `NAME=VALUE` (JSON, or a plain word).

    Raises:
        ValueError: A name is unknown, or a value out of range.
    """
    from app.simulator.variants import Variants

    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            values[name] = json.loads(value) if equals else True
        except ValueError:
            values[name] = value
    try:
        return Variants(**values)
    except TypeError:
        names = ", ".join(field.name for field in fields(Variants))
        raise ValueError(f"--variant takes one of {names}") from None
