"""KerasHub and KerasCV backbones as encoders: the optional job, `make test-hub`."""

import warnings

import keras
import numpy as np
import pytest

from keras_saliency import build_model, load_model

FIX = 'is not installed. Fix: pip install "keras-saliency[hub]" (make test-hub)'


def hub_resnet():
    hub = pytest.importorskip("keras_hub", reason=f"keras-hub {FIX}")
    return hub.models.ResNetBackbone(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[7],
        stackwise_num_filters=[64, 64, 64, 64],
        stackwise_num_blocks=[1, 1, 1, 1],
        stackwise_num_strides=[1, 2, 2, 2],
        block_type="basic_block",
        image_shape=(None, None, 3),
    )


def cv_resnet():
    cv = pytest.importorskip("keras_cv", reason=f"keras-cv {FIX}")
    return cv.models.ResNetBackbone(
        stackwise_filters=[64, 64, 64, 64],
        stackwise_blocks=[1, 1, 1, 1],
        stackwise_strides=[1, 2, 2, 2],
        block_type="basic_block",
        include_rescaling=False,
    )


@pytest.mark.parametrize("make", [hub_resnet, cv_resnet])
@pytest.mark.parametrize("name", ["ml_net", "msi_net", "sam_resnet", "eml_net"])
def test_a_backbone_of_another_library_is_the_encoder(make, name, tmp_path):
    keras.utils.set_random_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # these libraries warn of their own dependencies
        backbone = make()
    encoder = [backbone] if name == "eml_net" else backbone
    model = build_model(name, input_shape=(160, 160), encoder=encoder)
    picture = np.random.default_rng(0).integers(0, 256, (60, 90, 3)).astype(np.uint8)
    with pytest.warns(UserWarning, match="random weights"):
        found = model.predict_map(picture)
    assert found.shape == (60, 90)
    assert np.isfinite(found).all()
    # the trunk's own weights are the model's: a change of theirs moves the map
    kernel = next(w for w in backbone.trainable_weights if w.path.endswith("kernel"))
    kernel.assign(kernel * -2)
    with pytest.warns(UserWarning, match="random weights"):
        assert np.abs(model.predict_map(picture) - found).max() > 0
    model.save(tmp_path / "m.keras")
    assert load_model(tmp_path / "m.keras").count_params() == model.count_params()
