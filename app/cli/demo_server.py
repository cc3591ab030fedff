"""`dwtop demo-server`: the simulated API on its own."""

import click

from app.cli.errors import INTERRUPTED, Fault


@click.command("demo-server")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0 chooses a free one."
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed makes the same jobs.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="How many times faster than life.",
)
@click.option(
    "--jobs", type=click.IntRange(0, 100_000), default=12, show_default=True, help="How many jobs there are."
)
@click.pass_context
def demo_server_command(context: click.Context, port: int, seed: int, speed: float, jobs: int) -> None:
    """Run the simulated DeepWriter API on this machine, until Ctrl-C."""
    from app.simulator.faults import Faults
    from app.simulator.lifecycle import World
    from app.simulator.server import serve

    try:
        world = World(seed, jobs, speed)
    except ValueError as error:  # a number that no range keeps out, such as nan
        raise Fault(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None

    def ready(base_url: str) -> None:
        click.echo(f"Simulated DeepWriter API with {jobs} jobs: {base_url}")
        click.echo("Watch them from another terminal (any token is let in):")
        click.echo(f"  export DEEPWRITER_BASE_URL={base_url} DEEPWRITER_TOKEN=demo")
        click.echo(f"  dwtop {' '.join(world.ids[:3])}{' ...' if len(world.ids) > 3 else ''}")
        click.echo("All job IDs:")
        for job_id in world.ids:
            click.echo(f"  {job_id}")
        click.echo("Faults are switched with POST /_control/faults. Ctrl-C ends it.")

    try:
        serve("127.0.0.1", port, world, Faults(), ready)
    except OSError as error:
        raise Fault(str(error)) from None
    context.exit(INTERRUPTED)  # nothing else ends it
