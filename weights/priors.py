"""Centre biases of the training sets, as the networks are given them."""

from __future__ import annotations

import numpy as np
from pictures import Picture, centre_bias


class Priors:
    """Log centre biases of the training sets on any grid; of unknown pictures their mean."""

    def __init__(self, train: list[Picture]):
        self.of = {
            k: centre_bias([one for one in train if one.dataset == k])
            for k in sorted({one.dataset for one in train})
        }
        self.kept: dict[tuple[int, tuple[int, int]], np.ndarray] = {}

    def __call__(self, dataset: int, grid: tuple[int, int]) -> np.ndarray:
        if (dataset, grid) not in self.kept:
            several = self.of.values() if dataset < 0 else [self.of[dataset]]
            mean = np.mean([np.exp(bias.log_density(grid)) for bias in several], axis=0)
            self.kept[dataset, grid] = np.log(mean).astype(np.float32)
        return self.kept[dataset, grid]
