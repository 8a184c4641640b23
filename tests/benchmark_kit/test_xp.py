"""The differentiable metrics run on any namespace that offers the functions of `xp.NAMES`."""

import numpy as np
import pytest

from benchmark_kit import xp
from benchmark_kit.dialects import DIALECTS
from benchmark_kit.metrics import METRICS
from benchmark_kit.prepared.forms import PixelMap, PreparedTruth, prepare

DIFFERENTIABLE = ("nss", "ig", "cc", "kl", "sim")
SIZE = (7, 11)
CASES = [
    (name, dialect.name, dict(dialect.constants[name]))
    for dialect in DIALECTS.values()
    for name in DIFFERENTIABLE
    if name in dialect.constants
]
CASES += [
    ("ig", "log density", {"form": "log density"}),
    ("kl", "pysaliency default", {"eps": 0.0, "rule": "shifted sum", "added": 1e-20}),
]
IDS = [f"{name}@{dialect}" for name, dialect, _ in CASES]


class Recorder:
    """A namespace that notes which of its functions are asked for."""

    def __init__(self, namespace):
        self.namespace, self.asked = namespace, set()

    def __getattr__(self, name):
        self.asked.add(name)
        return getattr(self.namespace, name)


def make_batch():
    """Five maps (a constant, an all-zero and a negative one among them), densities and points."""
    rng = np.random.default_rng(5)
    maps = rng.gamma(0.7, size=(5, *SIZE))
    maps[1], maps[2] = 0.37, 0.0
    densities = rng.gamma(0.5, size=(5, *SIZE))
    index = rng.integers(SIZE[0] * SIZE[1], size=(5, 6))
    mask = np.ones((5, 6))
    mask[3, 2:], mask[4, 5:] = 0, 0
    return maps, densities, index, mask


def one_by_one(name, constants, maps, densities, index, mask):
    """The metric's value image after image, unpadded, on numpy as the pool computes it."""
    values = []
    for k in range(len(maps)):
        truth = PreparedTruth(index[k][mask[k] > 0], density=prepare(densities[k]), baseline=-4.0)
        values.append(float(METRICS[name].compute(prepare(maps[k]), truth, **constants)))
    return np.array(values)


def all_at_once(name, constants, namespace, convert, maps, densities, index, mask):
    """The same as one batch on a namespace."""
    density = PixelMap(convert(densities), namespace)
    truth = PreparedTruth(convert(index), density=density, baseline=-4.0)
    padded = {"mask": convert(mask)} if name in ("nss", "ig") else {}
    found = METRICS[name].compute(PixelMap(convert(maps), namespace), truth, **constants, **padded)
    return np.asarray(found)


def assert_agrees(case, namespace, convert):
    name, _, constants = case
    batch = make_batch()
    if constants.get("form") == "log density":
        batch = (np.log(batch[0] + 1e-3), *batch[1:])
    found = all_at_once(name, constants, namespace, convert, *batch)
    expected = one_by_one(name, constants, *batch)
    assert found.dtype == np.float64
    assert np.isfinite(expected[[0, 3, 4]]).all()
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_metrics_use_only_listed_functions_and_accept_batches(case):
    recorder = Recorder(xp.numpy_namespace())
    assert_agrees(case, recorder, np.asarray)
    assert recorder.asked
    assert recorder.asked <= set(xp.NAMES)


def test_every_listed_function_is_used():
    recorder = Recorder(xp.numpy_namespace())
    for case in CASES:
        assert_agrees(case, recorder, np.asarray)
    # the device engine: areas from sorted values, extremes, negative densities cut
    of_engine = {"sort", "searchsorted", "take_along_axis", "isfinite", "maximum"}
    assert recorder.asked | of_engine == set(xp.NAMES)


def test_a_function_that_is_not_listed_is_not_there():
    assert not hasattr(xp.numpy_namespace(), "mean")


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_metrics_agree_under_tensorflow(case):
    import tensorflow as tf

    assert_agrees(case, Recorder(xp.tensorflow_namespace()), tf.constant)


@pytest.mark.slow
def test_metrics_agree_in_a_graph_that_does_not_know_the_size():
    import tensorflow as tf

    name, _, constants = next(case for case in CASES if case[0] == "cc")
    maps, densities, index, mask = make_batch()

    @tf.function(input_signature=[tf.TensorSpec((5, None, None), tf.float64)] * 2, autograph=False)
    def compute(some, others):
        namespace = xp.tensorflow_namespace()
        n = tf.cast(tf.shape(some)[1] * tf.shape(some)[2], tf.float64)
        truth = PreparedTruth(density=PixelMap(others, namespace, n=n))
        return METRICS[name].compute(PixelMap(some, namespace, n=n), truth, **constants)

    expected = one_by_one(name, constants, maps, densities, index, mask)
    np.testing.assert_allclose(compute(maps, densities), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_metrics_agree_under_keras(case):
    import tensorflow as tf

    assert_agrees(case, Recorder(xp.keras_namespace()), tf.constant)


@pytest.mark.slow
@pytest.mark.parametrize("name", xp.NAMES)
def test_namespaces_offer_the_same_functions(name):
    for namespace in (xp.numpy_namespace(), xp.keras_namespace(), xp.tensorflow_namespace()):
        assert callable(getattr(namespace, name))


@pytest.mark.slow
@pytest.mark.parametrize("side", ["left", "right"])
def test_tensorflow_searches_rows_as_numpy_does(side):
    import tensorflow as tf

    rng = np.random.default_rng(0)
    ordered = np.sort(rng.integers(0, 9, (3, 5)).astype(float), axis=-1)
    values = rng.integers(0, 9, (3, 20)).astype(float)
    found = xp.tensorflow_namespace().searchsorted(
        tf.constant(ordered), tf.constant(values), side=side
    )
    for k in range(3):
        np.testing.assert_array_equal(found[k], np.searchsorted(ordered[k], values[k], side=side))
