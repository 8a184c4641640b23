"""Seconds until a browser shows a report, and until all of it is there.

    python benchmarks/report_first_paint.py [--images 5000] [--out report.html]

Makes the report of two models with pictures, and opens it in headless Chromium, in a fresh window
each time. Needs selenium, chromium and chromedriver. The last line is JSON: medians in seconds
from the navigation to the first paint, to that of text or pictures, and to the end of loading.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmark_kit import evaluate
from benchmark_kit.imaging.images import write_png
from benchmark_kit.reporting.page import report
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIZE = (240, 320)
PATTERNS = 16  # maps that there are; images take them in turn
PAINTS = """
const found = performance.getEntriesByType("paint");
const at = (name) => (found.find((entry) => entry.name === name) || {}).startTime;
const [page] = performance.getEntriesByType("navigation");
return [at("first-paint"), at("first-contentful-paint"), page.loadEventEnd];
"""


def smooth(rng: np.random.Generator) -> np.ndarray:
    """A map with a few bumps, uint8."""
    rows, columns = np.indices(SIZE)
    values = np.zeros(SIZE)
    for _ in range(4):
        y, x, sigma = rng.uniform(0, SIZE[0]), rng.uniform(0, SIZE[1]), rng.uniform(10, 40)
        values += np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
    return np.round(255 * values / values.max()).astype(np.uint8)


def write_report(out: Path, images: int, folder: Path) -> None:
    """The report of two models on so many images, with pictures."""
    rng = np.random.default_rng(0)
    noise = smooth(rng)[..., None] * 0.5 + rng.normal(60, 25, (*SIZE, 3))
    write_png(folder / "stimulus.png", np.clip(noise, 0, 255).astype(np.uint8))
    truths = Truths(
        "made",
        tuple(
            GroundTruth(
                f"kind{k % 20:02d}/{k:05d}",
                SIZE,
                Fixations(rng.uniform(0, SIZE[1], 20), rng.uniform(0, SIZE[0], 20), SIZE),
                category=f"kind{k % 20:02d}",
                stimulus=folder / "stimulus.png",
            )
            for k in range(images)
        ),
    )
    results, maps = [], []
    for _ in range(2):
        patterns = [smooth(rng) for _ in range(PATTERNS)]
        maps.append({name: patterns[k % PATTERNS] for k, name in enumerate(truths.names)})
        results.append(evaluate(maps[-1], truths, metrics="nss,auc,cc,sim,kl,ig", bootstrap=200))
    report(results[0], compare=results[1:], out=out, truths=truths, maps=maps, labels=["A", "B"])


def window():
    """A fresh headless browser."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,900"):
        options.add_argument(argument)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def paints(page: Path) -> list[float]:
    """Seconds to the first paint, to the first content and to the end of loading."""
    browser = window()
    try:
        browser.get("about:blank")
        browser.get(page.absolute().as_uri())
        for _ in range(100):
            found = browser.execute_script(PAINTS)
            if all(found):
                return [value / 1000 for value in found]
            time.sleep(0.1)
        raise SystemExit("the browser painted nothing in 10 s")
    finally:
        browser.quit()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--out", type=Path, help="keep the report, or take the one that is there")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        page = arguments.out or Path(folder) / "report.html"
        if not page.exists():
            write_report(page, arguments.images, Path(folder))
        runs = [paints(page) for _ in range(arguments.repeats)]
        first, content, loaded = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"{page.stat().st_size / 1e6:.1f} MB; first paint {[round(r[0], 2) for r in runs]}")
        result = {
            "images": arguments.images,
            "megabytes": round(page.stat().st_size / 1e6, 1),
            "first_paint_s": round(first, 3),
            "first_content_s": round(content, 3),
            "loaded_s": round(loaded, 3),
        }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
