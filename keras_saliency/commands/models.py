"""`salbench list models`: the models that can be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from keras_saliency.base.card import Card


@click.command()
@click.argument("pattern", default="*")
@click.option("--kind", help="Only this kind, for instance training-free.")
@click.option("-v", "--verbose", is_flag=True, help="Also paper, size, cost and options.")
def command(pattern: str, kind: str | None, verbose: bool) -> int:
    """Models that can be built, with kind, number of parameters, year and title.

    PATTERN is a shell pattern for their names, for instance 'sam_*'.
    """
    from keras_saliency.registry.cards import list_models, model_card

    names = list_models(pattern, kind)
    if not names:
        click.echo(f"salbench: no model matches {pattern!r}", err=True)
        return 1
    for card in map(model_card, names):
        count = "-" if card.parameters is None else f"{card.parameters:,}"
        year = card.year or ""
        click.echo(f"{card.name:26} {card.kind:21} {count:>11} {year:4} {card.title}")
        if verbose:
            for line in _details(card):
                click.echo(f"{'':26} {line}")
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
