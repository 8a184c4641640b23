"""The learned prior of ML-Net: a coarse map that multiplies the prediction (Cornia et al., ICPR
2016; released code eltwise_product.py).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.ops.resize import check_alignment, resize


@keras.saving.register_keras_serializable(package="keras_saliency")
class PriorMap(keras.layers.Layer):
    """Multiply by a small learned map, resized to the input.

    `offset` (released code): the factor is U = 1 + W, W starting at zero. `direct` (a later
    report): the factor is U = W, starting at one. A penalty c sum((1 - U)^2) is added to the loss.
    A prior of a tenth of the trained size serves other sizes too: it is then resized to the map in
    the same alignment (our choice; the original stops).

    Example: offset W = [[1, 0]], factor 4, `theano`, on ones 4x8: every row is
    2 2 1.75 1.5 1.25 1 1 1. W = .1 everywhere costs .01.

    Args:
        factor: the prior has floor(rows / factor) x floor(columns / factor) cells.
        mode: `"offset"` or `"direct"`.
        alignment: `"theano"` (released code), `"align_corners"` (the report) or another of
            `keras_saliency.ops.resize`.
        regularizer_scale: c, a number, or `"area"` for 1 / number of cells.
        shape: (rows, columns) of the prior; needed where the input's size is unknown at build.

    Shapes:
        (batch, rows, columns, channels) to the same; one prior for all channels.

    Raises:
        ValueError: unknown mode or alignment, size unknown and no shape, or no cell at all.
    """

    def __init__(
        self,
        factor: int = 10,
        mode: str = "offset",
        alignment: str = "theano",
        regularizer_scale: float | str = "area",
        shape: tuple[int, int] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if mode not in ("offset", "direct"):
            raise ValueError(f"mode must be 'offset' or 'direct'; found {mode!r}. Choose one.")
        if regularizer_scale != "area" and isinstance(regularizer_scale, str):
            raise ValueError(
                f"regularizer_scale must be a number or 'area'; found {regularizer_scale!r}. "
                "Give 0 for none."
            )
        self.factor = factor
        self.mode = mode
        self.alignment = check_alignment(alignment)
        self.regularizer_scale = regularizer_scale
        self.shape = None if shape is None else tuple(shape)

    def build(self, input_shape: Any) -> None:
        shape = self.shape
        if shape is None:
            if None in input_shape[1:3]:
                raise ValueError(
                    "the size of the prior follows from the input, whose size is unknown: found "
                    f"{tuple(input_shape)}. Pass shape=(rows, columns) of the prior."
                )
            shape = tuple(n // self.factor for n in input_shape[1:3])
        if min(shape) < 1:
            raise ValueError(
                f"the prior needs at least one cell; found {shape} for the input "
                f"{tuple(input_shape)} and factor {self.factor}. Use a smaller factor."
            )
        scale = self.regularizer_scale
        scale = 1 / (shape[0] * shape[1]) if scale == "area" else scale
        neutral = 0.0 if self.mode == "offset" else 1.0
        self.prior = self.add_weight(
            name="prior",
            shape=shape,
            initializer=keras.initializers.Constant(neutral),
            regularizer=lambda prior: scale * ops.sum(ops.square(prior - neutral)),
            autocast=False,
        )

    def call(self, inputs: Any) -> Any:
        prior = self.prior.value
        if self.mode == "offset":
            prior = 1 + prior
        factors = resize(prior[None, :, :, None], ops.shape(inputs)[1:3], self.alignment)
        return inputs * ops.cast(factors, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "factor": self.factor,
            "mode": self.mode,
            "alignment": self.alignment,
            "regularizer_scale": self.regularizer_scale,
            "shape": self.shape,
        }
