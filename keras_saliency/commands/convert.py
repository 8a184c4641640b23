"""`salbench convert`: an original weight file as one of ours."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark_kit.console.options import force_option, quiet_option


@click.command(
    epilog="""\b
Examples:
  salbench convert ml_net mlnet_salicon_weights.pkl --out ml_net.weights.h5
  salbench convert salgan gen_modelWeights0090.npz --out salgan.weights.h5
"""
)
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File to write, .weights.h5.",
)
@force_option()
@quiet_option
def command(name: str, file: Path, out: Path, force: bool, quiet: bool) -> None:
    """Convert the original program's weights to the network NAME's.

    FILE is as the original's authors gave it out: docs/convert.md lists which are read. Kernels are
    turned and reordered as its framework asks. Says which arrays each layer took and which were
    left.
    """
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.files import check_output, refuse_same_file, written_beside
    from keras_saliency.convert import convert

    if not out.name.endswith(".weights.h5"):
        raise ConfigError(f"--out {out}: the file must end in .weights.h5")
    check_output(out, "--out", replace=force)
    refuse_same_file([("FILE", file), ("--out", out)])
    model, original = convert(name, file)
    with written_beside(out) as temporary:
        model.save_weights(temporary)
    if quiet:
        return
    for layer, names in original.used.items():
        click.echo(f"{layer}: {', '.join(names)}")
    click.echo(f"left in {file.name}: {', '.join(original.left) or 'nothing'}")
    alignment = model.entry["options"].get("alignment")
    option = f', alignment="{alignment}"' if alignment else ""
    click.echo(f'{out}: build_model("{name}"{option}, weights="{out}")')
