import sys

import numpy as np
import pytest

from benchmark_kit import evaluate
from benchmark_kit.errors import MissingExtra
from benchmark_kit.metrics import emd


def test_worked_example(tiny):
    assert emd(tiny.map, tiny.density, downsize=1) == pytest.approx(0.242925306001196, abs=1e-12)


def test_moving_everything_by_three_bins_costs_three():
    here, there = np.zeros((5, 9)), np.zeros((5, 9))
    here[2, 1], there[2, 4] = 7.0, 2.0
    assert emd(here, there, downsize=1) == pytest.approx(3.0)
    assert emd(here, here, downsize=1) == 0.0


def test_an_empty_map_is_nan(tiny):
    assert np.isnan(emd(np.zeros((3, 4)), tiny.density, downsize=1))


def test_without_the_library_the_message_holds_the_install_line(monkeypatch, tiny):
    monkeypatch.setitem(sys.modules, "ot", None)
    with pytest.raises(MissingExtra, match=r'pip install "keras-saliency\[emd\]"'):
        emd(tiny.map, tiny.density, downsize=1)


def test_a_run_says_so_before_it_reads_a_map(monkeypatch, make_folder_set, tmp_path):
    given = make_folder_set(tmp_path)
    monkeypatch.setitem(sys.modules, "ot", None)
    seen = []
    with pytest.raises(MissingExtra, match="metric emd needs an optional library"):
        evaluate(
            given.maps, given.truths(), metrics="emd@mit", progress=lambda *of: seen.append(of)
        )
    assert not seen
