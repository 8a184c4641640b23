"""`salbench predict`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import (
    force_option,
    quiet_option,
    resume_option,
    shard_option,
)
from keras_saliency.commands._model_options import model_options

if TYPE_CHECKING:
    from benchmark_kit.errors import Problem


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench predict photo.jpg
  salbench predict photos/ --out maps/ --overlay
  salbench predict clip.mp4 --overlay
  salbench predict --option dataset=osie photos/ --out maps/
  salbench predict --model spectral_residual photos/ --out maps/
  salbench predict --model image_signature --option color=lab a.jpg b.jpg --out maps/
  salbench predict --depth log photos/ --out densities/
  salbench predict --model msi_net --weights msi_net.weights.h5 photos/ --out maps/ --depth 16
""",
)
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@headed(
    "Model",
    *model_options,
    click.option(
        "--map",
        "map_name",
        metavar="NAME",
        help="One map of a model that gives several, or mean [default: all, each in its folder].",
    ),
)
@headed(
    "Pictures",
    click.option(
        "--frames",
        type=click.IntRange(min=1),
        metavar="N",
        help="Of a video or camera: stop after N frames.",
    ),
    shard_option,
    click.option("--strict", is_flag=True, help="Exit 1 if any picture of a folder was left out."),
)
@headed(
    "Output",
    click.option(
        "--out",
        default=Path("saliency-maps"),
        show_default=True,
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Folder to make.",
    ),
    click.option(
        "--depth",
        type=click.Choice(["8", "16", "float", "log"]),
        default="8",
        show_default=True,
        help="Bits of the PNGs; or .npy: float (the model's own values), log (log densities).",
    ),
    click.option(
        "--overlay", is_flag=True, help="Besides the maps, write them laid over the pictures."
    ),
    resume_option("Keep maps that are there, predict the others."),
    force_option("Write into a folder that is not empty."),
)
@quiet_option
def command(
    images: tuple[Path, ...],
    model: str,
    out: Path,
    weights: str | None,
    engine: str,
    options: tuple[str, ...],
    depth: str,
    map_name: str | None,
    overlay: bool,
    frames: int | None,
    resume: bool,
    force: bool,
    shard: str | None,
    allow_random_weights: bool,
    strict: bool,
    quiet: bool,
) -> int:
    """Saliency maps of IMAGES (files and folders) into a folder, named as the pictures.

    Pictures that cannot be read, or that the model refuses, are left out and named at the end. The
    exit status is then 1, unless they were only found in a folder that gave other maps; --strict
    makes it 1 for these too. The maps of a model that gives several go into a folder each.

    A video (MP4, MOV, AVI, MKV, WebM; camera:0 is the first camera) becomes a video of maps, each
    scaled to its own greatest value. Overlays of pictures go into the folder overlay, those of
    videos beside their maps.
    """
    from benchmark_kit.console.progress import progress_bar
    from benchmark_kit.errors import ConfigError, InputError, Problem
    from benchmark_kit.files import check_folder
    from benchmark_kit.shard import Shard
    from keras_saliency.predict.folder import predict_files
    from keras_saliency.predict.pictures import counts_as_failure, found_in_folders, named_pictures
    from keras_saliency.predict.predictor import open_predictor, read_option
    from keras_saliency.predict.video import is_video

    part = None if shard is None else Shard.parse(shard)
    check_folder(out, "--out")
    given = dict(read_option(text) for text in options)
    if weights is not None:
        given["weights"] = weights
    videos = [str(path) for path in images if is_video(str(path))]
    stills = [path for path in images if not is_video(str(path))]
    stems = [_stem(video) for video in videos]
    if twice := [video for video in videos if stems.count(_stem(video)) > 1]:
        raise InputError(f"two videos of one name: {' and '.join(twice[:2])}. Fix: rename one")
    if videos and part is not None:
        raise ConfigError(f"{videos[0]} is one film: it has no parts. Fix: leave --shard out")
    if videos and depth == "log":
        raise ConfigError(
            f"{videos[0]} becomes a video of maps, which holds no log densities. "
            "Fix: leave --depth log out"
        )
    pictures, left_out = named_pictures(stills)
    opened = open_predictor(
        model,
        allow_random_weights=allow_random_weights,
        map_name=map_name,
        engine=engine,
        on_note=None if quiet else lambda text: click.echo(f"note: {text}", err=True),
        **given,
    )
    done, problems = [], list(left_out)
    if pictures:
        with progress_bar("predicting", quiet) as progress:
            refused = predict_files(
                opened,
                pictures,
                out,
                depth=depth,
                overlay=out / "overlay" if overlay else None,
                resume=resume,
                force=force,
                shard=part,
                progress=progress,
            )
        problems += refused
        mine = len(pictures) if part is None else len(part.of([*pictures]))
        written = mine - len(refused)
        done += [f"{written} {'map' if written == 1 else 'maps'} in {out}"] if written else []
    for video in videos:
        try:
            done += _video(opened, video, out, overlay, frames, resume, force, quiet, problems)
        except InputError as error:
            problems.append(Problem("E301", (video,), str(error)))
    for problem in problems:
        click.echo(f"salbench: {problem}", err=True)
    if done and not quiet:
        click.echo("\n".join(done))
    found = found_in_folders(stills, pictures, left_out)
    return 1 if counts_as_failure(problems, found, strict=strict or not done) else 0


def _stem(video: str) -> str:
    """What the maps of a video or camera are called."""
    return Path(video).stem.replace(":", "")


def _video(
    model: Any,
    source: str,
    out: Path,
    overlay: bool,
    frames: int | None,
    resume: bool,
    force: bool,
    quiet: bool,
    problems: list[Problem],
) -> list[str]:
    """Predict a video; what is to be told of it."""
    from benchmark_kit.console.progress import progress_bar
    from benchmark_kit.errors import ConfigError, Problem, name_some
    from benchmark_kit.files import refuse_inputs
    from keras_saliency.predict.video import predict_video

    maps, laid = out / f"{_stem(source)}.mp4", out / f"{_stem(source)}-overlay.mp4"
    refuse_inputs((("the maps", maps), ("the overlay", laid)), [Path(source)])
    there = [path for path in (maps, *([laid] if overlay else [])) if path.exists()]
    if there and resume:
        return [f"{maps} is there"]
    if there and not force:
        raise ConfigError(f"{there[0]} exists. Fix: --resume, --force or another --out")
    with progress_bar(f"predicting {source}", quiet, "frames") as progress:
        clip = predict_video(
            model,
            source,
            maps,
            overlay=laid if overlay else None,
            most_frames=frames,
            progress=progress,
        )
    if clip.broken:
        found = (
            f"{len(clip.broken)} frames could not be decoded: {name_some([*map(str, clip.broken)])}"
        )
        problems.append(Problem("E301", (source,), found, fix="another copy of the video"))
    frames_told = "1 frame" if clip.frames == 1 else f"{clip.frames} frames"
    return [f"{frames_told} at {float(clip.rate):g} a second in {maps}"]
