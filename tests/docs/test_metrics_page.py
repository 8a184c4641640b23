"""docs/metrics.md shows values of one example; they are made here and compared.

`UPDATE_DOCS=1 python -m pytest tests/docs/test_metrics_page.py` writes the table anew.
"""

import os
import re
from pathlib import Path

import numpy as np

from benchmark_kit.dialects import DIALECTS
from benchmark_kit.metrics import METRICS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
MAP = np.array([[0.1, 0.4, 0.4, 0.2], [0.0, 0.9, 0.7, 0.2], [0.3, 0.4, 1.0, 0.1]])
POINTS = np.array([(1, 1), (2, 2), (3, 0), (1, 0)])
DENSITY = np.array([[0.5, 1, 0.5, 0.25], [1, 4, 2, 0.5], [0.25, 1, 3, 0.5]])
OTHERS = np.array([(0, 0), (2, 1), (2, 1), (3, 2), (1, 1), (0, 2)])
BASELINE = np.array([[1, 2, 2, 1], [2, 4, 4, 2], [1, 2, 2, 1]], dtype=float)


def value(metric, dialect):
    form = METRICS[metric].in_dialect(dialect)
    if metric == "emd":
        return form(MAP, DENSITY, downsize=1)
    if metric == "sauc":
        counts = np.zeros((3, 4), int)
        np.add.at(counts, (OTHERS[:, 1], OTHERS[:, 0]), 1)
        if dialect == "salicon2015":
            # that evaluator counts the image itself too, and takes its own pixels out again
            counts[POINTS[:, 1], POINTS[:, 0]] += 1
        return form(MAP, POINTS, negative_counts=counts)
    if metric == "ig":
        return form(MAP, POINTS, BASELINE)
    return form(MAP, DENSITY if METRICS[metric].facts.needs == "density" else POINTS)


def table():
    lines = [
        f"| metric | {' | '.join(DIALECTS)} |",
        f"|---|{'---|' * len(DIALECTS)}",
    ]
    for metric in METRICS:
        cells = [
            f"{value(metric, name):.6f}" if dialect.has(metric, METRICS[metric].required) else "-"
            for name, dialect in DIALECTS.items()
        ]
        lines.append(f"| `{metric}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def test_values_of_the_example_are_current():
    text = PAGE.read_text(encoding="utf-8")
    pattern = r"(?<=<!-- values -->\n).*?(?=\n<!-- /values -->)"
    if os.environ.get("UPDATE_DOCS"):
        text = re.sub(pattern, lambda _: table(), text, flags=re.S)
        PAGE.write_text(text, encoding="utf-8")
    (shown,) = re.findall(pattern, text, flags=re.S)
    assert shown == table()
