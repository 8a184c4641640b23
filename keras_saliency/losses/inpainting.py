"""The loss of inpainting with partial convolutions.

Liu et al., "Image inpainting for irregular holes using partial convolutions", ECCV 2018. The forms
of the total variation are the paper's and those of two re-implementations:
naoto0804/pytorch-inpainting-with-partial-conv and MathiasGruber/PConv-Keras.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_saliency.ops.batch_maps import wide

VARIATIONS = ("paper", "global", "masked_product")


@keras.saving.register_keras_serializable(package="keras_saliency")
class PConvLoss(keras.losses.Loss):
    """valid V + hole H + perceptual P + style S + tv T of an inpainted image.

    With the true image g, the output o, the mask m (1 valid, 0 hole) and the composition
    c = m g + (1 - m) o:

    - V = mean |m (o - g)| and H = mean |(1 - m)(o - g)|, over all pixels;
    - P = sum over feature maps F of mean |F(o) - F(g)| + mean |F(c) - F(g)|;
    - S = the same with the Gram matrices F F^T/(rows columns channels) instead of F;
    - T = differences of c between neighbours, `tv="paper"`: the sum of those between two pixels
      that both lie in the hole grown by one pixel, over the number of values of c; `"global"`: the
      mean over all of a direction; `"masked_product"`: the same of c times the grown hole.

    Sums are taken in float32 or wider. The weights are made for features of images in the range
    that the paper's VGG16 takes (pool1 to pool3; values in [0, 1] less ImageNet's means, over its
    standard deviations); features of another range need other weights.

    Example: g = 0, o = 1 and the mask 0 in one pixel of 2x2 give V = .75 and H = .25 without
    features; T is .5 (paper, all four pixels being in the grown hole), 1 otherwise.

    Args:
        features: model or function from images (batch, rows, columns, 3) to a list of feature maps
            (batch, rows, columns, channels), with its own preprocessing.
        valid: weight of V.
        hole: weight of H.
        perceptual: weight of P.
        style: weight of S, both halves.
        tv_weight: weight of T.
        tv: form of T.

    Shapes:
        y_true: (batch, rows, columns, 4) or (.., 6), the image before its mask of 1 or 3 channels.
        y_pred: (batch, rows, columns, 3).

    Raises:
        ValueError: unknown tv, or other numbers of channels.
    """

    def __init__(
        self,
        features: Callable[[Any], Any],
        valid: float = 1.0,
        hole: float = 6.0,
        perceptual: float = 0.05,
        style: float = 120.0,
        tv_weight: float = 0.1,
        tv: str = "paper",
        name: str = "pconv",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        if tv not in VARIATIONS:
            raise ValueError(
                f"tv must be one of {', '.join(VARIATIONS)}; found {tv!r}. Choose one."
            )
        self.features = features
        self.valid = valid
        self.hole = hole
        self.perceptual = perceptual
        self.style = style
        self.tv_weight = tv_weight
        self.tv = tv

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One value an image, (batch,)."""
        truth, output = wide(y_true), wide(y_pred)
        if truth.shape[-1] not in (4, 6) or output.shape[-1] != 3:
            raise ValueError(
                "y_true must have 4 or 6 channels (image, then mask) and y_pred 3; found "
                f"{truth.shape[-1]} and {output.shape[-1]}. Stack the mask behind the image."
            )
        image, mask = truth[..., :3], truth[..., 3:]
        composed = mask * image + (1 - mask) * output
        error = output - image
        perceptual, style = self._feature_terms(image, output, composed)
        return (
            self.valid * _mean(ops.abs(mask * error))
            + self.hole * _mean(ops.abs((1 - mask) * error))
            + self.perceptual * perceptual
            + self.style * style
            + self.tv_weight * total_variation(composed, mask, self.tv)
        )

    def _feature_terms(self, image: Any, output: Any, composed: Any) -> tuple[Any, Any]:
        perceptual = style = ops.zeros_like(image[:, 0, 0, 0])
        wanted = [wide(f) for f in self.features(image)]
        for made in (output, composed):
            for want, have in zip(wanted, self.features(made), strict=True):
                have = wide(have)
                perceptual = perceptual + _mean(ops.abs(have - want))
                style = style + _mean(ops.abs(_gram(have) - _gram(want)))
        return perceptual, style

    def get_config(self) -> dict:
        """The arguments to build the loss again; `features` must be serialisable."""
        return {
            **super().get_config(),
            "dtype": self.dtype,
            "features": keras.saving.serialize_keras_object(self.features),
            "valid": self.valid,
            "hole": self.hole,
            "perceptual": self.perceptual,
            "style": self.style,
            "tv_weight": self.tv_weight,
            "tv": self.tv,
        }

    @classmethod
    def from_config(cls, config: dict) -> PConvLoss:
        """A loss from its arguments."""
        features = keras.saving.deserialize_keras_object(config["features"])
        return cls(**{**config, "features": features})


def total_variation(images: Any, mask: Any, form: str) -> Any:
    """Total variation of images (batch, rows, columns, channels), (batch,); see `PConvLoss`."""
    if form == "global":
        return sum(_mean(ops.abs(after - before)) for before, after in _neighbours(images))
    grown = ops.max_pool(1 - mask, 3, 1, "same", data_format="channels_last")
    if form == "masked_product":
        return total_variation(images * ops.cast(grown > 0, images.dtype), mask, "global")
    count = ops.cast(ops.prod(ops.shape(images)[1:]), images.dtype)
    inside = [before * after for before, after in _neighbours(grown)]
    return sum(
        ops.sum(ops.abs(after - before) * both, axis=(1, 2, 3)) / count
        for (before, after), both in zip(_neighbours(images), inside, strict=True)
    )


def _neighbours(images: Any) -> list[tuple[Any, Any]]:
    """All pairs of vertical neighbours, then of horizontal ones."""
    return [(images[:, :-1], images[:, 1:]), (images[:, :, :-1], images[:, :, 1:])]


def _gram(features: Any) -> Any:
    """Products of channels over all pixels, divided by rows * columns * channels."""
    batch, rows, columns, channels = ops.shape(features)
    count = ops.cast(rows * columns * channels, features.dtype)
    # divided before the product, so that no sum leaves the range of the type
    scaled = ops.reshape(features, (batch, -1, channels)) / ops.sqrt(count)
    return ops.matmul(ops.transpose(scaled, (0, 2, 1)), scaled)


def _mean(values: Any) -> Any:
    """Mean of each image's values, (batch,)."""
    return ops.mean(values, axis=tuple(range(1, len(values.shape))))
