"""Every code in the source is in docs/problems.md and the other way round."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_codes_and_page():
    code = "".join(p.read_text() for p in (ROOT / "benchmark_kit").rglob("*.py"))
    used = set(re.findall(r'"([EW]\d{3})"', code))
    page = (ROOT / "docs" / "problems.md").read_text()
    assert used == set(re.findall(r"^\| `([EW]\d{3})`", page, flags=re.M))
