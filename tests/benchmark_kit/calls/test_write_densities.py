"""`write_densities`: what it takes, refuses and says."""

from dataclasses import replace

import pytest

from benchmark_kit.calls.write_densities import write_densities
from benchmark_kit.errors import ConfigError


def test_densities_say_what_was_written(folder_set, tmp_path):
    seen = []
    text = write_densities(
        folder_set.truths(), tmp_path / "d", sigma=4, progress=lambda *c: seen.append(c)
    )
    assert text == (
        "6 densities (counts, Gaussian sigma 4 px, border reflect, truncate 4) "
        f"and fixation maps in {tmp_path / 'd'}"
    )
    assert seen == [(k, 6) for k in range(1, 7)]


def test_densities_need_fixations_and_a_known_border(folder_set, tmp_path):
    truths = folder_set.truths()
    secret = replace(truths, images=tuple(replace(t, fixations=None) for t in truths))
    with pytest.raises(ConfigError, match="no public fixations: there is nothing to blur"):
        write_densities(secret, tmp_path / "d")
    with pytest.raises(ConfigError, match="border must be one of reflect, constant, nearest"):
        write_densities(truths, tmp_path / "d", border="wrap")
    assert not (tmp_path / "d").exists()


def test_densities_of_an_unknown_depth_are_refused(folder_set, tmp_path):
    with pytest.raises(ConfigError, match="depth"):
        write_densities(folder_set.truths(), tmp_path / "d", depth="12")
