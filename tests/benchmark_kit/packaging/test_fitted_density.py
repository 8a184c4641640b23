"""A fit finds the density that fixations were drawn from, and its file gives it back."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from benchmark_kit.packaging.fitted_density import FittedDensity, _Tables, fit_density
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIZE = (60, 80)


def drawn(rng, density, count):
    index = rng.choice(density.size, size=count, p=density.ravel())
    return Fixations(index % SIZE[1] + 0.5, index // SIZE[1] + 0.5, SIZE)


def radius():
    y, x = (2 * (np.arange(n) + 0.5) / n - 1 for n in SIZE)
    return np.hypot(y[:, None], x)


@pytest.fixture(scope="module")
def known():
    """Maps, and fixations drawn from exp(3 s^2 - 1.5 r^2) of them."""
    maps, images = {}, []
    for k in range(12):
        rng = np.random.default_rng(k)
        values = np.kron(rng.random((6, 8)), np.ones((10, 10)))
        values = (values - values.min()) / (values.max() - values.min())
        density = np.exp(3 * values**2 - 1.5 * radius() ** 2)
        maps[f"{k}"] = 5 * values + 1
        images.append(
            GroundTruth(f"{k}", SIZE, fixations=drawn(rng, density / density.sum(), 4000))
        )
    return Truths("known", tuple(images)), maps


def test_the_fit_finds_transform_and_centre_bias(known):
    fitted = fit_density(*known)
    level = np.linspace(0, 1, len(fitted.levels))
    distance = np.linspace(0, np.sqrt(2), len(fitted.distances))
    g = np.array(fitted.levels) - np.interp(0.5, level, fitted.levels)
    assert np.abs(g - (3 * level**2 - 0.75))[2:-1].max() < 0.15
    c = np.array(fitted.distances) - np.interp(0.5, distance, fitted.distances)
    assert np.abs(c + 1.5 * (distance**2 - 0.25))[1:-2].max() < 0.2
    assert (np.diff(fitted.levels) >= 0).all()
    assert fitted.data["fixations"] == 48000


def test_the_gain_is_that_of_the_drawn_density(known):
    truths, maps = known
    bits = []
    for truth in truths:
        values = (maps[truth.name] - 1) / 5
        density = np.exp(3 * values**2 - 1.5 * radius() ** 2)
        log2 = np.log2(density / density.sum() * density.size)
        bits.append(log2.ravel()[truth.fixations.flat_index].mean())
    assert fit_density(truths, maps).data["bits_over_uniform"] == pytest.approx(
        np.mean(bits), abs=0.02
    )


def test_a_misleading_map_gets_a_flat_transform_never_a_falling_one(known):
    truths, maps = known
    fitted = fit_density(truths, {name: -values for name, values in maps.items()})
    assert (np.diff(fitted.levels) >= 0).all()
    assert fitted.levels[-1] < 0.05
    assert fitted.distances[0] > fitted.distances[6] + 0.5


def test_parameters_survive_their_file(known, tmp_path):
    fitted = fit_density(*known)
    path = tmp_path / "fit.json"
    path.write_text(fitted.to_json())
    assert path.stat().st_size < 3000
    again = FittedDensity.load(path)
    values = known[1]["3"]
    assert (again.unnormalised(values) == fitted.unnormalised(values)).all()
    assert again.data["fingerprint"] == known[0].fingerprint


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"levels": [0, 1], "distances": [0, 1]}', '{"levels": "a", "distances": [0, 1]}'],
)
def test_a_file_that_is_no_fit_is_refused(tmp_path, text):
    (tmp_path / "fit.json").write_text(text)
    with pytest.raises(ConfigError, match="no fitted density"):
        FittedDensity.load(tmp_path / "fit.json")


def test_falling_or_infinite_knots_are_refused(tmp_path):
    for levels, distances in (([1, 0], [0, 0]), ([0, 1], [0, float("inf")])):
        record = FittedDensity(tuple(levels), tuple(distances), {})
        (tmp_path / "fit.json").write_text(record.to_json())
        with pytest.raises(ConfigError, match="must not fall"):
            FittedDensity.load(tmp_path / "fit.json")


def test_a_data_set_without_fixations_cannot_be_fitted_on():
    with pytest.raises(ConfigError, match="no fixations"):
        fit_density(Truths("secret", (GroundTruth("a", SIZE),)), {"a": np.zeros(SIZE)})


def test_the_losss_gradient_is_that_of_the_loss(known):
    truths, maps = known
    counts = _Tables()
    for truth in list(truths)[:2]:
        counts.add(maps[truth.name], truth.fixations.flat_index)
    parameters = np.random.default_rng(0).normal(0, 0.3, counts.features.shape[1])
    _, gradient = counts.loss(parameters)
    for k in range(0, len(parameters), 5):
        step = np.zeros_like(parameters)
        step[k] = 1e-6
        slope = (counts.loss(parameters + step)[0] - counts.loss(parameters - step)[0]) / 2e-6
        assert slope == pytest.approx(gradient[k], rel=1e-4, abs=1e-7)
