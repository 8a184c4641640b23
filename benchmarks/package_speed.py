"""Milliseconds a map of `salbench package` and `salbench validate`, and what encoding takes of it.

    python benchmarks/package_speed.py [--images 1000] [--size 480 640] [--form png npy]
        [--repeats 3]

Processor time of one worker on generated pictures and maps as smooth as networks' (a coarse texture
under blurred points), under the rules of SALICON 2017 but for the number of images. The maps are
given as 8-bit PNG, whose pixels go in as they are, and as `.npy` of float32. `encoding` is
`encode_map` alone on the same maps. The fastest of some runs counts. Prints a row a form and, last,
one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import numpy as np
from PIL import Image

from benchmark_kit.imaging.images import quantise, read_map
from benchmark_kit.imaging.resize import resize
from benchmark_kit.leaderboards import get_board
from benchmark_kit.packaging.package import package
from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores.store import encode_map
from benchmark_kit.packaging.validate import validate

FORMS = ("png", "npy")


def smooth_map(size: tuple[int, int], seed: int) -> np.ndarray:
    """A map (height, width), float32, as smooth as those of networks."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    coarse = rng.random((size[0] // 8, size[1] // 8))
    for _ in range(rng.integers(5, 40)):
        place = rng.normal(0.5, 0.17, 2).clip(0, 0.99) * coarse.shape
        coarse[tuple(place.astype(int))] += 30 * rng.random()
    return resize(gaussian_filter(coarse, 2.0), size, "matlab-bicubic-symmetric").astype(np.float32)


def make_files(folder: Path, count: int, size: tuple[int, int]) -> None:
    """Pictures and maps of all forms, named as SALICON's."""
    for name in ("stimuli", *FORMS):
        (folder / name).mkdir()
    for k in range(count):
        name = f"COCO_test2014_{k:012d}"
        values = smooth_map(size, k)
        gray = quantise(values, 8)
        Image.fromarray(np.stack([gray, gray[::-1], 255 - gray], axis=-1)).save(
            folder / "stimuli" / f"{name}.jpg", quality=90
        )
        Image.fromarray(gray).save(folder / "png" / f"{name}.png")
        np.save(folder / "npy" / f"{name}.npy", values)


def fastest(work: Callable[[], Any], repeats: int) -> float:
    """Seconds of processor time."""
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--size", nargs=2, type=int, default=(480, 640))
    parser.add_argument("--form", nargs="+", choices=FORMS, default=FORMS)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    size, store = tuple(given.size), get_store("png8")
    whole = get_board("salicon2017")
    split = replace(whole.splits[0], count=given.images, size=size[::-1])
    board = replace(whole, splits=(split,))
    rows = {}
    print(f"{'maps':6} {'package':>9} {'encoding':>9} {'validate':>9}   ms a map; MB of the file")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_files(folder, given.images, size)
        for form in given.form:
            maps, stimuli, out = folder / form, folder / "stimuli", folder / f"{form}_net.zip"

            def pack(maps=maps, stimuli=stimuli, out=out) -> None:
                package(maps, board, stimuli, out, workers=1, force=True)

            def check(stimuli=stimuli, out=out) -> None:
                if not validate(out, board, stimuli, workers=1).ok:
                    raise SystemExit(f"{out} does not pass")

            arrays = [read_map(path) for path in sorted(maps.iterdir())[:50]]

            def encode(arrays=arrays) -> None:
                for values in arrays:
                    encode_map("name", "name.png", values, store)

            row = {
                "package_ms": 1e3 * fastest(pack, given.repeats) / given.images,
                "encoding_ms": 1e3 * fastest(encode, given.repeats) / len(arrays),
                "validate_ms": 1e3 * fastest(check, given.repeats) / given.images,
                "megabytes": out.stat().st_size / 1e6,
            }
            rows[form] = {key: round(value, 3) for key, value in row.items()}
            print(f"{form:6} " + " ".join(f"{v:9.2f}" for v in rows[form].values()), flush=True)
    print(json.dumps({"images": given.images, "size": list(size), "forms": rows}))


if __name__ == "__main__":
    main()
