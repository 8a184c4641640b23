import numpy as np
import pytest

pytest.importorskip("keras")
from keras import ops

from keras_saliency.layers.partial_conv import PartialConv2D

NINE = np.arange(1, 10, dtype="float32").reshape(1, 3, 3, 1)
HOLE = np.ones((1, 3, 3, 1), dtype="float32")
HOLE[:, :2, :2] = 0


def built(inputs, masks, weights, **options):
    """A layer whose weights are set; inputs and masks only give shapes."""
    layer = PartialConv2D(**options)
    layer(inputs, masks)
    layer.set_weights(weights)
    return layer


def reference(x, m, kernel, bias, scaling, single=False, stride=1, dilation=1, pad=1):
    """Window by window in float64; x and m are (rows, columns, channels), m of full depth."""
    k, _, channels, filters = kernel.shape
    x, m = (np.pad(v.astype("float64"), ((pad, pad), (pad, pad), (0, 0))) for v in (x, m))
    reach = dilation * (k - 1) + 1
    sides = [(n - reach) // stride + 1 for n in x.shape[:2]]
    y, u = np.zeros((*sides, filters)), np.zeros((*sides, 1))
    for i in range(sides[0]):
        for j in range(sides[1]):
            rows = slice(i * stride, i * stride + reach, dilation)
            columns = slice(j * stride, j * stride + reach, dilation)
            values, valid = x[rows, columns], m[rows, columns]
            raw = np.einsum("abc,abcf->f", values * valid, kernel)
            s = valid[..., 0].sum() if single else valid.sum()
            size = k * k * (1 if single else channels)
            new = min(s, 1.0)
            u[i, j] = new
            if scaling == "nvidia":
                y[i, j] = (raw * size / (s + 1e-8) * new + bias) * new
            elif scaling == "keras":
                y[i, j] = raw * k * k / (s + 1e-8) * new + bias
            elif s > 0:
                y[i, j] = raw / s + bias
    return y, u


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        ("nvidia", [[0, 41, 41], [68, 59.9, 59], [68, 68, 69.5]]),
        ("sum", [[0, 5, 5], [8, 7.1, 7], [8, 8, 8.166667]]),
        ("keras", [[0.5, 41, 41], [68, 59.9, 59], [68, 68, 69.5]]),
    ],
)
def test_a_hole_in_the_corner_by_hand(scaling, expected):
    weights = [np.ones((3, 3, 1, 1)), np.array([0.5])]
    layer = built(NINE, HOLE, weights, filters=1, kernel_size=3, scaling=scaling, return_mask=True)
    outputs, mask = layer(NINE, HOLE)
    np.testing.assert_allclose(np.asarray(outputs)[0, ..., 0], expected, rtol=1e-5)
    new = np.ones((3, 3))
    new[0, 0] = 0
    np.testing.assert_array_equal(np.asarray(mask)[0, ..., 0], new)


def test_one_valid_corner_by_hand():
    x = np.full((1, 5, 5, 1), 2.0, dtype="float32")
    m = np.zeros_like(x)
    m[:, 4, 4] = 1
    layer = built(x, m, [np.ones((3, 3, 1, 1)), np.array([0.5])], filters=1, kernel_size=3)
    expected = np.zeros((5, 5))
    expected[3:, 3:] = 18.5
    np.testing.assert_allclose(np.asarray(layer(x, m))[0, ..., 0], expected, rtol=1e-6)


def test_padding_counts_as_invalid():
    ones = np.ones((1, 4, 4, 2), dtype="float32")
    layer = built(ones, None, [np.ones((3, 3, 2, 1))], filters=1, kernel_size=3, use_bias=False)
    np.testing.assert_allclose(np.asarray(layer(ones)), 18.0, rtol=1e-6)  # corners: 8 * 9/4


@pytest.mark.parametrize("scaling", ["nvidia", "sum", "keras"])
@pytest.mark.parametrize("kind", ["full", "one", "single"])
@pytest.mark.parametrize(
    ("k", "stride", "dilation", "pad"), [(3, 1, 1, 1), (5, 2, 1, 2), (3, 1, 2, 2), (1, 1, 1, 0)]
)
def test_agrees_with_a_loop_over_windows(scaling, kind, k, stride, dilation, pad):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 9, 8, 3)).astype("float32")
    m = (rng.random((1, 9, 8, 3 if kind == "full" else 1)) < 0.4).astype("float32")
    m[:, :6, :5] = 0  # windows without a valid sample
    kernel, bias = rng.normal(size=(k, k, 3, 2)), rng.normal(size=2)
    layer = built(
        x,
        m,
        [kernel, bias],
        filters=2,
        kernel_size=k,
        strides=stride,
        dilation_rate=dilation,
        scaling=scaling,
        mask_channels="single" if kind == "single" else "multi",
        return_mask=True,
    )
    outputs, mask = layer(x, m)
    deep = np.broadcast_to(m[0], x[0].shape)
    expected, new = reference(
        x[0], deep, kernel, bias, scaling, kind == "single", stride, dilation, pad
    )
    np.testing.assert_allclose(np.asarray(outputs)[0], expected, rtol=1e-4, atol=2e-5)
    np.testing.assert_array_equal(np.asarray(mask)[0], new)
    shapes = layer.compute_output_shape((1, 9, 8, 3), m.shape)
    assert shapes == ((1, *expected.shape), (1, *new.shape))


def test_every_part_of_a_skip_connection_keeps_its_own_mask():
    rng = np.random.default_rng(1)
    parts = [rng.normal(size=(1, 6, 6, c)).astype("float32") for c in (3, 1)]
    masks = [(rng.random((1, 6, 6, 1)) < 0.5).astype("float32") for _ in parts]
    kernel, bias = rng.normal(size=(3, 3, 4, 2)), rng.normal(size=2)
    layer = built(parts, masks, [kernel, bias], filters=2, kernel_size=3)
    deep = np.concatenate([np.repeat(m[0], c, -1) for m, c in zip(masks, (3, 1), strict=True)], -1)
    expected, _ = reference(np.concatenate(parts, -1)[0], deep, kernel, bias, "nvidia")
    np.testing.assert_allclose(np.asarray(layer(parts, masks))[0], expected, rtol=1e-4, atol=2e-5)


def test_soft_masks_give_soft_new_masks():
    m = np.full((1, 3, 3, 1), 0.1, dtype="float32")
    layer = PartialConv2D(1, 3, mask_channels="single", return_mask=True)
    _, mask = layer(NINE, m)
    np.testing.assert_allclose(np.asarray(mask)[0, 0, 0], 0.4, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(mask)[0, 1, 1], 0.9, rtol=1e-5)


def test_holes_and_masks_get_no_gradient(gradient):
    rng = np.random.default_rng(2)
    kernel = rng.normal(size=(3, 3, 1, 2))
    weights = rng.normal(size=(1, 3, 3, 2)).astype("float32")
    layer = built(NINE, HOLE, [kernel, np.zeros(2)], filters=2, kernel_size=3)
    to_x, to_mask, to_kernel, _ = gradient(layer, (NINE, HOLE), weights)
    assert (to_x[HOLE == 0] == 0).all()
    assert (to_x[HOLE == 1] != 0).all()
    np.testing.assert_array_equal(to_mask, 0)

    def loss(x, w):
        return (reference(x[0], HOLE[0], w, 0, "nvidia")[0] * weights[0]).sum()

    for at in ((0, 0, 2, 0), (0, 2, 1, 0)):
        step = np.zeros(NINE.shape)
        step[at] = 1e-3
        slope = (loss(NINE + step, kernel) - loss(NINE - step, kernel)) / 2e-3
        assert to_x[at] == pytest.approx(slope, rel=1e-4)
    for at in ((0, 0, 0, 0), (1, 2, 0, 1)):
        step = np.zeros(kernel.shape)
        step[at] = 1e-3
        slope = (loss(NINE, kernel + step) - loss(NINE, kernel - step)) / 2e-3
        assert to_kernel[at] == pytest.approx(slope, rel=1e-4, abs=1e-3)


def test_an_empty_mask_gives_zeros_in_half_precision():
    # 1e-8 is zero in float16: 0 * inf would be nan
    for policy in ("mixed_float16", "mixed_bfloat16"):
        layer = PartialConv2D(2, 3, dtype=policy)
        got = ops.cast(layer(NINE, np.zeros_like(HOLE)), "float32")
        np.testing.assert_array_equal(np.asarray(got), 0)


def test_wide_windows_are_counted_exactly_in_bfloat16():
    # 5 * 5 * 128 = 3200 valid samples, of which bfloat16 keeps 8 bits
    x = np.full((1, 5, 5, 128), 1.0, dtype="float32")
    x[:, 0, 0] = 0
    m = np.ones((1, 5, 5, 1), dtype="float32")
    m[:, 0, 0] = 0
    layer = PartialConv2D(1, 5, padding=0, dtype="mixed_bfloat16")
    layer(x, m)
    layer.set_weights([np.full((5, 5, 128, 1), 1 / 3200), np.zeros(1)])
    assert float(ops.cast(layer(x, m), "float32")[0, 0, 0, 0]) == pytest.approx(1.0, rel=2**-7)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mask_channels": "all"}, "found 'all'"),
        ({"scaling": "paper"}, "found 'paper'"),
        ({"strides": 2, "dilation_rate": 2}, "strides and dilation"),
    ],
)
def test_bad_arguments_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        PartialConv2D(1, 3, **options)


@pytest.mark.parametrize(
    ("inputs", "masks", "mode"),
    [
        ([NINE, NINE], HOLE, "multi"),
        (np.repeat(NINE, 3, -1), np.repeat(HOLE, 2, -1), "multi"),
        (np.repeat(NINE, 3, -1), np.repeat(HOLE, 3, -1), "single"),
        ([NINE, NINE], [HOLE, HOLE], "single"),
    ],
)
def test_masks_that_do_not_belong_to_the_inputs_are_refused(inputs, masks, mode):
    with pytest.raises(ValueError, match=r"need as many masks"):
        PartialConv2D(1, 3, mask_channels=mode)(inputs, masks)


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("scaling", ["nvidia", "sum", "keras"])
def test_what_stands_in_a_hole_never_matters(missing, scaling):
    rng = np.random.default_rng(0)
    x = rng.random((2, 5, 6, 3)).astype("float32")
    mask = (rng.random((2, 5, 6, 1)) > 0.4).astype("float32")
    layer = PartialConv2D(2, 3, scaling=scaling)
    wanted = np.asarray(layer(x * mask, mask))
    np.testing.assert_array_equal(np.asarray(layer(np.where(mask, x, missing), mask)), wanted)
    several = np.repeat(mask, 3, axis=-1)
    found = PartialConv2D(2, 3, scaling=scaling)
    found(x, several)
    found.set_weights(layer.get_weights())
    np.testing.assert_allclose(
        np.asarray(found(np.where(mask, x, missing), several)), wanted, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(("dtype", "valid"), [("bool", 1), ("uint8", 255), ("int32", 1)])
def test_masks_of_booleans_and_integers(dtype, valid):
    rng = np.random.default_rng(1)
    x, mask = rng.random((1, 5, 6, 3)).astype("float32"), rng.random((1, 5, 6, 1)) > 0.4
    layer = PartialConv2D(2, 3, return_mask=True)
    wanted = layer(x, mask.astype("float32"))
    for found, right in zip(layer(x, (mask * valid).astype(dtype)), wanted, strict=True):
        np.testing.assert_array_equal(np.asarray(found), np.asarray(right))


def test_a_picture_of_integers_is_convolved_as_numbers():
    x = np.random.default_rng(2).integers(0, 256, (1, 5, 6, 3)).astype("uint8")
    layer = PartialConv2D(2, 3)
    np.testing.assert_array_equal(np.asarray(layer(x)), np.asarray(layer(x.astype("float32"))))


@pytest.mark.parametrize(
    ("padding", "same_as"), [("same", None), ("valid", 0), (1, (1, 1)), ([2, 0], (2, 0))]
)
def test_padding_by_name_or_pixels(padding, same_as):
    x = np.random.default_rng(3).random((1, 6, 7, 3)).astype("float32")
    named, plain = PartialConv2D(2, 3, padding=padding), PartialConv2D(2, 3, padding=same_as)
    named(x)
    plain(x)
    named.set_weights(plain.get_weights())
    np.testing.assert_array_equal(np.asarray(named(x)), np.asarray(plain(x)))
    again = PartialConv2D.from_config(named.get_config())
    assert again.padding == plain.padding


def test_padding_that_cannot_be_met_says_what_it_wants():
    for options in ({"kernel_size": 4, "padding": "same"}, {"kernel_size": 3, "padding": "full"}):
        with pytest.raises(ValueError, match="padding must be pixels on each side"):
            PartialConv2D(1, **options)


def test_masks_of_another_size_are_refused():
    with pytest.raises(ValueError, match="rows and columns of their inputs"):
        PartialConv2D(1, 3)(np.ones((1, 4, 4, 3)), np.ones((1, 4, 5, 1)))
