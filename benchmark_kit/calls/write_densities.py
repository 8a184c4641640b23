"""Ground-truth densities and fixation maps of a data set, as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmark_kit.calls.ground_truth import read_truths, sigma_in_pixels
from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json
from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.files import check_folder, refuse_full_folder, write_text
from benchmark_kit.imaging.density import DensitySpec, count_map, density_of
from benchmark_kit.imaging.images import quantise, write_npy, write_png
from benchmark_kit.progress import Progress
from benchmark_kit.shard import Shard, refuse_done
from benchmark_kit.types import Truths, dropped_text

DEPTHS = ("8", "16", "float")
UNFINISHED = "unfinished.json"  # in a folder of densities while it is being written
PARTS = "parts.json"  # in one that several machines write, for good: how it is made


def write_densities(
    dataset: str | Truths,
    out: str | Path,
    *,
    root: str | Path | None = None,
    sigma: str | float | None = None,
    border: str = "reflect",
    depth: str = "8",
    resume: bool = False,
    shard: str | None = None,
    cache: bool = True,
    progress: Progress | None = None,
    **dataset_options: Any,
) -> str:
    """Write ground-truth densities and binary fixation maps of a data set.

    Args:
        dataset: a data set's name (with `root`), or ground truth already read.
        out: folder to make: `densities/` and `fixations/` inside, named as the stimuli.
        root: the data set's folder.
        sigma: blur in pixels or as text (`"35px"`, `"1deg"`); None takes the data set's.
        border: see `imaging.density.DensitySpec`.
        depth: `"8"` or `"16"` bits (PNG), or `"float"` (`.npy`, blurred counts).
        resume: finish a folder that was left unfinished; what is there is kept.
        shard: `"K/N"`: only part K of N; all parts write into one folder.
        cache: keep the parsed ground truth.
        progress: called with (images done, images in all).
        **dataset_options: the reader's options.

    Returns:
        a sentence that says what was written and how.

    Raises:
        ConfigError: an output folder that is not empty, no fixations, or `resume` of a folder that
            is finished or was begun with other data or settings.
        InputError: the data set cannot be read.
        RunFailed: the folder cannot be written.
    """
    truths = read_truths(dataset, root, cache, dataset_options)
    spec = DensitySpec(sigma_px=sigma_in_pixels(sigma, truths) or truths.sigma_px, border=border)
    known = [t for t in truths if t.fixations is not None and len(t.fixations)]
    if not known:
        raise ConfigError(f"{truths.name} has no public fixations: there is nothing to blur")
    if depth not in DEPTHS:
        raise ConfigError(f"depth must be one of {', '.join(DEPTHS)}, got {depth!r}")
    out = Path(out)
    part = None if shard is None else Shard.parse(shard)
    begun = out / (UNFINISHED if part is None else PARTS)
    settings = {
        "data set": truths.fingerprint,
        "density": spec.describe(),
        "depth": depth,
        "version": version("keras-saliency"),
    }
    if part is None:
        _claim(out, begun, settings, resume)
    else:
        _join(out, begun, settings)
    left = (
        f"; {len(truths) - len(known)} images without fixations left out"
        if len(known) < len(truths)
        else ""
    )
    known = known if part is None else part.of(known)
    ending = ".npy" if depth == "float" else ".png"
    files = {
        truth.name: (
            out / "densities" / f"{truth.name}{ending}",
            out / "fixations" / f"{truth.name}.png",
        )
        for truth in known
    }
    if part is not None and not resume:
        refuse_done(part, [path for pair in files.values() for path in pair])
    for done, truth in enumerate(known, start=1):
        assert truth.fixations is not None
        density, points = files[truth.name]
        if not (resume and density.exists() and points.exists()):
            for path in (density, points):
                _make_folder(path.parent)
            values = density_of(truth.fixations, spec).values
            if depth == "float":
                write_npy(density, values)
            else:
                write_png(density, quantise(values, int(depth)))
            ones = count_map(truth.fixations, binary=True)
            write_png(points, (255 * ones).astype("uint8"))
        if progress is not None:
            progress(done, len(known))
    if part is None:
        begun.unlink()
    if any(truths.dropped.values()):
        left += f"; fixations dropped: {dropped_text(truths.dropped, truths.points_kept)}"
    return f"{len(known)} densities ({spec.describe()}) and fixation maps in {out}{left}"


def _join(out: Path, begun: Path, settings: Mapping[str, str]) -> None:
    """Begin a folder that several machines write, or see that they write the same."""
    check_folder(out, "--out")
    if not begun.is_file():
        refuse_full_folder(out, "--out")
        _make_folder(out)
        write_text(begun, json.dumps(settings, indent=1) + "\n")
    _compare(out, begun, settings)  # what stands there, whoever was first


def _claim(out: Path, begun: Path, settings: Mapping[str, str], resume: bool) -> None:
    """Begin a folder, or see that it was begun in the same way."""
    if not resume:
        check_folder(out, "--out")
        refuse_full_folder(out, "--out")
        _make_folder(out)
        write_text(begun, json.dumps(settings, indent=1) + "\n")
        return
    if not begun.is_file():
        raise ConfigError(f"nothing to resume: there is no {begun}. Fix: run without --resume")
    _compare(out, begun, settings)


def _compare(out: Path, begun: Path, settings: Mapping[str, str]) -> None:
    try:
        before = read_json(begun)
        differing = [key for key in settings if before[key] != settings[key]]
    except (DamagedFile, KeyError, TypeError):
        differing = list(settings)
    if differing:
        raise ConfigError(
            f"{out} was begun with other settings: {', '.join(differing)} differ. "
            "Fix: the same options, or another --out"
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFailed(f"cannot make {folder}: {error.strerror}. Fix: another --out") from None
