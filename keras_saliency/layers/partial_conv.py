"""Partial convolution: convolve valid pixels only and rescale (Liu et al., ECCV 2018)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.ops.convolve import convolve
from keras_saliency.ops.pair import pair

_EPSILON = 1e-8  # released code of the paper; float32 whatever the policy


@keras.saving.register_keras_serializable(package="keras_saliency")
class PartialConv2D(keras.layers.Layer):
    """Convolution that ignores holes: `y = layer(x, masks)`, masks 1 where valid and 0 in holes.

    What stands in a hole never matters, NaN and infinity included. A mask of booleans or integers
    is valid where it is not 0.

    With the window's number of valid samples S, its size N (k k C, or k k under
    `mask_channels="single"`), nothing valid outside the image, and u = clip(S, 0, 1):

        raw = W * (x m)
        nvidia   y = (raw N/(S + 1e-8) u + b) u       the paper's form
        sum      y = raw/S + b, 0 where S = 0         without the factor N
        keras    y = raw k k/(S + 1e-8) u + b         PConv-Keras; bias in holes too

    and the new mask is u. Padding counts as invalid. Where several tensors are to be concatenated,
    each with a mask of its own, pass lists: the layer concatenates, and counts each mask as often
    as its tensor has channels. Mask sums need one channel only and are float32; no gradient flows
    through masks.

    Example: x = 1 ... 9 (3x3), the upper left 2x2 a hole, a kernel of ones, b = .5: nvidia
    [[0, 41, 41], [68, 59.9, 59], [68, 68, 69.5]], sum [[0, 5, 5], [8, 7.1, 7], [8, 8, 8.1667]].

    Args:
        filters: channels of the output.
        kernel_size: k, a number or (rows, columns).
        strides: likewise.
        padding: pixels on each side, likewise; `"valid"`: none; `"same"`: d (k - 1)/2, which keeps
            the size under strides of 1 and is what None means; for odd k, or even d.
        dilation_rate: d, likewise; not together with strides.
        activation: applied to y.
        use_bias: whether b is there.
        mask_channels: `"multi"`: S counts samples of all channels, masks have one channel or those
            of their tensor; `"single"`: S counts pixels of one mask of one channel.
        scaling: `"nvidia"`, `"sum"` or `"keras"`.
        return_mask: return (y, new mask), the mask of one channel.
        kernel_initializer: of W.
        bias_initializer: of b.

    Shapes:
        (batch, rows, columns, channels) and masks (batch, rows, columns, 1 or channels) to
        (batch, rows', columns', filters) and, if asked for, (batch, rows', columns', 1).

    Raises:
        ValueError: unknown scaling, mask_channels or padding, strides with dilation, masks that do
            not belong to the inputs.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str | None = None,
        dilation_rate: int | tuple[int, int] = 1,
        activation: Any = None,
        use_bias: bool = True,
        mask_channels: str = "multi",
        scaling: str = "nvidia",
        return_mask: bool = False,
        kernel_initializer: Any = "he_normal",
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if mask_channels not in ("multi", "single"):
            raise ValueError(
                f"mask_channels must be 'multi' or 'single'; found {mask_channels!r}. Choose one."
            )
        if scaling not in ("nvidia", "sum", "keras"):
            raise ValueError(
                f"scaling must be 'nvidia', 'sum' or 'keras'; found {scaling!r}. Choose one."
            )
        self.filters = filters
        self.kernel_size = pair(kernel_size)
        self.strides = pair(strides)
        self.dilation_rate = pair(dilation_rate)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "strides and dilation cannot be combined; found "
                f"strides={strides!r}, dilation_rate={dilation_rate!r}. Set one of them to 1."
            )
        self.padding = self._pixels(padding)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.mask_channels = mask_channels
        self.scaling = scaling
        self.return_mask = return_mask
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def _pixels(self, padding: int | tuple[int, int] | str | None) -> tuple[int, int]:
        """Padding as pixels of (rows, columns) on each side."""
        reach = [d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]
        if padding is None or (padding == "same" and not any(r % 2 for r in reach)):
            return reach[0] // 2, reach[1] // 2
        if isinstance(padding, str) and padding != "valid":
            raise ValueError(
                "padding must be pixels on each side (a number or (rows, columns)), 'valid', or "
                f"'same' where dilation_rate (kernel_size - 1) is even; found {padding!r}, "
                f"kernel_size={self.kernel_size}, dilation_rate={self.dilation_rate}."
            )
        return (0, 0) if isinstance(padding, str) else pair(padding)

    def build(self, inputs_shape: Any, masks_shape: Any = None) -> None:
        shapes = _as_list(inputs_shape)
        counts = [shape[-1] for shape in shapes]
        if masks_shape is not None:
            of_masks = _as_list(masks_shape)
            self._check_masks(counts, [shape[-1] for shape in of_masks])
            if any(_differ(a[1:3], b[1:3]) for a, b in zip(shapes, of_masks, strict=True)):
                raise ValueError(
                    "masks must have the rows and columns of their inputs; found inputs of "
                    f"{[tuple(s) for s in shapes]} and masks of {[tuple(s) for s in of_masks]}."
                )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, sum(counts), self.filters),
            initializer=self.kernel_initializer,
        )
        if self.use_bias:
            # added to the rescaled float32 sums
            self.bias = self.add_weight(
                name="bias",
                shape=(self.filters,),
                initializer=self.bias_initializer,
                autocast=False,
            )

    def _check_masks(self, counts: list[int], of_masks: list[int]) -> None:
        allowed = [(1,) if self.mask_channels == "single" else (1, c) for c in counts]
        fitting = len(of_masks) == len(counts) and all(
            m in a for m, a in zip(of_masks, allowed, strict=True)
        )
        if not fitting or (self.mask_channels == "single" and len(counts) > 1):
            raise ValueError(
                f"inputs of {counts} channels need as many masks, each of one channel or (under "
                f"mask_channels='multi') of its input's channels, and one only under 'single'; "
                f"found masks of {of_masks} channels, mask_channels={self.mask_channels!r}. "
                "Pass lists inputs=[a, b], masks=[mask_a, mask_b]."
            )

    def call(self, inputs: Any, masks: Any = None) -> Any:
        inputs = _as_list(inputs)
        if masks is None:
            masks = [ops.ones_like(x[..., :1]) for x in inputs]
        masks = [ops.stop_gradient(self._numbers(m)) for m in _as_list(masks)]
        # selected, not multiplied alone: NaN times 0 is NaN
        masked = [
            ops.where(m == 0, 0, ops.cast(x, self.compute_dtype)) * m
            for x, m in zip(inputs, masks, strict=True)
        ]
        masked = masked[0] if len(masked) == 1 else ops.concatenate(masked, axis=-1)
        raw = ops.cast(self._convolve(masked, self.kernel), "float32")
        ratio, u = self._ratio([x.shape[-1] for x in inputs], masks)
        outputs = raw * ratio
        if self.use_bias:
            outputs = outputs + self.bias
        if self.scaling == "nvidia":
            outputs = outputs * u
        elif self.scaling == "sum":
            outputs = outputs * ops.cast(u > 0, "float32")
        outputs = self.activation(ops.cast(outputs, self.compute_dtype))
        return (outputs, ops.cast(u, self.compute_dtype)) if self.return_mask else outputs

    def _numbers(self, mask: Any) -> Any:
        """A mask as numbers of the layer's kind."""
        if keras.backend.standardize_dtype(mask.dtype).startswith(("int", "uint")):
            mask = mask != 0
        return ops.cast(mask, self.compute_dtype)

    def _ratio(self, counts: list[int], masks: list[Any]) -> tuple[Any, Any]:
        """Factor of the raw sums and the new mask, both (batch, rows', columns', 1) in float32."""
        valid, single = 0.0, self.mask_channels == "single"
        for count, mask in zip(counts, masks, strict=True):
            mask = ops.cast(mask, "float32")
            if mask.shape[-1] > 1:
                valid = valid + ops.sum(mask, axis=-1, keepdims=True)
            else:
                valid = valid + (mask if single else count * mask)
        window = self.kernel_size[0] * self.kernel_size[1]
        s = self._convolve(valid, ops.ones((*self.kernel_size, 1, 1), dtype="float32"))
        u = ops.clip(s, 0.0, 1.0)
        if self.scaling == "sum":
            ratio = ops.divide_no_nan(ops.ones_like(s), s)
        elif self.scaling == "keras":
            ratio = window / (s + _EPSILON) * u
        else:
            ratio = window * (1 if single else sum(counts)) / (s + _EPSILON) * u
        return ops.stop_gradient(ratio), ops.stop_gradient(u)

    def _convolve(self, values: Any, kernel: Any) -> Any:
        rows, columns = self.padding
        return convolve(
            ops.pad(values, ((0, 0), (rows, rows), (columns, columns), (0, 0))),
            kernel,
            self.strides,
            dilation_rate=self.dilation_rate,
        )

    def compute_output_shape(self, inputs_shape: Any, masks_shape: Any = None) -> Any:
        shape = _as_list(inputs_shape)[0]
        sides = (
            None if n is None else (n + 2 * p - d * (k - 1) - 1) // s + 1
            for n, p, d, k, s in zip(
                shape[1:3],
                self.padding,
                self.dilation_rate,
                self.kernel_size,
                self.strides,
                strict=True,
            )
        )
        spatial = (shape[0], *sides)
        outputs = (*spatial, self.filters)
        return (outputs, (*spatial, 1)) if self.return_mask else outputs

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "mask_channels": self.mask_channels,
            "scaling": self.scaling,
            "return_mask": self.return_mask,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }


def _as_list(value: Any) -> list:
    """A list of tensors or shapes from one or several."""
    several = isinstance(value, (list, tuple)) and not (
        isinstance(value[0], int) or value[0] is None
    )
    return list(value) if several else [value]


def _differ(a: Any, b: Any) -> bool:
    """Whether two (rows, columns) are known to be unequal."""
    return any(m != n for m, n in zip(a, b, strict=True) if None not in (m, n))
