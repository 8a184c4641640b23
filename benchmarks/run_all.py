"""All benchmarks, one after the other, as one table of ratios, limits and peers.

    python benchmarks/run_all.py [--only NAME,…] [--pysaliency PYTHON] [--write]

Every script of this folder prints one JSON line at its end; `ROWS` says which of its figures is
held against which limit. `--write` puts each script's rows into docs/performance.md as it ends, in
place of those it had; rows of the other scripts stay, and what cannot be measured now (a browser, a
peer, an extra is missing) keeps its row, or gets one that says so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
HEAD = (
    "| measured by | what | figure | limit | beside | on |",
    "|---|---|---:|---:|---|---|",
)
MISSING = "not measured"
START, END = "<!-- bench -->", "<!-- end of bench -->"


class Row(NamedTuple):
    """A figure of a script: its place in the JSON line, what it is, its limit, its peer.

    `*` in a place is every key there, and `{}` in `what` those keys.
    """

    script: str
    place: str
    what: str
    limit: str
    beside: str


ROWS = (
    Row(
        "evaluate_speed", "ratio_to_floor", "a map of 8 bits, 640x480", "1.25", "decoding two PNGs"
    ),
    Row("evaluate_speed", "ratio_16bit", "a map of 16 bits", "1.3", "decoding the two"),
    Row("evaluate_speed", "scaling_2_workers", "a second worker", "1.9", "one worker"),
    Row("evaluate_speed", "peak_rss_mb", "memory, MB, all processes", "-", "-"),
    Row("evaluate_speed", "speedup_over_pysaliency", "times as fast", "-", "pysaliency 0.2.22"),
    Row(
        "evaluate_cases",
        "computed_to_floor",
        "densities computed, 800x600",
        "1.5",
        "decoding the map",
    ),
    Row("evaluate_cases", "full_hd_peak_mb", "memory of a worker, 1920x1080, MB", "300", "-"),
    Row("evaluate_cases", "plan_5000_s", "plan of 5,000 images, s", "0.07", "-"),
    Row(
        "evaluate_cases",
        "yardsticks_to_computed",
        "with --yardsticks, 15 observers",
        "2.5",
        "without",
    ),
    Row(
        "statistics_speed",
        "statistics.0.ours",
        "intervals of 700 images, s",
        "-",
        "scipy (ratio 2.7)",
    ),
    Row("input_speed", "times_training", "input pipeline", "3", "training ml_net"),
    Row(
        "input_speed", "memory_growth_mb", "memory, second half of an epoch of 10,000, MB", "0", "-"
    ),
    Row("report_first_paint", "first_paint_s", "first paint of 5,000 images, s", "0.5", "-"),
    Row("package_speed", "forms.*.package_ms", "package, {}, ms a map", "-", "-"),
    Row("package_speed", "forms.*.validate_ms", "validate, {}, ms a map", "-", "-"),
    Row("classical_speed", "models.*.seconds", "{}, 640x480, s", "0.5", "-"),
    Row("network_steps", "*.floor", "{}: floor of a pass, s", "-", "the matrix rate"),
    Row("network_steps", "*.pass", "{}: a pass, s", "-", "the floor"),
    Row("network_steps", "*.step", "{}: a training step, s", "-", "three times the floor"),
    Row("model_speed", "*.keras_to_onnxruntime", "{}: a pass", "1", "ONNX Runtime"),
    Row("model_speed", "*.predict_maps_to_bare", "{}: `predict_maps`", "1.1", "bare network"),
    Row("engine_tf_speed", "images_per_second.*", "scored, {}, images a second", "-", "-"),
    Row("engine_tf_speed", "difference", "tf engine, largest difference", "-", "the pool"),
    Row("scale", "commands.*.4,000.seconds", "{}, 4,000 images, s", "-", "-"),
    Row("scale", "commands.*.4,000.peak_mb", "{}, 4,000 images, MB", "-", "-"),
)
ARGUMENTS = {"engine_tf_speed": ["--images", "60"]}
LIMITS = {"context_aware": "2", "mr_cnn": "1"}  # where they are not the row's


def run(script: str, more: list[str]) -> tuple[dict[str, Any] | None, str, float]:
    """(its JSON line, or None; why not; seconds)."""
    began = time.perf_counter()
    command = [sys.executable, str(HERE / f"{script}.py"), *ARGUMENTS.get(script, []), *more]
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    lines = done.stdout.strip().splitlines()
    try:
        return json.loads(lines[-1]), "", seconds
    except (IndexError, ValueError):
        said = (done.stderr.strip() or "nothing was printed").splitlines()[-1]
        return None, said[:120], seconds


def at(found: Any, place: str) -> list[tuple[list[str], Any]]:
    """(keys that `*` stood for, value) by a place's keys, which dots separate."""
    key, _, rest = place.partition(".")
    if not key:
        return [([], found)]
    if isinstance(found, list):
        found = {str(k): value for k, value in enumerate(found)}
    if not isinstance(found, dict):
        return []
    if key != "*":
        return at(found[key], rest) if key in found else []
    return [
        ([name, *names], value) for name, part in found.items() for names, value in at(part, rest)
    ]


def shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, int | float) else MISSING


def machine() -> str:
    name = platform.processor() or platform.machine()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        name = next(line.split(": ")[1] for line in text.splitlines() if "model name" in line)
    except (OSError, StopIteration):
        pass  # another system: the architecture will do
    return f"{name.replace('(R)', '')}, {os.cpu_count()} cores"


def measured(script: str, more: list[str]) -> list[str]:
    """A script's rows of the table, run now."""
    found, why, seconds = run(script, more)
    print(f"{script}: {seconds:.0f} s{'' if found else ', ' + why}", file=sys.stderr, flush=True)
    lines = []
    for row in (row for row in ROWS if row.script == script):
        figures = [
            (row.what.format(*names), shown(value), LIMITS.get(".".join(names), row.limit))
            for names, value in ([] if found is None else at(found, row.place))
        ] or [(row.what.format("all", "all"), f"{MISSING}: {why}".rstrip(": "), row.limit)]
        lines += [
            f"| `{script}` | {what} | {figure} | {limit} | {row.beside} "
            f"| {time.strftime('%Y-%m-%d')}, {machine()} |"
            for what, figure, limit in figures
        ]
    return lines


def figure_of(line: str) -> str:
    """What a row of the table is a figure of."""
    return line.split("|")[2]


def kept() -> dict[str, list[str]]:
    """Script -> the rows that the page has of it."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    table, _, _ = rest.partition(END)
    lines: dict[str, list[str]] = {}
    for line in table.splitlines():
        if line.startswith("| `"):
            lines.setdefault(line.split("`")[1], []).append(line)
    return lines


def write(lines: dict[str, list[str]]) -> None:
    """The table in the page, scripts in the order of `ROWS`."""
    rows = [line for script in dict.fromkeys(row.script for row in ROWS) for line in lines[script]]
    table = "\n".join([*HEAD, *rows])
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{START}\n{table}\n{END}{tail}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="names of scripts, separated by commas")
    parser.add_argument("--pysaliency", help="as for evaluate_speed.py")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parser.parse_args()
    scripts = dict.fromkeys(row.script for row in ROWS)
    wanted = given.only.split(",") if given.only else scripts
    if unknown := [name for name in wanted if name not in scripts]:
        parser.error(f"no rows of {', '.join(unknown)}: there are {', '.join(scripts)}")
    lines = {script: [] for script in scripts} | (kept() if given.write else {})
    for script in wanted:
        peers = script == "evaluate_speed" and given.pysaliency
        now = measured(script, ["--pysaliency", given.pysaliency] if peers else [])
        before = {figure_of(line): line for line in lines[script]}
        lines[script] = [
            before.get(figure_of(line), line) if MISSING in line else line for line in now
        ]
        if given.write:
            write(lines)
    print("\n".join([*HEAD, *(line for name in wanted for line in lines[name])]))


if __name__ == "__main__":
    main()
