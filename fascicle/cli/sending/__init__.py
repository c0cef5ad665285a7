"""editions, deliveries, simulate: what goes out, what went, and what will."""

import typer

from fascicle.cli.sending import deliveries, editions, outlook


def add_to(app: typer.Typer) -> None:
    editions.add_to(app)
    deliveries.add_to(app)
    outlook.add_to(app)
