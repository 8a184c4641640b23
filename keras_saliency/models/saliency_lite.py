"""`saliency_lite`, the default model: an EfficientNet-Lite trunk, a small head, a log density.

Our design, after DeepGaze II and III (readouts on a trunk's features, trained by likelihood) and
the data sets' own parameters of arXiv:2505.10169.

    picture, about 384x512 -> trunk -> outputs of its stages on the grid of stride 16
        -> standardised -> 1x1, 48 -> two residual depthwise 5x5 (dilation 1, 2) -> 1x1 to 32, 4, 1
        -> bilinear to stride 8 -> blur, gain, prior of the data set -> log density

The trunk has no batch normalisation: its statistics are part of its kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
from keras import layers

from benchmark_kit.errors import ConfigError
from benchmark_kit.types import GroundTruth
from keras_saliency.backbones.adapters import encode, get_backbone
from keras_saliency.backbones.folding import without_statistics
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.probabilistic_model import ProbabilisticModel
from keras_saliency.base.saliency_model import Front
from keras_saliency.layers.calibration import DatasetCalibration
from keras_saliency.layers.log_density import LogDensity
from keras_saliency.layers.standardize import Standardize
from keras_saliency.layers.upsample import BilinearUpsampling2D
from keras_saliency.lite.adapt import Adaptation, adapt
from keras_saliency.lite.calibration import Calibration
from keras_saliency.lite.layout import (
    DATASETS,
    DILATIONS,
    FRAME,
    GEOMETRY,
    READOUT,
    SCORES_STRIDE,
    STRIDE,
    TAPS,
    WIDTH,
)
from keras_saliency.lite.settings import Settings, settings_of
from keras_saliency.lite.weights import LiteWeights, shipped

ENCODER = "efficientnet_lite2"
DROPPED = 0.1  # share of the channels dropped in training
PULL = 0.01  # of the data sets' triples to their mean
CALIBRATION = "calibration"
CUT: dict[str, dict[str, Any]] = {  # options of the trunks: nothing behind the last tap
    "efficientnet_lite0": {"head": False},
    "efficientnet_lite2": {"head": False},
    "mobilenet": {"blocks": 12},
}


@keras.saving.register_keras_serializable(package="keras_saliency")
class SaliencyLiteNetwork(ProbabilisticModel):
    """The network of `saliency_lite` as a Keras model.

    It trains on prepared pictures (b, h, w, 3), log centre biases (b, h, w, 1) and places in
    `datasets` (b, 1), -1 for none of them, and gives log densities (b, h/8, w/8, 1). It predicts as
    the model that runs without Keras (`lite.model.SaliencyLite`), by the same lines behind the
    network.

    Attributes:
        settings: for which data set it predicts, and under which centre bias.
        datasets: names of the data sets that it has calibrations for.
    """

    settings: Settings
    datasets = DATASETS
    default_centre_bias = None  # the settings' own

    def adapt(self, truths: Iterable[GroundTruth]) -> Adaptation:
        """Fit calibration and centre bias to some pictures, see `lite.model.SaliencyLite.adapt`."""

        def scores(truth: GroundTruth) -> np.ndarray:
            assert truth.stimulus is not None
            pixels, _ = self.preprocess(rgb_pixels(truth.stimulus, turned=False))
            return self._raw([pixels[None]], self.scores_of)[0]

        start = self.settings
        found = adapt(list(truths), scores, self._calibration(), start.priors[start.prior])
        self.settings = start.adapted(found)
        self.default_centre_bias = None  # of a training before, which the fitted one replaces
        return found

    def get_config(self) -> dict[str, Any]:
        """As every network's, with what was adapted: the file of that may be gone by then."""
        adapted = self.settings.record()
        return super().get_config() | ({} if adapted is None else {"adapted": adapted})

    def _kept_options(self) -> dict[str, Any]:
        return {k: v for k, v in super()._kept_options().items() if k != "fitted"}

    def restore(self, config: dict[str, Any]) -> None:
        """As every network, with what was adapted."""
        super().restore(config)
        if (adapted := config.get("adapted")) is not None:
            self.settings = self.settings.restored(adapted)

    def _network_inputs(
        self, pixels: np.ndarray, plan: Plan, centre_bias: Any, history: Any
    ) -> list[np.ndarray]:
        return [pixels]

    def passed(self) -> keras.Model:
        """Scores of pictures, without the calibration that follows."""
        return self.scores_of.__self__

    def _raw(self, stacked: list[np.ndarray], network: Callable[[Any], Any]) -> np.ndarray:
        return np.asarray(network(stacked[0]), np.float32)[..., 0]

    def _density(self, found: np.ndarray, plan: Plan, centre_bias: Any) -> np.ndarray:
        log_prior = self.settings.log_prior(centre_bias, plan.image)
        return self._calibration().log_density(found, log_prior)

    def _calibration(self) -> Calibration:
        """As the network has learned it by now."""
        known = self.get_layer(CALIBRATION).calibrations()
        return self.settings.calibration(dict(zip(DATASETS, known, strict=True)))


def saliency_lite(
    input_shape: tuple[int, int] | None = None,
    encoder: str = ENCODER,
    pretrained: bool = True,
    dataset: str | None = None,
    gain: float = 1.0,
    fitted: Any = None,
) -> SaliencyLiteNetwork:
    """The network.

    Args:
        input_shape: (height, width), multiples of 32; None: any.
        encoder: `"efficientnet_lite2"` or the smaller `"efficientnet_lite0"`.
        pretrained: with the weights of this package; else random ones.
        dataset: one of the training sets, whose calibration and centre bias predictions take.
        gain: factor of the scores besides; below 1 the densities are flatter.
        fitted: a file of an adaptation, instead of `dataset`.

    Raises:
        ConfigError: sides that are no multiples of 32, an unknown data set, weights that are asked
            for another trunk than the shipped one.
    """
    if input_shape is not None and any(side % 32 for side in input_shape):
        nearest = tuple(max(64, -(-side // 32) * 32) for side in input_shape)
        raise ConfigError(
            f"saliency_lite takes pictures whose sides are multiples of 32; got "
            f"{input_shape[0]}x{input_shape[1]} (height x width). Fix: input_shape={nearest}"
        )
    held = shipped()
    if pretrained and encoder != held.encoder:
        raise ConfigError(
            f"the weights of this package are of {held.encoder}, not of {encoder}. "
            "Fix: pretrained=False, and train"
        )
    model, scores = _network(input_shape, encoder)
    # a bound method, because Keras would take a model held here for a part of this one
    model.scores_of = keras.Model(model.inputs[0], scores, name="scorer").predict_on_batch
    model.settings = settings_of(held, dataset, gain, fitted)
    if pretrained:
        _assign(model, held)
    return model


def _network(size: tuple[int, int] | None, encoder: str) -> tuple[SaliencyLiteNetwork, Any]:
    sides = size or (None, None)
    picture = keras.Input((*sides, 3), name="picture")
    prior = keras.Input((*sides, 1), name="centre_bias")
    dataset = keras.Input((1,), name="dataset")
    trunk = encode(without_statistics(get_backbone(encoder)), picture, **CUT[encoder])
    taps = [_on_grid(trunk.taps[name], stride, name) for name, stride in TAPS[encoder]]
    x = layers.Concatenate(name="features")(taps)
    x = Standardize(name="standardized")(x)
    x = layers.SpatialDropout2D(DROPPED, data_format="channels_last", name="dropped")(x)
    x = _pointwise(x, WIDTH, "squeezed")
    for k, dilation in enumerate(DILATIONS):
        near = layers.DepthwiseConv2D(
            5,
            padding="same",
            dilation_rate=dilation,
            use_bias=False,
            data_format="channels_last",
            name=f"context{k}_depthwise",
        )(x)
        x = layers.Add(name=f"context{k}_add")([x, _pointwise(near, WIDTH, f"context{k}")])
    for k, filters in enumerate(READOUT):
        last = k + 1 == len(READOUT)
        x = _pointwise(x, filters, f"readout{k}", None if last else "softplus")
    fine = BilinearUpsampling2D(SCORES_STRIDE // STRIDE, dtype="float32", name="fine")(x)
    coarse = layers.AveragePooling2D(
        STRIDE, dtype="float32", data_format="channels_last", name="coarse_bias"
    )(prior)
    calibrated = DatasetCalibration(len(DATASETS), PULL, dtype="float32", name=CALIBRATION)(
        [fine, coarse, dataset]
    )
    density = LogDensity(dtype="float32", name="log_density")(calibrated)
    model = SaliencyLiteNetwork([picture, prior, dataset], density, name="saliency_lite")
    geometry = GEOMETRY if size is None else Geometry("squeeze", GEOMETRY.kernel)
    model.front = Front(size or FRAME, geometry, trunk.backbone.colours)
    model.trunks = [trunk]
    return model, x


def _assign(model: SaliencyLiteNetwork, held: LiteWeights) -> None:
    for layer in model.layers:
        if layer.name == CALIBRATION:
            layer.set_calibrations([held.calibrations[name] for name in DATASETS])
            continue
        for k, weight in enumerate(layer.weights):
            weight.assign(held.arrays[f"{layer.name}/{k}"])
    model.random_weights = False
    model.trained_trunks = True


def _on_grid(tap: Any, stride: int, name: str) -> Any:
    name = name.removeprefix("block")
    if stride < SCORES_STRIDE:
        return layers.AveragePooling2D(
            SCORES_STRIDE // stride, data_format="channels_last", name=f"pooled{name}"
        )(tap)
    if stride > SCORES_STRIDE:
        return BilinearUpsampling2D(stride // SCORES_STRIDE, name=f"raised{name}")(tap)
    return tap


def _pointwise(x: Any, filters: int, name: str, activation: str | None = "softplus") -> Any:
    return layers.Conv2D(filters, 1, activation=activation, data_format="channels_last", name=name)(
        x
    )
