"""`salbench merge`."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark_kit.console.options import (
    TABLES,
    force_option,
    format_option,
    out_option,
    quiet_option,
)


@click.command(
    epilog="""\b
Examples:
  salbench evaluate maps/ --dataset osie --root osie/ --shard 3/8 --out parts/3.json
  salbench merge parts/*.json --out results.json
""",
)
@click.argument("parts", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option(*TABLES)
@out_option("Results file (JSON).", required=False)
@click.option("--csv", type=click.Path(path_type=Path), help="File of per-image rows.")
@force_option("Replace existing files.")
@quiet_option
def command(
    parts: tuple[Path, ...],
    form: str,
    out: Path | None,
    csv: Path | None,
    force: bool,
    quiet: bool,
) -> None:
    """Join PARTS, the files of `salbench evaluate --shard`, to the results of one run.

    Parts of another run, missing ones and doubled ones are refused by name. Parts of `salbench
    evaluate --reproducible` give the bytes of one undisturbed run.
    """
    from benchmark_kit.files import check_output, refuse_inputs, refuse_missing, refuse_same_file
    from benchmark_kit.results.shards import merge_parts
    from benchmark_kit.results.tables import render

    outputs = (("--out", out), ("--csv", csv))
    refuse_same_file(outputs)
    refuse_inputs(outputs, parts)
    refuse_missing(parts)
    for option, path in outputs:
        if path is not None:
            check_output(path, option, replace=force)
    results = merge_parts(parts)
    if out is not None:
        results.save(out)
    if csv is not None:
        results.save_csv(csv)
    if not quiet or out is None:
        click.echo(render(results.data, form))
