import numpy as np
import pytest

from keras_saliency import build_model

MODEL = build_model("uniform")


@pytest.mark.parametrize("size", [(48, 64), (1, 1), (1, 9)])
def test_every_pixel_is_one(size):
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    np.testing.assert_array_equal(MODEL.predict_map(picture), np.ones(size))


def test_the_density_is_one_pixel_in_all():
    found = MODEL.predict_log_density(np.zeros((20, 30, 3), np.uint8))
    np.testing.assert_allclose(found, np.full((20, 30), -np.log(600)), rtol=1e-15)
