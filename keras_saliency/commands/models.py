"""`salbench list models`: the models that can be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from keras_saliency.base.card import Card

RIGHT = (2, 4, 5)  # columns of numbers


@click.command()
@click.argument("pattern", default="*")
@click.option("--kind", help="Only this kind, for instance training-free.")
@click.option("--trained", is_flag=True, help="Only models that come with learned weights.")
@click.option(
    "--max-parameters",
    type=click.IntRange(min=0),
    metavar="N",
    help="Only models with at most so many parameters.",
)
@click.option("-v", "--verbose", is_flag=True, help="Also paper, size, cost and options.")
def command(
    pattern: str, kind: str | None, trained: bool, max_parameters: int | None, verbose: bool
) -> int:
    """Models that can be built: parameters, whether they come trained, frame, speed, year, title.

    PATTERN is a shell pattern for their names, for instance 'sam_*'. The speed is that of one
    processor core and a picture of 640x480.
    """
    from keras_saliency.registry.cards import COLUMNS, list_models, model_card, model_rows

    names = list_models(pattern, kind, trained=trained or None, max_parameters=max_parameters)
    if not names:
        asked = "" if pattern == "*" else f" {pattern!r}"
        click.echo(f"salbench: no model matches{asked or ' all of these'}", err=True)
        return 1
    rows = [COLUMNS, *model_rows(names)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(COLUMNS))]
    for name, row in zip(("", *names), rows, strict=True):
        cells = [f"{c:{'>' if k in RIGHT else '<'}{widths[k]}}" for k, c in enumerate(row)]
        click.echo("  ".join(cells).rstrip())
        if verbose and name:
            for line in _details(model_card(name)):
                click.echo(f"{'':{widths[0]}}  {line}")
    return 0


def _details(card: Card) -> list[str]:
    facts = {
        "authors": ", ".join(card.authors),
        "paper": card.paper,
        "parameters": "" if card.parameters is None else f"{card.parameters:,}",
        "trainable": "" if card.trainable is None else f"{card.trainable:,}",
        "input": card.input_range,
        "cost": card.cost,
    }
    lines = [f"{label}: {text}" for label, text in facts.items() if text]
    lines += [f"weights {name}: {weights.source}" for name, weights in card.weights.items()]
    lines += [
        f"option {name}={option.default}: {option.help}" for name, option in card.options.items()
    ]
    return lines + [f"uncertain: {text}" for text in card.uncertain]
