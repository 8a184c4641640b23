"""Blocks of SALICON, DSCLRCN, eDN and iSEEL against the originals.

The folder is `DEEP_GOLDENS` if set, else the shared one, else the small one beside these tests; a
file that it does not have is skipped. No size is written here: another folder of the same keys is
run through the same tests.
"""

import os
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

import keras
from keras import ops

from benchmark_kit.imaging.min_max import min_max
from keras_saliency.layers import (
    AlignedMaxPooling2D,
    L2Normalization,
    LocalResponseNormalization,
    SpatialLSTM,
)
from keras_saliency.losses import DSCLRCNLoss
from keras_saliency.models._edn_features import HIERARCHIES, feature_matrix
from keras_saliency.models._elm import hidden, nearest, scaled, solve
from keras_saliency.models._spline import spline_resize
from keras_saliency.models._sthor import features, filter_bank, normalise, pool
from keras_saliency.models.dsclrcn import enlarged
from keras_saliency.models.edn import EDN
from keras_saliency.models.salicon import COLOURS
from keras_saliency.ops.resize import resize

SHARED = Path(__file__).resolve().parents[3] / "shared" / "golden" / "deep"
SMALL = Path(__file__).resolve().parents[1] / "golden" / "deep"
FOLDER = Path(os.environ.get("DEEP_GOLDENS", SHARED if SHARED.is_dir() else SMALL))


def golden(name):
    @pytest.fixture(scope="module", name=name)
    def load():
        path = FOLDER / f"{name}.npz"
        if not path.is_file():
            pytest.skip(f"{path.name} is not in {FOLDER.name}")
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}

    return load


opensalicon_blocks = golden("opensalicon_blocks")
dsclrcn_blocks = golden("dsclrcn_blocks")
edn_sthor_features = golden("edn_sthor_features")
iseel_elm = golden("iseel_elm")


def last(array):
    """Channels first as channels last."""
    return np.ascontiguousarray(np.moveaxis(array, 1, -1))


def array(tensor):
    return np.asarray(ops.convert_to_numpy(tensor))


def close(found, wanted, tolerance):
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= tolerance * np.abs(wanted).max()


def test_salicons_pictures_at_both_scales(opensalicon_blocks):
    found = COLOURS(opensalicon_blocks["image"].astype(np.float32))
    close(found, last(opensalicon_blocks["preprocessed"])[0], 1e-5)
    for scale in ("coarse", "fine"):
        wanted = last(opensalicon_blocks[f"{scale}_cubic_zoom"])[0]
        close(spline_resize(found, wanted.shape[:2]), wanted, 1e-5)


def test_salicons_coarse_features_on_the_fine_grid(opensalicon_blocks):
    wanted = last(opensalicon_blocks["interpolated_order1"])
    x = last(opensalicon_blocks["features"])
    close(array(resize(x, wanted.shape[1:3], "align_corners")), wanted, 1e-5)


def test_salicons_map_back_on_the_picture(opensalicon_blocks):
    wanted = opensalicon_blocks["map_to_image_cubic"]
    close(spline_resize(min_max(opensalicon_blocks["map"]), wanted.shape), wanted, 1e-5)


# float64 needs a flag under JAX
EXACT, PRECISE = ("float64", 1e-6) if keras.backend.backend() == "tensorflow" else ("float32", 1e-5)


def test_dsclrcns_spatial_lstm_as_released(dsclrcn_blocks):
    def weights(axis):
        names = ("W_xc", "W_xc_static", "b_c")
        return [dsclrcn_blocks[f"slstm1/{axis}_{name}"].T for name in names]

    units = dsclrcn_blocks["slstm1/row_W_hc"].shape[1]
    x = last(dsclrcn_blocks["slstm1/x"]).astype(EXACT)
    context = dsclrcn_blocks["slstm1/context"].astype(EXACT)
    found = {}
    for order in ("released", "paper"):
        layer = SpatialLSTM(units, order, dtype=EXACT)
        layer.build([x.shape, context.shape])
        recurrent = [dsclrcn_blocks[f"slstm1/{axis}_W_hc"].T for axis in ("row", "col")]
        layer.set_weights([*weights("row"), *weights("col"), *recurrent])
        found[order] = array(layer([x, context]))
    wanted = last(dsclrcn_blocks["slstm1/y"])
    close(found["released"], wanted, PRECISE)
    np.testing.assert_array_equal(found["released"][..., :units], found["released"][..., units:])
    # upwards both agree, downwards the paper's is another
    close(found["paper"][..., units:], wanted[..., units:], PRECISE)
    assert np.abs(found["paper"][..., :units] - wanted[..., :units]).max() > 0.01
    ahead, back = layer._along_rows(x, context, "row")
    rows = np.concatenate([array(ahead), array(back)], axis=-1)
    close(rows, last(dsclrcn_blocks["slstm1/row"]), PRECISE)


def test_dsclrcns_mirror_permutes_what_should_be_reversed(dsclrcn_blocks):
    x = dsclrcn_blocks["probe/x"][0, 0]
    np.testing.assert_array_equal(dsclrcn_blocks["probe/mirror"][0, 0], x[:, ::-1])
    turned = dsclrcn_blocks["probe/rot90"][0, 0]
    mirrored = dsclrcn_blocks["probe/mirror_rot90"][0, 0]
    # each sequence of the mirrored map is one of the others, read in the same direction
    np.testing.assert_array_equal(mirrored, turned[::-1])
    np.testing.assert_array_equal(dsclrcn_blocks["probe/unrot90"][0, 0], x)


@pytest.mark.parametrize("scale", [400.0])
def test_dsclrcns_normalisation(dsclrcn_blocks, scale):
    x = last(dsclrcn_blocks["normalize/x"]).astype(EXACT)
    found = array(L2Normalization(scale, dtype=EXACT)(x))
    close(found, last(dsclrcn_blocks[f"normalize/y_scale{scale:g}"]), PRECISE)


def test_dsclrcns_loss(dsclrcn_blocks):
    maps, fixations = (last(dsclrcn_blocks[f"nss/{name}"]) for name in ("map", "fixations"))
    loss = DSCLRCNLoss(dtype=EXACT)
    found = float(loss(fixations.astype(EXACT), maps.astype(EXACT)))
    assert found == pytest.approx(float(dsclrcn_blocks["nss/loss"]), rel=PRECISE)


def test_dsclrcns_enlargement(dsclrcn_blocks):
    x = last(dsclrcn_blocks["upsample/x"])
    inputs = keras.Input(x.shape[1:])
    found = array(keras.Model(inputs, enlarged(inputs))(x.astype(np.float32)))
    close(found, last(dsclrcn_blocks["upsample/y"]), 1e-6)


def test_dsclrcns_response_normalisation(dsclrcn_blocks):
    x = last(dsclrcn_blocks["lrn/x"]).astype(np.float32)
    for alpha, key in ((1e-4, "y"), (1.0, "y_alpha1")):
        found = array(LocalResponseNormalization(5, alpha, 0.75, 1.0)(x))
        close(found, last(dsclrcn_blocks[f"lrn/{key}"]), 1e-6)


@pytest.mark.parametrize("size", [2, 3])
def test_pools_that_round_up(dsclrcn_blocks, size):
    x = last(dsclrcn_blocks["pool/x"])
    found = array(AlignedMaxPooling2D(size, 2, alignment="caffe")(x.astype(np.float32)))
    close(found, last(dsclrcn_blocks[f"pool/max{size}s2_ceil"]), 1e-6)


def number(name, key):
    """The number behind a letter sequence in a golden's name."""
    return float(re.search(rf"_{key}([0-9.]+)", name)[1])


def under(found, *begins):
    keys = [key for key in found if key.startswith(begins)]
    assert keys
    return keys


def test_edns_normalisation(edn_sthor_features):
    for key in under(edn_sthor_features, "ops/lnorm"):
        size, mean, stretch, threshold = (
            number(key, part) for part in ("n", "mean", "stretch", "threshold")
        )
        found = normalise(edn_sthor_features["ops/x"], int(size), bool(mean), stretch, threshold)
        close(found, edn_sthor_features[key], 1e-5)


def test_edns_pool(edn_sthor_features):
    for key in under(edn_sthor_features, "ops/lpool_n"):
        x = edn_sthor_features["ops/x" if "negative" in key else "ops/lpool_x"]
        size, order, stride = (int(number(key, part)) for part in ("n", "order", "stride"))
        close(pool(x, size, order, stride), edn_sthor_features[key], 1e-5)


@pytest.mark.parametrize("k", range(len(HIERARCHIES)))
def test_edns_filters_and_features(edn_sthor_features, k):
    hierarchy, blocks = HIERARCHIES[k], HIERARCHIES[k].blocks
    channels = [3, *(block.filters for block in blocks)]
    banks = [
        filter_bank(block.filters, block.size, depth)
        for block, depth in zip(blocks, channels, strict=False)
    ]
    close(banks[0], edn_sthor_features[f"model{k}/first_filterbank"], 1e-6)
    sums = [np.abs(bank.astype(np.float64)).sum() for bank in banks]
    np.testing.assert_allclose(sums, edn_sthor_features[f"model{k}/filter_sums"], rtol=1e-6)
    picture = edn_sthor_features["image" if hierarchy.colour == "rgb" else "image_ycbcr"]
    close(features(picture, hierarchy), edn_sthor_features[f"model{k}/features"], 5e-4)


def test_edns_matrix_of_all_hierarchies(edn_sthor_features):
    found, grid = feature_matrix(edn_sthor_features["image"], centred=True)
    assert grid == tuple(edn_sthor_features["map_shape"])
    close(found[:, :1], edn_sthor_features["centre_feature"], 1e-6)
    assert found[:, 1:].shape == tuple(edn_sthor_features["matrix_shape"])
    close(found[:, 1::16], edn_sthor_features["matrix_every16"], 5e-4)


@pytest.mark.parametrize("form", ["centred", "uncentred"])
def test_edns_scores_with_the_released_machines(edn_sthor_features, form, monkeypatch):
    picture = edn_sthor_features["image"]
    published = FOLDER / "edn_sthor_features.npz"
    if not any(key.startswith("published/svm") for key in edn_sthor_features):
        published = SHARED / published.name
        if not published.is_file():
            pytest.skip("the released machines are in the shared folder only")
    model = EDN(form == "centred", published)
    wanted = edn_sthor_features[f"{form}/decision"]
    found = model.decision(picture)
    close(found, wanted, 1e-3)
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.999
    monkeypatch.setattr("keras_saliency.models.edn.resized", lambda image: image)
    close(model.predict_map(picture), edn_sthor_features[f"{form}/blurred"], 1e-3)


def test_iseels_machines(iseel_elm):
    x = iseel_elm["X"]
    low, high = x.min(axis=0), x.max(axis=0)
    close(scaled(x, low, high), iseel_elm["X_scaled"], 1e-8)
    query = scaled(iseel_elm["query"], low, high)
    close(query, iseel_elm["query_scaled"], 1e-8)
    layer = iseel_elm["W"], iseel_elm["b"]
    activations = hidden(scaled(x, low, high), *layer)
    close(activations, iseel_elm["hidden"], 1e-8)
    for key in under(iseel_elm, "beta_"):
        ridge = key.removeprefix("beta_ridge_C")
        pinv = key == "beta_pinv"
        found = solve(activations, iseel_elm["Y"], None if pinv else float(ridge))
        close(found, iseel_elm[key], 1e-6 if pinv else 1e-8)
        wanted = iseel_elm[key.replace("beta", "prediction")]
        close(hidden(query, *layer) @ found, wanted, 1e-6 if pinv else 1e-8)


def test_iseels_retrieval(iseel_elm):
    order, distances = nearest(iseel_elm["retrieval/gallery"], iseel_elm["retrieval/query"])
    np.testing.assert_array_equal(order, iseel_elm["retrieval/order"])
    close(distances, iseel_elm["retrieval/distance"], 1e-8)


def test_iseels_ensemble_is_a_mean_of_maps_that_are_not_negative(iseel_elm):
    maps = np.clip(iseel_elm["ensemble/maps"], 0, None)
    close(maps.mean(axis=0), iseel_elm["ensemble/mean"], 1e-8)
