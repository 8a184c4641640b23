"""DeepGaze I: one linear readout of AlexNet's deepest convolution, in two forms.

Kümmerer, Theis, Bethge, "Deep Gaze I: Boosting saliency prediction with feature maps trained on
ImageNet", ICLR workshop 2015, arXiv:1411.1045; the torch form is that of matthias-k/DeepGaze.

    picture, every second pixel -> AlexNet -> [channels over their deviation] -> 1x1 to one map
    -> blur, centre bias -> log density
"""

from __future__ import annotations

from typing import Any

from keras import layers

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.adapters import colours_of, encode_layers
from keras_saliency.base.probabilistic_model import ProbabilisticModel
from keras_saliency.layers.standardize import Standardize
from keras_saliency.layers.subsample import ResizeToGrid, Subsample
from keras_saliency.models._deepgaze_head import prepare
from keras_saliency.models._density import density_front, density_inputs, finalise, probabilistic
from keras_saliency.models._sparsity import RelativeL1

FEATURES = {"deepest": ("conv5",), "all": tuple(f"conv{k}" for k in range(1, 6))}
DOWNSAMPLE, READOUT_FACTOR, MAP_FACTOR = 2, 4, 4


def deepgaze1(
    input_shape: tuple[int, int] | None = None,
    encoder: Any = "alexnet",
    features: str = "deepest",
    sparsity: float = 0.0,
) -> ProbabilisticModel:
    """The paper's form: Caffe's AlexNet, its fifth convolution standardised.

    Args:
        input_shape: (height, width) that pictures are squeezed to; None: any size, and those
            larger than 768x1024 shrunk.
        encoder: the frozen trunk; of another than AlexNet its two coarsest resolutions.
        features: `"deepest"`, the fifth convolution, as the published model; `"all"` five, from
            which the paper selects by the sparsity term.
        sparsity: weight of the sum of absolute readout weights over their length, added to the
            loss; the paper has 0.001.

    Raises:
        ConfigError: an unknown `features`.
    """
    if features not in FEATURES:
        raise ConfigError(f"features must be one of {', '.join(FEATURES)}, got {features!r}")
    names = FEATURES[features] if encoder == "alexnet" else ()
    return _deepgaze1("deepgaze1", input_shape, encoder, names, standardised=True, sparse=sparsity)


def deepgaze1_torch(
    input_shape: tuple[int, int] | None = None, encoder: Any = "alexnet_torch"
) -> ProbabilisticModel:
    """The released form: torch's AlexNet, its fifth convolution before the ReLU, as it is.

    Args:
        input_shape: (height, width) that pictures are squeezed to; None: any size, and those
            larger than 768x1024 shrunk.
        encoder: the frozen trunk; of another than AlexNet its two coarsest resolutions.
    """
    names = ("features_10",) if encoder == "alexnet_torch" else ()
    return _deepgaze1("deepgaze1_torch", input_shape, encoder, names, standardised=False)


def _deepgaze1(
    name: str,
    size: tuple[int, int] | None,
    encoder: Any,
    names: tuple[str, ...],
    *,
    standardised: bool,
    sparse: float = 0.0,
) -> ProbabilisticModel:
    picture, centre_bias = density_inputs(size, 64, name)
    small = Subsample(DOWNSAMPLE, name="subsampled")(picture)
    prepared = prepare(small, colours_of(encoder), "colours")
    trunk, taps = encode_layers(encoder, prepared, names)
    output = linear_readout(taps, small, centre_bias, standardised=standardised, sparse=sparse)
    front = density_front(size)
    return probabilistic(name, [picture, centre_bias], output, front, [trunk])


def linear_readout(
    taps: list[Any], small: Any, centre_bias: Any, *, standardised: bool, sparse: float = 0.0
) -> Any:
    """A weighted sum of the taps' channels as a log density (b, h, w, 1).

    Args:
        taps: of the trunk, of any sizes.
        small: the subsampled picture, whose size decides the grid.
        centre_bias: log density (b, h, w, 1).
        standardised: whether channels are standardised first (`Standardize.learn`).
        sparse: weight of the sparsity term.
    """
    resized = [
        ResizeToGrid(READOUT_FACTOR, name=f"tap{k}_on_grid")([tap, small])
        for k, tap in enumerate(taps)
    ]
    x = resized[0] if len(resized) == 1 else layers.Concatenate(name="features")(resized)
    if standardised:
        x = Standardize(name="standardized")(x)
    x = layers.Conv2D(
        1,
        1,
        use_bias=False,
        kernel_regularizer=RelativeL1(sparse) if sparse else None,
        data_format="channels_last",
        name="readout",
    )(x)
    return finalise(x, centre_bias, MAP_FACTOR)
