import numpy as np
import pytest

from keras_saliency.classical._log_gabor import log_gabor_energy, principal_components


@pytest.mark.parametrize("shape", [(1, 1), (5, 70), (64, 64)])
def test_one_energy_for_each_wavelength_and_orientation(shape):
    plane = np.random.default_rng(0).random(shape)
    found = list(log_gabor_energy(plane, (4.0, 8.0), 4, 0.6))
    assert len(found) == 4
    for energy in found:
        assert energy.shape == (2, *shape)
        assert np.isfinite(energy).all()
        assert energy.min() >= 0


def test_a_grating_answers_at_its_own_wavelength_and_orientation():
    rows, columns = np.indices((128, 128))
    for turned, grating in ((0, columns), (1, columns + rows), (2, rows), (3, rows - columns)):
        # along a diagonal a period of 8 pixels is 8 sqrt(2) pixels of one axis
        period = 8 * (np.sqrt(2) if turned % 2 else 1)
        energies = list(
            log_gabor_energy(np.cos(2 * np.pi * grating / period), (2.0, 8.0, 32.0), 4, 0.65)
        )
        middle = np.array([energy[:, 48:80, 48:80].mean(axis=(1, 2)) for energy in energies])
        assert np.unravel_index(middle.argmax(), middle.shape) == (turned, 1)


def test_energy_does_not_depend_on_the_phase():
    energies = [
        next(
            log_gabor_energy(
                np.cos(np.arange(128)[None, :] / 8 * 2 * np.pi + phase).repeat(128, 0),
                (8.0,),
                4,
                0.65,
            )
        )[0, 64, 64]
        for phase in (0.0, 1.0, 2.0)
    ]
    np.testing.assert_allclose(energies, energies[0], rtol=0.01)


def test_components_are_white_and_the_strongest_comes_first():
    rng = np.random.default_rng(0)
    picture = rng.normal(size=(30, 40, 1)) * 40 + rng.normal(size=(30, 40, 3)) * 5 + 100
    found = principal_components(picture).reshape(3, -1)
    np.testing.assert_allclose(np.cov(found, bias=True), np.eye(3), atol=1e-9)
    gray = picture.mean(axis=2).ravel()
    assert np.corrcoef(found[0], gray)[0, 1] > 0.99


def test_a_gray_picture_has_one_component():
    gray = np.random.default_rng(0).integers(0, 256, (20, 30, 1)).repeat(3, axis=2)
    assert principal_components(gray).shape == (1, 20, 30)
