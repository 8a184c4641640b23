"""What the losses of saliency maps share: shapes, precision and configuration."""

from __future__ import annotations

from typing import Any

import keras

from keras_saliency.ops.batch_maps import check_sizes, planes


class MapLoss(keras.losses.Loss):
    """A loss of one map an image, averaged over the batch.

    y_pred is (batch, rows, columns[, 1]); y_true likewise, with one channel for each name in
    `truth`. All sums are taken in float32 or wider, whatever the precision of the network.
    """

    truth: tuple[str, ...] = ("map",)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One value an image, (batch,)."""
        (saliency,) = planes(y_pred, "y_pred", 1)
        truth = planes(y_true, "y_true", len(self.truth))
        check_sizes(truth[0], saliency)
        return self.per_image(saliency, *truth)

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """The loss of maps (batch, rows, columns), (batch,)."""
        raise NotImplementedError

    def get_config(self) -> dict:
        """The arguments to build the loss again."""
        return {**super().get_config(), "dtype": self.dtype}
