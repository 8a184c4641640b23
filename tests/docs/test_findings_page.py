"""docs/findings.md holds the committed tables."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS = ROOT / "experiments"
PAGE = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
NAMES = [path.stem for path in EXPERIMENTS.glob("*.py") if "FINDING = " in path.read_text()]


@pytest.fixture(autouse=True)
def _scripts(monkeypatch):
    monkeypatch.syspath_prepend(EXPERIMENTS)


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_the_measured_ones(name):
    from record import markdown, rows_of

    scores, differences = (
        rows_of(EXPERIMENTS / f"{table}.csv", name) for table in ("scores", "differences")
    )
    assert f"experiments/findings.py {name} " in PAGE
    if scores:
        assert markdown(scores, differences) in PAGE
    else:
        section = PAGE.split(f"findings.py {name} ")[0].rpartition("\n## ")[2]
        assert "Not measured" in section


def test_every_finding_can_be_asked_for():
    from findings import NAMES as asked

    assert sorted(asked) == sorted(NAMES)
