"""Networks that predict how badly a picture can be filled in, and from that where people look.

A thesis' idea: an inpainter fails where a picture holds what its surroundings do not tell.
Four outputs, the error at holes of 16, 32, 64 and 128 pixels; a transfer head of five parameters
turns them into saliency. Three networks: ResNet-101, DeepLab v2, NASNet-Large.
"""

from __future__ import annotations

from typing import Any

from keras import initializers, layers

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.leaves import leaves
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.upsample import BilinearUpsampling2D, ResizeLike
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution

SCALES = (16, 32, 64, 128)
FREEZE = ("none", "backbone", "all_but_head", "bn")


def inpainting_resnet101(
    input_shape: tuple[int, int] = (512, 512),
    transfer: bool = False,
    direct: bool = False,
    freeze: str | None = None,
) -> SaliencyModel:
    """ResNet-101 and four doublings; the output has half the picture's size.

    Args:
        input_shape: (height, width), multiples of 32.
        transfer: put the head of five parameters behind the four outputs.
        direct: one output instead of four.
        freeze: `"none"`, `"backbone"`, `"all_but_head"` or `"bn"`; None: `"backbone"` with the
            transfer head, else `"none"`.
    """
    picture = picture_input(input_shape, multiple=32, least=32, model="inpainting_resnet101")
    trunk = encode("resnet101", picture)
    x = trunk.taps["conv5_block3_out"]
    outputs = 1 if direct else len(SCALES)
    for k, filters in enumerate((1024, 512, 256), start=1):
        x = _convolution(x, filters, 1, f"up{k}_conv")
        x = layers.BatchNormalization(name=f"up{k}_bn")(x)
        x = layers.Activation("relu", name=f"up{k}_relu")(x)
        x = BilinearUpsampling2D(2, name=f"up{k}")(x)
    x = BilinearUpsampling2D(2, name="up4")(_convolution(x, outputs, 1, "scores"))
    return _finish("inpainting_resnet101", picture, trunk, _errors(x), transfer, freeze)


def inpainting_deeplab_v2(
    input_shape: tuple[int, int] = (512, 512),
    transfer: bool = False,
    direct: bool = False,
    aspp: str = "fused",
    freeze: str | None = None,
) -> SaliencyModel:
    """DeepLab v2 on ResNet-101 at stride 8; the output has an eighth of the picture's size.

    Args:
        input_shape: (height, width), multiples of 8.
        transfer: put the head of five parameters behind the four outputs.
        direct: one output instead of four.
        aspp: `"fused"`: four branches of 21 channels, concatenated, 1x1; `"sum4"`: branches of the
            outputs' channels, summed.
        freeze: as in `inpainting_resnet101`.

    Raises:
        ConfigError: an unknown `aspp` or `freeze`.
    """
    if aspp not in ("fused", "sum4"):
        raise ConfigError(f"aspp must be 'fused' or 'sum4', got {aspp!r}")
    picture = picture_input(input_shape, multiple=8, least=32, model="inpainting_deeplab_v2")
    trunk = encode("resnet101", picture, strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4))
    outputs = 1 if direct else len(SCALES)
    width = 21 if aspp == "fused" else outputs
    branches = [
        _convolution(
            trunk.taps["conv5_block3_out"],
            width,
            3,
            f"aspp{rate}",
            dilation_rate=rate,
            kernel_initializer=initializers.RandomNormal(stddev=0.01),
        )
        for rate in (6, 12, 18, 24)
    ]
    if aspp == "fused":
        x = _convolution(layers.Concatenate(name="aspp")(branches), outputs, 1, "scores")
    else:
        x = layers.Add(name="scores")(branches)
    return _finish("inpainting_deeplab_v2", picture, trunk, _errors(x), transfer, freeze)


def inpainting_nasnet(
    input_shape: tuple[int, int] = (512, 512),
    transfer: bool = False,
    direct: bool = False,
    head: str = "taps",
    freeze: str | None = None,
) -> SaliencyModel:
    """NASNet-Large; the output has the picture's size.

    Args:
        input_shape: (height, width), multiples of 32.
        transfer: put the head of five parameters behind the four outputs.
        direct: one output instead of four.
        head: `"taps"`: one map of each of four taps, combined (EML-NET's repository); `"plain"`:
            1x1 on the last features.
        freeze: as in `inpainting_resnet101`.

    Raises:
        ConfigError: an unknown `head` or `freeze`.
    """
    if head not in ("taps", "plain"):
        raise ConfigError(f"head must be 'taps' or 'plain', got {head!r}")
    picture = picture_input(input_shape, multiple=32, least=32, model="inpainting_nasnet")
    trunk = encode("nasnet_large", picture)
    outputs = 1 if direct else len(SCALES)
    names = (
        "reduction_concat_stem_2",
        "reduction_concat_reduce_6",
        "reduction_concat_reduce_12",
        "normal_concat_18",
    )
    if head == "plain":
        x = _convolution(trunk.taps["normal_concat_18"], outputs, 1, "scores")
        x = _errors(ResizeLike("half_pixel", name="full")(x, picture))
    else:
        taps = [
            ResizeLike("half_pixel", name=f"tap{k}_full")(
                _normalised(trunk.taps[name], 1, f"tap{k}"), picture
            )
            for k, name in enumerate(names)
        ]
        x = _normalised(layers.Concatenate(name="taps")(taps), outputs, "combined")
    return _finish("inpainting_nasnet", picture, trunk, x, transfer, freeze)


def _convolution(x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
    return convolution(x, filters, size, name, **{"kernel_initializer": "he_normal", **options})


def _normalised(x: Any, filters: int, name: str) -> Any:
    x = _convolution(x, filters, 1, f"{name}_conv")
    x = layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name=f"{name}_bn")(x)
    return layers.Activation("sigmoid", dtype="float32", name=f"{name}_sigmoid")(x)


def _errors(scores: Any) -> Any:
    return layers.Activation("sigmoid", dtype="float32", name="errors")(scores)


def _finish(
    name: str, picture: Any, trunk: Trunk, errors: Any, transfer: bool, freeze: str | None
) -> SaliencyModel:
    """The network behind its errors: the transfer head if asked for, and what does not learn."""
    freeze = ("backbone" if transfer else "none") if freeze is None else freeze
    if freeze not in FREEZE:
        raise ConfigError(f"freeze must be one of {', '.join(FREEZE)}, got {freeze!r}")
    x = errors
    if transfer:
        x = layers.Conv2D(
            1,
            1,
            activation="sigmoid",
            data_format="channels_last",
            dtype="float32",
            name="transfer",
        )(x)
    names = tuple(map(str, SCALES)) if x.shape[-1] > 1 else ()
    way = Geometry("squeeze", "antialiased")
    front = Front(picture.shape[1:3], way, trunk.backbone.colours, names=names)
    model = assemble(name, picture, x, front, [trunk])
    of_trunk = {id(layer) for layer in trunk.layers}
    for layer in leaves(model):
        if (
            (freeze == "backbone" and id(layer) in of_trunk)
            or (freeze == "all_but_head" and layer.name != "transfer")
            or (freeze == "bn" and isinstance(layer, layers.BatchNormalization))
        ):
            layer.trainable = False
    return model
