"""The Keras metrics against the kit's functions, image by image, on whichever backend runs."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from benchmark_kit.dialects import DIALECTS
from benchmark_kit.errors import ConfigError
from benchmark_kit.metrics import METRICS
from keras_saliency import metrics
from keras_saliency.metrics import CC, IG, KL, NSS, SIM, ExactAUC

CLASSES = {"nss": NSS, "cc": CC, "sim": SIM, "kl": KL, "ig": IG, "auc": ExactAUC}
CASES = [
    (key, dialect.name)
    for dialect in DIALECTS.values()
    for key in CLASSES
    if key in dialect.constants and (key, dialect.name) != ("auc", "salicon2015")
]
SIZE = (13, 17)
# JAX computes in float32 unless it is told otherwise before it starts
WIDE = keras.config.backend() != "jax" or bool(os.environ.get("JAX_ENABLE_X64"))
TOLERANCES = [("float32", 1e-4), *([("float64", 1e-6)] if WIDE else [])]


def make_batch(images=7, seed=9):
    """Maps (one with many ties, one constant), densities, and fixations as counts."""
    rng = np.random.default_rng(seed)
    maps = rng.gamma(0.7, size=(images, *SIZE))
    maps[1] = np.round(4 * maps[1]) / 4
    maps[2] = 0.37
    densities = rng.gamma(0.5, size=(images, *SIZE))
    counts = rng.poisson(0.05, size=(images, *SIZE)).astype(float)
    counts[3, 2, 5] = 3
    # what float32 makes of them, so that ties are the same for everyone
    return [x.astype(np.float32).astype(float) for x in (maps, densities, counts)]


def points_of(counts):
    at = np.repeat(np.argwhere(counts)[:, ::-1], counts[counts > 0].astype(int), axis=0)
    return at.reshape(-1, 2)


def by_the_kit(key, dialect, maps, densities, counts, baseline="uniform"):
    """The kit's value of every image; nan where it has none."""
    score = METRICS[key].in_dialect(dialect)
    if METRICS[key].facts.needs == "density":
        return np.array([score(p, y) for p, y in zip(maps, densities, strict=True)])
    extra = (baseline,) if key == "ig" else ()
    return np.array([score(p, points_of(c), *extra) for p, c in zip(maps, counts, strict=True)])


def truth_of(key, densities, counts):
    return densities if METRICS[key].facts.needs == "density" else counts


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize(("key", "dialect"), CASES)
def test_values_are_the_kits(key, dialect, dtype, tolerance):
    maps, densities, counts = make_batch()
    expected = by_the_kit(key, dialect, maps, densities, counts)
    metric = CLASSES[key](dialect, dtype=dtype)
    truth = truth_of(key, densities, counts).astype(dtype)
    found = np.asarray(metric.values(truth, maps.astype(dtype)))
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("key", "dialect"), CASES)
def test_result_is_the_mean_over_images_that_have_a_value(key, dialect):
    maps, densities, counts = make_batch()
    counts[4] = 0
    densities[5] = 0.5
    expected = np.nanmean(by_the_kit(key, dialect, maps, densities, counts))
    metric = CLASSES[key](dialect)
    truth = truth_of(key, densities, counts)
    for part in (slice(0, 3), slice(3, 4), slice(4, 7)):
        metric.update_state(truth[part][..., None], maps[part][..., None])
    assert float(metric.result()) == pytest.approx(expected, rel=1e-4)
    metric.reset_state()
    assert np.isnan(float(metric.result()))


@pytest.mark.parametrize("key", CLASSES)
def test_of_two_channels_each_metric_takes_its_own(key):
    maps, densities, counts = make_batch()
    stacked = np.stack([densities, counts], axis=-1)
    expected = CLASSES[key]().values(truth_of(key, densities, counts), maps)
    np.testing.assert_array_equal(CLASSES[key]().values(stacked, maps), expected)


def test_exact_area_counts_pairs_one_by_one():
    maps, _, counts = make_batch()
    expected = []
    for p, c in zip(maps, counts, strict=True):
        wins = (p.ravel()[:, None] > p.ravel()) + 0.5 * (p.ravel()[:, None] == p.ravel())
        expected.append((c.ravel()[:, None] * wins).sum() / (c.sum() * p.size))
    np.testing.assert_allclose(ExactAUC().values(counts, maps), expected, rtol=1e-6)


def test_gain_over_a_map_is_the_kits():
    maps, densities, counts = make_batch()
    baseline = densities[0] + 0.1
    expected = by_the_kit("ig", "tuebingen", maps, densities, counts, baseline)
    metric = IG(baseline=baseline)
    np.testing.assert_allclose(metric.values(counts, maps), expected, rtol=1e-4, atol=1e-4)


def test_names_are_the_kits():
    names = {key: cls().name for key, cls in CLASSES.items()}
    assert names == {**{key: key for key in CLASSES}, "ig": "ig_map"}
    assert (IG("mit").name, IG(name="gain").name, NSS(name="n").name) == ("ig", "gain", "n")
    assert all(cls().facts is METRICS[key].facts for key, cls in CLASSES.items())
    ours = {cls.__name__ for cls in CLASSES.values()}
    assert set(metrics.__all__) == ours


@pytest.mark.parametrize("cls", CLASSES.values())
def test_config_round_trip(cls):
    metric = cls(name="own", dtype=TOLERANCES[-1][0])
    again = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert type(again) is cls
    assert again.get_config() == metric.get_config()
    assert again.name == "own"


def test_a_baseline_comes_back():
    again = IG.from_config(IG("mit", baseline=np.eye(3)).get_config())
    np.testing.assert_array_equal(again.baseline, np.eye(3))
    assert again.dialect == "mit"


@pytest.mark.parametrize("cls", [NSS, ExactAUC, KL])
def test_a_broken_map_makes_the_mean_nan(cls):
    maps, densities, counts = make_batch()
    maps[4, 3, 3] = np.nan
    metric = cls()
    metric.update_state(truth_of(metric.facts.name, densities, counts), maps)
    assert np.isnan(float(metric.result()))


def test_a_negative_map_has_no_kl_in_mits_dialect():
    maps, densities, _ = make_batch()
    metric = KL("mit")
    metric.update_state(densities, maps - 1)
    assert np.isnan(float(metric.result()))


def test_images_may_be_weighted():
    maps, densities, _ = make_batch()
    weights = np.arange(len(maps), dtype=np.float32)
    metric = CC()
    metric.update_state(densities, maps, sample_weight=weights)
    values = by_the_kit("cc", "tuebingen", maps, densities, None)
    assert float(metric.result()) == pytest.approx(np.average(values, weights=weights), rel=1e-4)


def test_half_precision_maps_are_scored_in_float32():
    maps, densities, counts = make_batch()
    half = keras.ops.cast(maps, "bfloat16")
    same = np.asarray(keras.ops.cast(half, "float32"))
    for key, cls in CLASSES.items():
        truth = truth_of(key, densities, counts)
        found, expected = (cls(dtype="bfloat16").values(truth, m) for m in (half, same))
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype


@pytest.mark.parametrize("jit", [False, True])
def test_they_follow_evaluate_over_uneven_batches_of_unknown_size(jit):
    maps, densities, counts = make_batch()
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, keras.layers.Rescaling(2.0)(inputs))
    objects = [cls() for cls in CLASSES.values()]
    model.compile(loss="mse", metrics=objects, jit_compile=jit)
    stacked = np.stack([densities, counts], axis=-1).astype(np.float32)
    images = maps[..., None].astype(np.float32)
    model.evaluate(images[:2, :9], stacked[:2, :9], verbose=0)
    found = model.evaluate(images, stacked, batch_size=3, verbose=0, return_dict=True)
    for key, metric in zip(CLASSES, objects, strict=True):
        expected = np.nanmean(by_the_kit(key, "tuebingen", 2 * maps, densities, counts))
        assert found[metric.name] == pytest.approx(expected, rel=1e-4)


def test_dialects_and_shapes_are_checked():
    with pytest.raises(ConfigError, match="unknown dialect 'mitt'"):
        NSS("mitt")
    with pytest.raises(ConfigError, match="dialect 'mit' has no metric 'auc'"):
        ExactAUC("mit")
    with pytest.raises(ConfigError, match="draws some at random"):
        ExactAUC("salicon2015")
    with pytest.raises(ValueError, match='baseline must be "uniform" or a map'):
        IG(baseline="centre")
    with pytest.raises(ValueError, match=r"size of y_pred, \(13, 17\); found \(3, 3\)"):
        IG(baseline=np.eye(3)).values(np.ones((1, *SIZE)), np.ones((1, *SIZE)))
    with pytest.raises(ValueError, match="y_pred must have the shape"):
        NSS().values(np.ones((1, *SIZE)), np.ones((1, *SIZE, 3)))


MIRRORED = """
import numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
from keras_saliency.metrics import CC, NSS, ExactAUC
rng = np.random.default_rng(0)
images = rng.random((10, 8, 9, 1)).astype("float32")
truth = np.stack([rng.random((10, 8, 9)), rng.random((10, 8, 9)) < 0.2], -1).astype("float32")
truth[4, ..., 1] = 0
def build():
    inputs = keras.Input((8, 9, 1))
    model = keras.Model(inputs, keras.layers.Rescaling(2.0)(inputs))
    model.compile(loss="mse", metrics=[NSS(), CC(), ExactAUC()])
    return model
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2
with strategy.scope():
    split = build()
for model in (split, build()):
    found = model.evaluate(images, truth, batch_size=4, verbose=0, return_dict=True)
    print(*(repr(float(found[key])) for key in ("nss", "cc", "auc")))
"""


@pytest.mark.slow
@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="tf.distribute is TensorFlow's")
def test_two_replicas_give_the_result_of_one():
    done = subprocess.run(
        [sys.executable, "-c", MIRRORED],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    split, whole = (line.split() for line in done.stdout.splitlines()[-2:])
    np.testing.assert_allclose(np.array(split, float), np.array(whole, float), rtol=1e-6)
    assert np.isfinite(np.array(split, float)).all()


@pytest.mark.jax
@pytest.mark.skipif(keras.config.backend() == "jax", reason="runs there already")
def test_values_are_the_kits_under_jax_in_float64():
    pytest.importorskip("jax")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__),
            *("-k", "test_values_are_the_kits and not under_jax and float64"),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1"},
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert f"{len(CASES)} passed" in done.stdout


POINT_METRICS = [NSS, IG, ExactAUC]


@pytest.mark.parametrize("cls", POINT_METRICS)
def test_a_density_where_fixations_are_due_is_refused(cls):
    maps, densities, counts = make_batch()
    eight_bit = np.round(255 * densities / densities.max()).astype(float)
    some = counts + 0.0
    some[2] = 0.5 * counts[2]
    for truth, first in ((densities, 0), (eight_bit, 0), (-counts, 0), (some, 2)):
        metric = cls()
        with pytest.raises(ValueError, match=f"found a density for image {first} of the batch"):
            metric.update_state(truth, maps)
        assert float(metric.count) == 0
    both = np.stack([densities, counts], axis=-1)
    assert np.isfinite(cls().values(both, maps)).any()
    with pytest.raises(ValueError, match="a map of fixations"):
        cls().values(both[..., ::-1], maps)


@pytest.mark.parametrize("cls", POINT_METRICS)
def test_many_fixations_on_a_small_grid_are_no_density(cls):
    maps, _, _ = make_batch()
    rng = np.random.default_rng(0)
    for counts in (rng.poisson(2.0, maps.shape), rng.random(maps.shape) < 0.5):
        found = cls().values(counts.astype("float32"), maps)
        assert np.isfinite(np.asarray(found)).all()


@pytest.mark.parametrize("cls", POINT_METRICS)
def test_in_a_compiled_step_a_density_makes_the_mean_nan_and_is_counted(cls):
    maps, densities, counts = make_batch()
    model = keras.Sequential([keras.Input((*SIZE, 1)), keras.layers.Identity()])
    model.compile(loss="mse", metrics=[cls(name="points")])
    truth = counts.copy()
    truth[5] = densities[5]
    found = {}
    for name, y in (("right", counts), ("wrong", truth)):
        found[name] = model.evaluate(maps[..., None], y[..., None], verbose=0, return_dict=True)
    assert np.isfinite(found["right"]["points"])
    assert np.isnan(found["wrong"]["points"])
    (metric,) = (
        m for each in model.metrics for m in getattr(each, "metrics", [each]) if m.name == "points"
    )
    assert float(metric.refused) == 1


@pytest.mark.parametrize(("key", "dialect"), CASES)
def test_images_left_out_are_counted(key, dialect):
    maps, densities, counts = make_batch()
    counts[4] = 0
    densities[5] = 0.5
    kit = by_the_kit(key, dialect, maps, densities, counts)
    metric = CLASSES[key](dialect)
    truth = truth_of(key, densities, counts)
    for part in (slice(0, 3), slice(3, 7)):
        metric.update_state(truth[part], maps[part])
    assert (float(metric.left_out), float(metric.count)) == (
        np.isnan(kit).sum(),
        (~np.isnan(kit)).sum(),
    )
    metric.reset_state()
    assert float(metric.left_out) == 0


def test_a_constant_baseline_of_a_min_max_scale_leaves_every_image_out():
    maps, _, counts = make_batch()
    metric = IG("mit", baseline=np.ones(SIZE))
    metric.update_state(counts, maps)
    assert (float(metric.left_out), float(metric.count)) == (len(maps), 0)
    assert np.isnan(float(metric.result()))
