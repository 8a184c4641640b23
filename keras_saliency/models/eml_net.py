"""EML-NET in the paper's form: any number of encoders, one weight for every channel of every tap.

Jia and Bruce, "EML-NET: An Expandable Multi-Layer NETwork for Saliency Prediction", Image and
Vision Computing 2020 (arXiv:1805.01047).

    picture -> NASNet-Large and DenseNet-161 -> 7 taps, each 1x1 -> 1, ReLU -> all on the largest
            -> 1x1 -> 1, ReLU -> the picture's size
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import initializers, layers

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.adapters import colours_of, encode
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.base.colours import PLAIN
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.prepare import PrepareColours
from keras_saliency.layers.upsample import ResizeLike
from keras_saliency.models._assemble import assemble, picture_input

# the taps of the paper's encoders; of others all that they have beyond stride 2
TAPS = {
    "densenet161": (
        "conv2_block6_concat",
        "conv3_block12_concat",
        "conv4_block36_concat",
        "relu",
    ),
    "nasnet_large": (
        "reduction_concat_reduce_6",
        "reduction_concat_reduce_12",
        "normal_concat_18",
    ),
}


def eml_net(
    input_shape: tuple[int, int] = (480, 640),
    encoder: Sequence[Any] = ("nasnet_large", "densenet161"),
    freeze: str = "none",
    head: str = "taps",
    fit: str = "squeeze",
) -> SaliencyModel:
    """The network; the output has the picture's size.

    Args:
        input_shape: (height, width), multiples of 32.
        encoder: the encoders: names or Keras models, at least one.
        freeze: `"encoders"` leaves the decoder alone to train, as in the second stage; `"none"`.
        head: `"taps"`, the decoder over all taps; `"last"`, a single score of the last features of
            one encoder, as each is trained in the first stage.
        fit: `"squeeze"` pictures to the frame, or `"pad"` them with zeros, as the paper pads
            MIT1003 and CAT2000 to 4:3.

    Raises:
        ConfigError: no encoder, several with one score, an unknown option, or a size that is no
            multiple of 32.
    """
    encoders = [encoder] if isinstance(encoder, str) else list(encoder)
    if not encoders:
        raise ConfigError("eml_net needs at least one encoder, for instance ['densenet161']")
    if head not in ("taps", "last") or fit not in ("squeeze", "pad"):
        raise ConfigError(
            f"head must be 'taps' or 'last' and fit 'squeeze' or 'pad', got {head!r} and {fit!r}"
        )
    if head == "last" and len(encoders) > 1:
        raise ConfigError(
            f"head='last' is the first stage, of one encoder at a time; got {len(encoders)}. "
            "Fix: encoder=['densenet161']"
        )
    picture = picture_input(input_shape, multiple=32, least=32, model="eml_net")
    trunks, taps = [], []
    for k, one in enumerate(encoders):
        trunk, own = _taps(one, picture, f"encoder{k}_" if len(encoders) > 1 else "")
        trunks.append(trunk)
        taps += own
    if head == "last":
        taps = taps[-1:]
    scores = [_score(tap, f"tap{k}") for k, tap in enumerate(taps)]
    largest = max(scores, key=lambda score: score.shape[1])
    large = [
        score
        if score is largest
        else ResizeLike("half_pixel", name=f"tap{k}_resize")(score, largest)
        for k, score in enumerate(scores)
    ]
    x = layers.Concatenate(name="taps")(large) if len(large) > 1 else large[0]
    x = x if head == "last" else _score(x, "combine")
    x = ResizeLike("half_pixel", dtype="float32", name="map")(x, picture)
    front = Front(input_shape, Geometry(fit, "antialiased"), PLAIN)  # type: ignore[arg-type]
    model = assemble("eml_net", picture, x, front, trunks)
    if freeze == "encoders":
        for layer in (layer for trunk in trunks for layer in trunk.layers):
            layer.trainable = False
    elif freeze != "none":
        raise ConfigError(f"freeze must be 'none' or 'encoders', got {freeze!r}")
    return model


def _taps(encoder: Any, picture: Any, prefix: str) -> tuple[Trunk, list[Any]]:
    # each encoder prepares colours in its own way, so this is done inside
    colours = colours_of(encoder)
    prepared = PrepareColours(**vars(colours), dtype="float32", name=f"{prefix}colours")(picture)
    trunk = encode(encoder, prepared, prefix)
    named = TAPS.get(trunk.backbone.name)
    if named is None:
        pairs = zip(trunk.backbone.taps, trunk.backbone.strides, strict=True)
        named = tuple(name for name, stride in pairs if stride > 2)
    return trunk, [trunk.taps[name] for name in named]


def _score(x: Any, name: str) -> Any:
    # The source states no start. A random mean of the channels cannot be zero everywhere where they
    # are rectified, as a one-channel ReLU under a start of both signs can: then nothing is learned.
    return layers.Conv2D(
        1,
        1,
        use_bias=False,
        activation="relu",
        data_format="channels_last",
        kernel_initializer=initializers.RandomUniform(0.0, 2.0 / x.shape[-1]),
        name=name,
    )(x)
