"""What commands cost from one image to many: seconds, memory and disk, and where growth is no line.

    python benchmarks/scale.py [--counts 1,1000,4000] [--workers 2] [--only NAME …]

Small generated images (128x96): what grows with their number shows rather than their pixels. Each
command runs as a user runs it. The cost of 100,000 images is that of the largest count plus the
slope between the two largest: an estimate, and marked so. Prints a table and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmark_kit.imaging.images import write_png

SIZE = (96, 128)
FAR = 100_000
FEWEST = 10  # pictures that are parted in those to learn from and those to judge by
MAIN = "from benchmark_kit.cli import main; main()"


def make_set(count: int, folder: Path) -> None:
    """A data set in the `folder` layout, with maps."""
    for part in ("stimuli", "maps"):
        (folder / part).mkdir()
    rng = np.random.default_rng(count)
    lines = ["image,x,y,subject"]
    down, across = np.mgrid[: SIZE[0], : SIZE[1]]
    for k in range(count):
        centre = rng.uniform(0.2, 0.8, 2) * SIZE
        far = (down - centre[0]) ** 2 + (across - centre[1]) ** 2
        map_ = np.ceil(255 * np.exp(-far / 400) + rng.random(SIZE)).clip(0, 255)
        write_png(folder / "maps" / f"{k:06}.png", map_.astype(np.uint8))
        coarse = rng.integers(0, 256, (12, 16, 3), np.uint8)  # no two of which look alike
        picture = coarse.repeat(8, axis=0).repeat(8, axis=1)
        write_png(folder / "stimuli" / f"{k:06}.png", picture)
        points = rng.normal(centre, 10, (20, 2)).clip(0, np.array(SIZE) - 1)
        lines += [f"{k:06}.png,{x:.1f},{y:.1f},{i % 5}" for i, (y, x) in enumerate(points)]
    (folder / "fixations.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def cost(folder: Path, *arguments: str) -> tuple[float, float]:
    """(seconds, peak MB of the largest process)."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {error.decode()[-300:]}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def on_disk(path: Path) -> float:
    """MB."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", default="1,1000,4000")
    parser.add_argument("--workers", default="2")
    parser.add_argument("--only", nargs="*", help="first words of commands; all, if left out")
    given = parser.parse_args()
    counts = [int(word) for word in given.counts.split(",")]
    data = ("--dataset", "folder", "--root", ".")
    jobs = {
        "evaluate": (("evaluate", "maps", *data, "--workers", given.workers), "r.json"),
        "evaluate again (cache)": (("evaluate", "maps", *data), "again.json"),
        "predict (spectral_residual)": (
            ("predict", "stimuli", "--model", "spectral_residual"),
            "predicted",
        ),
        "predict (saliency_lite)": (("predict", "stimuli"), "lite"),
        "densities": (("densities", *data), "densities-made"),
        "train (icf, one epoch)": (
            ("train", "--model", "icf", *data, "--epochs", "1", "--option", "input_shape=96,128"),
            "run",
        ),
        "report (tables)": (("report", "r.json"), "report.html"),
    }
    if given.only:
        jobs = {job: made for job, made in jobs.items() if job.split()[0] in given.only}
    found: dict[str, dict[int, list[float]]] = {name: {} for name in jobs}
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make_set(count, folder)
            for job, (arguments, out) in jobs.items():
                if job.startswith("train") and count < FEWEST:
                    continue
                seconds, peak = cost(folder, *arguments, "--out", out)
                found[job][count] = [seconds, peak, on_disk(folder / out)]
                print(f"{job:28} {count:7,} {seconds:8.2f} s {peak:7.0f} MB", flush=True)
    rows = []
    print(f"\n{'command':28} {'images':>8} {'s':>9} {'peak MB':>8} {'disk MB':>8} {'ms each':>8}")
    for job, by_count in found.items():
        for count, values in by_count.items():
            rows.append((job, count, *values, "measured"))
        if len(by_count) > 1:
            (low, a), (high, b) = list(by_count.items())[-2:]
            slope = [(y - x) / (high - low) for x, y in zip(a, b, strict=True)]
            rows.append(
                (
                    job,
                    FAR,
                    *(y + s * (FAR - high) for y, s in zip(b, slope, strict=True)),
                    "by slope",
                )
            )
    for job, count, seconds, peak, disk, how in rows:
        each = 1e3 * seconds / count
        print(f"{job:28} {count:8,} {seconds:9.1f} {peak:8.0f} {disk:8.1f} {each:8.2f} {how}")
    names = ("seconds", "peak_mb", "disk_mb", "how")
    commands: dict[str, dict[str, dict[str, object]]] = {job: {} for job in found}
    for job, count, *values in rows:
        commands[job][f"{count:,}"] = dict(zip(names, values, strict=True))
    print(json.dumps({"commands": commands}))


if __name__ == "__main__":
    main()
