import numpy as np

from keras_saliency.classical._steerable_pyramid import filters, steerable_pyramid


def test_filters_have_their_symmetries():
    first_low, first_high, low, bands = filters()
    for passing, side in ((first_low, 9), (first_high, 15), (low, 17)):
        assert passing.shape == (side, side)
        for turned in (passing.T, passing[::-1], passing[:, ::-1]):
            np.testing.assert_array_equal(passing, turned)
    np.testing.assert_array_equal(bands, -bands[:, ::-1, ::-1])
    np.testing.assert_array_equal(bands[2], bands[0].T[::-1])
    np.testing.assert_array_equal(bands[3], bands[1][:, ::-1])


def test_low_passes_keep_a_constant_and_others_stop_it():
    first_low, first_high, low, bands = filters()
    assert abs(first_low.sum() - 1) < 0.01
    assert abs(first_high.sum()) < 0.01
    assert abs(low.sum() - 2) < 0.01  # half the samples remain, so that the norm is kept
    np.testing.assert_allclose(bands.sum(axis=(1, 2)), 0, atol=1e-12)


def test_the_numbers_are_those_of_the_table(shared):
    path = shared / "data" / "classical_bases" / "sp3_filters.npz"
    with np.load(path, allow_pickle=False) as table:
        for found, name in zip(filters(), ("lo0", "hi0", "lo", "bands"), strict=True):
            np.testing.assert_array_equal(found, table[name])


def test_levels_halve_and_bands_tell_orientations_apart():
    stripes = np.tile(np.sin(np.arange(64) * 0.9), (64, 1))
    found = steerable_pyramid(stripes, 3)
    assert [band.shape for band in found[::4]] == [(64, 64), (64, 64), (32, 32), (16, 16)]
    upright, _, level, _ = (np.abs(band).mean() for band in found[1:5])
    assert upright > 20 * level
    for k, band in enumerate(steerable_pyramid(stripes.T, 3)[1:5]):
        mirrored = found[1 + (2 - k) % 4]  # the two diagonals share a size
        assert abs(np.abs(band).mean() - np.abs(mirrored).mean()) < 1e-12
