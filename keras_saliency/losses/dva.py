"""The loss of DVA: cross-entropy of each of its four maps, plain or balanced as in HED.

Wang and Shen, "Deep Visual Attention Prediction", IEEE TIP 2018; the balance is that of the Caffe
bundled with the released code, Xie and Tu's edge detector (HED, ICCV 2015).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.losses.map_loss import MapLoss

_OVER_PIXELS = {"sum": ops.sum, "mean": ops.mean}


@keras.saving.register_keras_serializable(package="keras_saliency")
class DVALoss(MapLoss):
    """Sum over pixels of -y ln p - (1 - y) ln(1 - p), for one of the network's maps.

    Give it to `compile` for each of the four outputs; Keras adds them up with weight 1.
    With `balance="hed"`, made for binary labels, pixels whose label is 1 weigh n0/(n0 + n1), those
    whose label is 0 weigh n1/(n0 + n1), n1 and n0 being their numbers in the image. Labels in
    between keep the plain gradient and do not count in the value.

    Example: logits 0 and labels 1, 0, 0, .5 give 4 ln 2 = 2.772589; balanced (4/3) ln 2 = .924196,
    with the gradient -1/3, 1/6, 1/6, 0.

    Args:
        balance: None (our choice) or `"hed"`.
        over_pixels: `"sum"` or `"mean"`.
        from_logits: whether y_pred comes without its sigmoid; probabilities are clipped to
            [1e-7, 1 - 1e-7].

    Shapes:
        y_true: densities in [0, 1], (batch, rows, columns[, 1]).
        y_pred: probabilities or logits of the same size.

    Raises:
        ValueError: unknown balance or over_pixels.
    """

    def __init__(
        self,
        balance: str | None = None,
        over_pixels: str = "sum",
        from_logits: bool = False,
        name: str = "dva",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        if balance not in (None, "hed"):
            raise ValueError(f"balance must be None or 'hed'; found {balance!r}. Choose one.")
        if over_pixels not in _OVER_PIXELS:
            raise ValueError(
                f"over_pixels must be 'sum' or 'mean'; found {over_pixels!r}. Choose one."
            )
        self.balance = balance
        self.over_pixels = over_pixels
        self.from_logits = from_logits

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """The cross-entropy of maps (batch, rows, columns), (batch,)."""
        (density,) = truth
        entropy = ops.binary_crossentropy(density, saliency, from_logits=self.from_logits)
        if self.balance == "hed":
            entropy = _balanced(entropy, density)
        return _OVER_PIXELS[self.over_pixels](entropy, axis=(1, 2))

    def get_config(self) -> dict:
        """The arguments to build the loss again."""
        return {
            **super().get_config(),
            "balance": self.balance,
            "over_pixels": self.over_pixels,
            "from_logits": self.from_logits,
        }


def _balanced(entropy: Any, labels: Any) -> Any:
    ones = ops.cast(labels == 1, entropy.dtype)
    zeros = ops.cast(labels == 0, entropy.dtype)
    n1, n0 = (ops.sum(x, axis=(1, 2), keepdims=True) for x in (ones, zeros))
    both = ops.maximum(n0 + n1, 1)
    between = entropy - ops.stop_gradient(entropy)
    return entropy * (ones * n0 + zeros * n1) / both + between * (1 - ones - zeros)
