"""`salbench list`: what the kit knows."""

from __future__ import annotations

import click

from benchmark_kit.cli import EntryPointGroup


@click.group(
    cls=EntryPointGroup,
    entries="benchmark_kit.lists",
    no_args_is_help=True,
    epilog="""\b
Examples:
  salbench list datasets -v
  salbench list metrics
  salbench list leaderboards -v
""",
)
def command() -> None:
    """List data sets, metrics, dialects, leaderboards and what else is installed."""


@command.command()
@click.option("-v", "--verbose", is_flag=True, help="Also options, folders and terms.")
def datasets(verbose: bool) -> None:
    """Data sets that can be read, with their default dialect."""
    from benchmark_kit.datasets import dataset_facts, list_datasets

    for name in list_datasets():
        facts = dataset_facts(name)
        click.echo(f"{name:14} {facts.title:22} {facts.dialect}")
        if verbose:
            for line in facts.lines():
                click.echo(f"{'':14} {line}")


@command.command()
@click.option(
    "-v", "--verbose", is_flag=True, help="Also the dialects that have it, with constants."
)
def metrics(verbose: bool) -> None:
    """Metrics, what they are compared with and which way is better."""
    from benchmark_kit.dialects import DIALECTS
    from benchmark_kit.metrics import METRICS

    click.echo(f"{'name':10} {'label':12} {'better':7} {'range':10} {'unit':13} needs")
    for name, function in METRICS.items():
        facts = function.facts
        low = "" if facts.low is None else f"{facts.low:g}"
        high = "" if facts.high is None else f"{facts.high:g}"
        head = f"{name:10} {facts.label:12} {facts.better:7} {low + '..' + high:10} {facts.unit:13}"
        click.echo(f"{head} {facts.needs}")
        if verbose:
            having = [dialect for dialect in DIALECTS.values() if name in dialect.constants]
            for dialect in having:
                constants = ", ".join(f"{k}={v}" for k, v in dialect.constants[name].items())
                click.echo(f"{'':10} {name}@{dialect.name}: {constants}")
            if not having:
                click.echo(f"{'':10} in any dialect: salbench evaluate --metrics {name}")


@command.command()
@click.option("-v", "--verbose", is_flag=True, help="Also every constant.")
def dialects(verbose: bool) -> None:
    """Benchmark conventions and the metrics they score."""
    from benchmark_kit.dialects import DIALECTS

    for dialect in DIALECTS.values():
        click.echo(f"{dialect.name:12} {dialect.title}; by {dialect.reference}")
        click.echo(f"{'':12} {', '.join(dialect.default_metrics)}")
        if verbose:
            for name, constants in dialect.constants.items():
                text = ", ".join(f"{k}={v}" for k, v in constants.items())
                click.echo(f"{'':12} {name}: {text}")


@command.command()
@click.option("-v", "--verbose", is_flag=True, help="Also formats, metrics, source and rules.")
def leaderboards(verbose: bool) -> None:
    """Leaderboards that submissions are checked and packaged for, and whether they are open."""
    from benchmark_kit.leaderboards import get_board, list_boards

    for name in list_boards():
        board = get_board(name)
        state = f"{board.state} ({board.state_date})"
        click.echo(f"{name:14} {board.title:30} {state:18} {', '.join(board.kinds)}")
        if verbose:
            for line in board.lines():
                click.echo(f"{'':14} {line}")
