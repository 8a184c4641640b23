"""`salbench crop`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import force_option, quiet_option
from keras_saliency.commands._model_options import model_options


class Aspect(click.ParamType):
    """`16:9`, or a number: width over height."""

    name = "W:H"

    def convert(self, value: Any, param: Any, ctx: Any) -> Fraction:
        """A positive fraction."""
        if isinstance(value, Fraction):
            return value
        try:
            width, separator, height = str(value).partition(":")
            found = Fraction(width) / Fraction(height if separator else 1)
        except (ValueError, ZeroDivisionError):
            found = Fraction(0)
        if not Fraction(1, 100) <= found <= 100:
            self.fail(f"{value!r} is no shape: 1:1, 16:9 or 0.8, for instance", param, ctx)
        return found


class Size(click.ParamType):
    """`400x300`: width and height in pixels."""

    name = "WxH"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        """(width, height)."""
        if isinstance(value, tuple):
            return value
        width, _, height = str(value).lower().partition("x")
        if not (width.isdecimal() and height.isdecimal()) or not (
            0 < int(width) <= 2**14 and 0 < int(height) <= 2**14
        ):
            self.fail(f"{value!r} is no size: 400x300, for instance", param, ctx)
        return int(width), int(height)


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench crop photo.jpg --aspect 1:1
  salbench crop photo.jpg --size 400x400 --out thumbnail.jpg
  salbench crop photos/ --aspect 16:9 --size 1280x720 --out banners/
""",
)
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@headed(
    "Window",
    click.option(
        "--aspect", type=Aspect(), help="Width over height of the part [default: that of --size]."
    ),
    click.option(
        "--size", type=Size(), help="Pixels that the part is brought to [default: its own]."
    ),
)
@headed("Model", *model_options)
@headed(
    "Output",
    click.option(
        "--out",
        default=Path("crops"),
        show_default=True,
        metavar="FILE|DIR",
        type=click.Path(path_type=Path),
        help="Folder to make; of one picture also a .jpg, .png or .webp file.",
    ),
    force_option("Replace files that are there."),
)
@quiet_option
def command(
    images: tuple[Path, ...],
    aspect: Fraction | None,
    size: tuple[int, int] | None,
    model: str,
    weights: str | None,
    options: tuple[str, ...],
    engine: str,
    allow_random_weights: bool,
    out: Path,
    force: bool,
    quiet: bool,
) -> int:
    """Cut IMAGES (files and folders) to the part that people look at.

    The part is the largest window of the asked shape, placed where it holds most of the map that a
    model predicts. A line a picture tells the window and its share of the predicted looks. Pictures
    that cannot be read are named at the end; the exit status is then 1, unless they were only found
    in a folder that gave other parts.

    JPEG and WebP stay what they are, all else becomes PNG. Colours, transparency and colour profile
    stay; a photograph is cut as it is seen upright.
    """
    from benchmark_kit.console.progress import progress_bar
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.files import check_folder, check_output, refuse_inputs
    from keras_saliency.predict.crop import FORMATS, crop_files
    from keras_saliency.predict.pictures import (
        counts_as_failure,
        found_in_folders,
        named_pictures,
    )
    from keras_saliency.predict.predictor import open_predictor, read_option

    if aspect is None and size is None:
        raise click.UsageError("what shape? Fix: --aspect 1:1 or --size 400x400, for instance")
    if aspect is not None and size is not None and round(size[1] * aspect) != size[0]:
        fits = f"{round(size[1] * aspect)}x{size[1]}"
        raise ConfigError(
            f"--size {size[0]}x{size[1]} is not of --aspect {aspect.numerator}:"
            f"{aspect.denominator}. Fix: leave --aspect out, or --size {fits}"
        )
    pictures, left_out = named_pictures(images)
    problems = list(left_out)
    files = _files(out, pictures, FORMATS)
    if out not in files:
        check_folder(out, "--out")
    for file in files:
        if file.parent.is_dir():
            check_output(file, "--out", replace=force)
    refuse_inputs((("--out", file) for file in files), pictures.values())
    given = dict(read_option(text) for text in options)
    if weights is not None:
        given["weights"] = weights
    opened = open_predictor(
        model,
        allow_random_weights=allow_random_weights,
        engine=engine,
        on_note=None if quiet else lambda text: click.echo(f"note: {text}", err=True),
        **given,
    )
    with progress_bar("cropping", quiet) as progress:
        cut = list(
            crop_files(
                opened, files, aspect=aspect, size=size, problems=problems, progress=progress
            )
        )
    for file, window, (width, height) in cut if not quiet else ():
        larger = ", enlarged" if width > window.width else ""
        click.echo(
            f"{file}: {width}x{height}{larger}, of x {window.left}, y {window.top}, "
            f"{window.width}x{window.height}, holds {100 * window.share:.0f} % of the looks"
        )
    for problem in problems:
        click.echo(f"salbench: {problem}", err=True)
    found = found_in_folders(images, pictures, left_out)
    return 1 if counts_as_failure(problems, found, strict=not cut) else 0


def _files(out: Path, found: dict[str, Path], formats: dict[str, str]) -> dict[Path, Path]:
    """File to write -> picture.

    Raises:
        ConfigError: one file for several pictures, or of a kind that is not written.
    """
    from benchmark_kit.errors import ConfigError
    from keras_saliency.predict.pictures import NOT_READ, READ

    suffix = out.suffix.lower()
    if suffix in (*READ, *NOT_READ) and suffix not in formats and not out.is_dir():
        raise ConfigError(f"--out {out}: {suffix} is not written. Fix: {', '.join(formats)}")
    if suffix in formats and not out.is_dir():
        if len(found) > 1:
            raise ConfigError(f"{len(found)} pictures into one file {out}. Fix: --out DIR")
        return dict.fromkeys([out], *found.values())
    files = {}
    for name, picture in found.items():
        kept = picture.suffix if picture.suffix.lower() in formats else ".png"
        files[out / f"{name}{kept}"] = picture
    return files
