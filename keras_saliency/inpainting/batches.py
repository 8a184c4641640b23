"""Batches that inpainting networks learn from: pictures, and holes drawn anew each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.resample import resample
from keras_saliency.inpainting.irregular_masks import MARGIN, irregular_mask

HELD_OFF = 0.5  # share of the masks whose holes keep away from the border, as in the paper's test


class InpaintingBatches(keras.utils.PyDataset):
    """What `fit` of `pconv_unet` takes: ((hidden pictures, masks), pictures and masks).

    Args:
        pictures: paths or arrays, as for `predict_map`.
        size: (height, width) that they are scaled to, aspect lost.
        batch: pictures in a batch; the last one may be smaller.
        share: of the holes, see `irregular_mask`; None: the paper's bins.
        seed: of masks and order; the same seed gives the same batches in every epoch's turn.

    Shapes:
        hidden pictures (b, h, w, 3) float32 in 0..1 and masks (b, h, w, 3); the targets
        (b, h, w, 4), picture before mask, as `PConvLoss` asks.

    Raises:
        ValueError: no pictures.
    """

    def __init__(
        self,
        pictures: Sequence[Any],
        size: tuple[int, int],
        batch: int,
        share: tuple[float, float] | None = None,
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not len(pictures):
            raise ValueError("there are no pictures to learn from. Give paths or arrays.")
        self.pictures, self.size, self.batch = pictures, size, batch
        self.share, self.seed, self.epoch = share, seed, 0

    def __len__(self) -> int:
        return -(-len(self.pictures) // self.batch)

    def __getitem__(self, index: int) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.pictures))
        chosen = order[index * self.batch : (index + 1) * self.batch]
        rng = np.random.default_rng((self.seed, self.epoch, index))
        pictures = np.stack([self._picture(self.pictures[k]) for k in chosen])
        masks = np.stack([self._mask(rng) for _ in chosen])[..., None]
        three = np.repeat(masks, 3, axis=-1)
        return (pictures * three, three), np.concatenate([pictures, masks], axis=-1)

    def on_epoch_end(self) -> None:
        """The next epoch has another order and other holes."""
        self.epoch += 1

    def _picture(self, image: Any) -> np.ndarray:
        pixels = resample(rgb_pixels(image).astype(np.float32), self.size, "antialiased")
        return np.clip(pixels, 0, 255) / np.float32(255)

    def _mask(self, rng: np.random.Generator) -> np.ndarray:
        held_off = rng.random() < HELD_OFF
        return irregular_mask(self.size, rng, self.share, MARGIN if held_off else 0.0)
