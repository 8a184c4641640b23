"""Options of commands that predict: which model, with which weights, by which engine."""

from __future__ import annotations

import click

from benchmark_kit.console.options import option_option

DEFAULT = "saliency_lite"

model_options = (
    click.option(
        "--model",
        default=DEFAULT,
        show_default=True,
        metavar="NAME|FILE",
        help="An entry of salbench list models, or a saved .keras, .weights.h5 or .npz file.",
    ),
    click.option("--weights", metavar="FILE", help="A network's weights."),
    option_option,
    click.option(
        "--engine",
        type=click.Choice(["auto", "keras", "onnx"]),
        default="auto",
        show_default=True,
        help="What runs the network; auto: onnx where that needs no export, else keras.",
    ),
    click.option("--allow-random-weights", is_flag=True, help="Let an untrained network predict."),
)
