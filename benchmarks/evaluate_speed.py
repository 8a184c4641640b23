"""How fast `evaluate` scores, beside decoding alone and beside pysaliency, in one run.

    python benchmarks/evaluate_speed.py [--images 400] [--large 5000] [--pysaliency PYTHON]

Generates a set like SALICON's validation split: 640x480 8-bit PNG maps (about 46 kB), densities as
8-bit PNG (about 40 kB), 515 fixations an image, as many shuffled negatives as 5,000 images give.
The floor is decoding the two PNGs once on one core by the decoder that evaluate uses. Processor
time is compared with processor time. `--pysaliency` names a Python with `pip install torch
"pysaliency==0.2.22" "numpy<2" "setuptools<81"`. Prints one row a measurement and, last, one JSON
line.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

from benchmark_kit.calls.evaluate import evaluate
from benchmark_kit.imaging.density import blur_points
from benchmark_kit.imaging.images import decoder_name, read_map, write_npy, write_png
from benchmark_kit.maps.sources import FileReference
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.worker import Task, score_task
from benchmark_kit.systems import kept_memory
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIZE = (480, 640)
FIXATIONS = 515
SEVEN = ("auc", "sauc", "nss", "cc", "sim", "kl", "ig")


def make_image(k: int, folder: Path) -> GroundTruth:
    """One image's fixations, density and map, seeded by its number."""
    rng = np.random.default_rng(k)
    centres = rng.uniform((0.2, 0.2), (0.8, 0.8), (5, 2)) * SIZE
    which = rng.integers(5, size=FIXATIONS)
    points = rng.normal(centres[which], 35)
    points = np.clip(points, 0, np.array(SIZE) - 1).astype(int)
    fixations = Fixations(points[:, 1], points[:, 0], SIZE)
    density = blur_points(fixations.flat_index, SIZE, 19.0)
    noise = blur_points(rng.integers(SIZE[0] * SIZE[1], size=300), SIZE, 12.0)
    texture = rng.normal(0, 0.004, SIZE)
    floats = density / density.max() + 0.5 * noise / noise.max() + texture
    floats = (floats - floats.min()) / (floats.max() - floats.min())
    name = f"{k:06d}"
    shown = np.rint(255 * density / density.max() + rng.normal(0, 0.25, SIZE)).clip(0, 255)
    write_png(folder / "densities" / f"{name}.png", shown.astype(np.uint8))
    write_png(folder / "maps8" / f"{name}.png", np.ceil(255 * floats).astype(np.uint8))
    if k < 64:
        write_png(folder / "maps16" / f"{name}.png", np.rint(65535 * floats).astype(np.uint16))
        write_npy(folder / "maps32" / f"{name}.npy", floats.astype(np.float32))
        write_npy(folder / "maps64" / f"{name}.npy", floats)
    return GroundTruth(name, SIZE, fixations, density_file=folder / "densities" / f"{name}.png")


def make_set(images: int, folder: Path) -> Truths:
    """A generated data set; densities shipped."""
    for part in ("densities", "maps8", "maps16", "maps32", "maps64"):
        (folder / part).mkdir()
    truths = tuple(make_image(k, folder) for k in range(images))
    return Truths("generated", truths, density_source="shipped")


def like_five_thousand(truths: Truths) -> Truths:
    """The same images with further images' fixations as negatives (no maps, no densities)."""
    extra = []
    for k in range(len(truths), 5000):
        rng = np.random.default_rng(10_000_000 + k)
        x = rng.normal(320, 110, FIXATIONS).clip(0, 639)
        y = rng.normal(240, 80, FIXATIONS).clip(0, 479)
        extra.append(GroundTruth(f"x{k}", SIZE, Fixations(x, y, SIZE)))
    return Truths("generated", truths.images + tuple(extra), density_source="shipped")


def per_image(run, repeats: int, images: int) -> float:
    """Median processor milliseconds an image."""
    times = []
    for _ in range(repeats):
        began = time.process_time()
        run()
        times.append((time.process_time() - began) / images * 1e3)
    return float(np.median(times))


def core_rows(truths: Truths, folder: Path, repeats: int) -> dict[str, float]:
    """One core, in this process: floors and the scoring of one worker, interleaved."""
    plan = make_plan(truths, ["tuebingen"], SEVEN)
    scorer = Scorer(plan)
    few = [t for t in truths if t.density_file is not None][:60]

    def floor(part: str, suffix: str):
        def run() -> None:
            for truth in few:
                read_map(folder / part / f"{truth.name}{suffix}")
                read_map(truth.density_file)

        return run

    def score(part: str, suffix: str):
        tasks = [Task(t, FileReference(folder / part / f"{t.name}{suffix}")) for t in few]

        def run() -> None:
            for task in tasks:
                score_task(scorer, task)

        return run

    def only(metric: str, dialect: str):
        single = Scorer(make_plan(truths, [dialect], [metric]))
        tasks = [Task(t, FileReference(folder / "maps8" / f"{t.name}.png")) for t in few[:10]]

        def run() -> None:
            for task in tasks * 6:
                score_task(single, task)

        return run

    work = {
        "floor_8bit": floor("maps8", ".png"),
        "ours_8bit": score("maps8", ".png"),
        "floor_16bit": floor("maps16", ".png"),
        "ours_16bit": score("maps16", ".png"),
        "ours_float32": score("maps32", ".npy"),
        "ours_float64": score("maps64", ".npy"),
    }
    for run in work.values():
        run()
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeats):
        for name, run in work.items():
            taken[name].append(per_image(run, 1, len(few)))
    rows = {name: float(np.median(values)) for name, values in taken.items()}
    for metric, dialect in (
        ("auc_judd", "mit"),
        ("auc_borji", "mit"),
        ("sauc", "mit"),
        ("emd", "mit"),
    ):
        try:
            rows[f"{metric}@{dialect}"] = per_image(only(metric, dialect), 1, 60)
        except Exception as error:  # POT may be missing: the row says so
            print(f"{metric}@{dialect}: {error}")
    return rows


def other_decoder(truths: Truths, repeats: int, folder: Path) -> float | None:
    """Floor with imagecodecs, where it can be imported."""
    try:
        import imagecodecs
    except ImportError:
        return None
    few = [t for t in truths if t.density_file is not None][:60]

    def run() -> None:
        for truth in few:
            for path in (folder / "maps8" / f"{truth.name}.png", truth.density_file):
                imagecodecs.png_decode(path.read_bytes())

    return per_image(run, repeats, len(few))


def whole(truths: Truths, maps: Path, workers: int) -> tuple[float, float]:
    """(wall seconds, peak MB of all processes) of one evaluate call in a process of its own."""
    queue = multiprocessing.get_context("spawn").SimpleQueue()
    process = multiprocessing.get_context("fork").Process(
        target=_measured, args=(truths, maps, workers, queue)
    )
    process.start()
    result = queue.get()
    process.join()
    return result


def _measured(truths: Truths, maps: Path, workers: int, queue) -> None:
    peak = [0.0]
    stop = threading.Event()

    def watch() -> None:
        me = os.getpid()
        while not stop.wait(0.1):
            peak[0] = max(peak[0], sum(rss_mb(pid) for pid in [me, *children(me)]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    evaluate(maps, truths, metrics=SEVEN, workers=workers, bootstrap=1000, partial=True)
    seconds = time.perf_counter() - began
    stop.set()
    watcher.join()
    queue.put((seconds, peak[0]))


def rss_mb(pid: int) -> float:
    """Resident memory of a process, shared pages in part (PSS)."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


def children(pid: int) -> list[int]:
    """Processes below one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *children(child)]
    return found


PEER = Path(__file__).with_name("peer_pysaliency.py")


def peer_ms(python: str, truths: Truths, folder: Path) -> list[float]:
    """pysaliency's functions, densities cached; ms an image, and with the negatives given."""
    parts = [
        (t.fixations.x.astype(int), t.fixations.y.astype(int), np.full(len(t.fixations), k))
        for k, t in enumerate(truths)
    ]
    x, y, n = (np.concatenate(column) for column in zip(*parts, strict=True))
    np.savez(folder / "points.npz", x=x, y=y, n=n)
    command = [python, "-W", "ignore", str(PEER), str(folder), "12"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument(
        "--large", type=int, default=0, help="images of a second, larger run (memory)"
    )
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--pysaliency", help="a Python with pysaliency 0.2.22")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truths = make_set(given.images, folder)
        many = like_five_thousand(truths)
        rows = core_rows(many, folder, given.repeats)
        for key, value in rows.items():
            print(f"{key:16} {value:8.2f} ms an image, one core")
        codec = other_decoder(many, given.repeats, folder)
        if codec is not None:
            print(f"floor imagecodecs {codec:8.2f} ms an image")
        one_worker, _ = whole(truths, folder / "maps8", 1)
        two_workers, peak = whole(truths, folder / "maps8", 2)
        print(
            f"evaluate, {given.images} images: {one_worker:.1f} s by 1 worker, "
            f"{two_workers:.1f} s by 2"
        )
        print(f"peak memory {peak:.0f} MB in all processes, {given.images} images")
        line = {
            "decoder": decoder_name(),
            "ratio_to_floor": round(rows["ours_8bit"] / rows["floor_8bit"], 3),
            "ratio_16bit": round(rows["ours_16bit"] / rows["floor_16bit"], 3),
            "ratio_float32_to_8bit_floor": round(rows["ours_float32"] / rows["floor_8bit"], 3),
            "ratio_float64_to_8bit_floor": round(rows["ours_float64"] / rows["floor_8bit"], 3),
            "images_per_s": round(given.images / two_workers, 1),
            "peak_rss_mb": round(peak, 1),
            "scaling_2_workers": round(one_worker / two_workers, 2),
        }
        if given.pysaliency:
            try:
                peer, without = peer_ms(given.pysaliency, many, folder)
            except (OSError, RuntimeError) as error:
                print(f"pysaliency       did not run: {error}")
            else:
                print(f"pysaliency       {peer:8.2f} ms an image, one core")
                print(f"  negatives given{without:8.2f} ms an image")
                line["speedup_over_pysaliency"] = round(peer / rows["ours_8bit"], 1)
                line["speedup_negatives_given"] = round(without / rows["ours_8bit"], 1)
    if given.large:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            truths = make_set(given.large, folder)
            seconds, peak = whole(truths, folder / "maps8", 2)
            print(
                f"evaluate, {given.large} images: {seconds:.1f} s by 2 workers, peak {peak:.0f} MB"
            )
            line["peak_rss_mb_large"] = round(peak, 1)
            line["images_per_s_large"] = round(given.large / seconds, 1)
    print(json.dumps(line))


if __name__ == "__main__":
    with kept_memory():  # as in a worker
        sys.exit(main())
