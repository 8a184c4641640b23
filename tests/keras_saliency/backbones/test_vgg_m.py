"""VGG-M: sizes by Caffe's rounding, counts."""

import keras

from keras_saliency.backbones.vgg_m import VGG_M, vgg_m


def test_sizes_of_the_paper():
    taps = vgg_m(keras.Input((224, 224, 3)))
    sides = {name: tap.shape[1] for name, tap in taps.items()}
    assert [sides[name] for name in ("conv1", "pool1", "conv2", "pool2", "conv5")] == [
        *(109, 54, 26, 13),
        13,
    ]
    assert [taps[f"conv{k}"].shape[-1] for k in range(1, 6)] == [96, 256, 512, 512, 512]


def test_counts_by_layer():
    inputs = keras.Input((224, 224, 3))
    model = keras.Model(inputs, list(vgg_m(inputs).values()))
    counts = [model.get_layer(f"conv{k}").count_params() for k in range(1, 6)]
    assert counts == [14_208, 614_656, 1_180_160, 2_359_808, 2_359_808]


def test_strides_are_an_option():
    taps = vgg_m(keras.Input((64, 64, 3)), strides=(1, 1))
    assert taps["conv1"].shape[1] == 58
    assert set(VGG_M.taps) <= set(taps)
