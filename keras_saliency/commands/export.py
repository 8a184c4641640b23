"""`salbench export`: a network as a file for other runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.options import force_option, out_option, quiet_option


@click.command(
    epilog="""\b
Examples:
  salbench export msi_net --weights msi_net.weights.h5 --out msi_net.onnx
  salbench export ml_net --weights mine.keras --input-shape 320x400 --out ml_net.onnx
  salbench export --model mine.keras --out mine.tflite
  salbench export saliency_lite --out saliency_lite_saved_model
"""
)
@click.argument("name", required=False)
@click.option("--model", metavar="NAME|FILE", help="The same as NAME, or a saved network.")
@out_option("File to write; of a SavedModel a folder to make.", "FILE|DIR")
@click.option(
    "--format",
    "form",
    type=click.Choice(["onnx", "litert", "savedmodel"]),
    help="Kind of file [default: as the name says: .onnx, .tflite, or no suffix].",
)
@click.option("--weights", metavar="FILE", help="The network's weights, or a name from its card.")
@click.option("--input-shape", metavar="HxW", help="Size that the network is built for.")
@click.option(
    "--allow-random-weights", is_flag=True, help="Export without weights, to try a runtime."
)
@force_option()
@quiet_option
def command(
    name: str | None,
    model: str | None,
    out: Path,
    form: str | None,
    weights: str | None,
    input_shape: str | None,
    allow_random_weights: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Write the network NAME (or a saved one) for another runtime.

    It is compared with Keras before it is kept. The file takes pictures that are prepared as
    `model.preprocess` does, and gives the raw map.
    """
    from benchmark_kit.console.noise import without_log_lines
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.files import check_folder, check_output, refuse_full_folder
    from keras_saliency.export import FORMS, check_libraries, export_network, form_of
    from keras_saliency.predict.predictor import open_predictor
    from keras_saliency.registry.build import NETWORKS
    from keras_saliency.registry.cards import list_models, model_card

    if (name is None) == (model is None):
        raise click.UsageError("give one network: NAME, or --model NAME|FILE")
    given = str(name or model)
    form = form_of(out, form)
    check_libraries(FORMS[form])
    card = model_card(given) if given in list_models() else None
    if card is not None and card.kind not in NETWORKS:
        raise ConfigError(
            f"{given} is no Keras network (kind: {card.kind}): there is no graph to export"
        )
    trained = card is not None and bool(card.without_keras)  # its weights come with the package
    if card is not None and not (weights or trained or allow_random_weights):
        raise ConfigError(
            f"{given} without weights gives maps that say nothing. Fix: --weights FILE, or "
            "--allow-random-weights to try a runtime"
        )
    if FORMS[form].suffix:
        check_output(out, "--out", replace=force)
    else:
        check_folder(out, "--out")
        refuse_full_folder(out, "--out", "another name, or delete it")
    size = _size(input_shape)
    options: dict[str, Any] = {"weights": weights}
    if card is not None:  # a saved network knows what it was built for
        options["input_shape"] = size
    options["engine"] = "keras" if trained else None
    network = open_predictor(
        given,
        allow_random_weights=allow_random_weights,
        **{key: value for key, value in options.items() if value is not None},
    )
    with without_log_lines():
        apart = export_network(network, out, form=form, size=size)
    if not quiet:
        click.echo(
            f"{out}: {form}, differs from Keras by at most {apart:.1e} of the output's range"
        )


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    height, _, width = text.lower().partition("x")
    if not (height.isdigit() and width.isdigit()):
        raise click.BadParameter(
            f"{text!r}: write for instance 240x320", param_hint="--input-shape"
        )
    return int(height), int(width)
