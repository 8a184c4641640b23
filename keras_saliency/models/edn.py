"""eDN: random hierarchies of filters, searched for, and a linear support vector machine on them.

Vig, Dorr, Cox, "Large-scale optimization of hierarchical features for saliency prediction in
natural images", CVPR 2014, and the released code (coxlab/edn-cvpr2014): the six hierarchies that
the search found, 832 features, and in the centred form the distance from the middle as one more.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, MissingExtra
from benchmark_kit.types import GroundTruth
from keras_saliency.array_model import ArrayModel, rgb_pixels
from keras_saliency.geometry import resample
from keras_saliency.models._archive import read_arrays, write_arrays
from keras_saliency.models._edn_features import COUNT, feature_matrix, resized, zoomed

BLUR = 30.0
SHARES = (0.2, 0.7)  # the most looked at cells that count as salient, the least that do not
STRENGTHS = tuple(10.0**k for k in range(-5, 2))
ARRAYS = ("weights", "mean", "deviation")


class EDN(ArrayModel):
    """The estimator; the released weights from a file, or weights of its own by `fit`.

    Args:
        centred: whether the distance from the middle is a feature.
        published: an `.npz` file of the released machines: arrays `svm-slm-cntr` and
            `whiten-slm-cntr` (without `-cntr` for the uncentred form), alone or below `published/`.

    Raises:
        ConfigError: no such file.
        InputError: a file without these arrays, or with arrays of another length.
    """

    def __init__(self, centred: bool = True, published: str | Path | None = None):
        self.centred = centred
        self.weights: np.ndarray | None = None
        self.mean: np.ndarray | None = None
        self.deviation: np.ndarray | None = None
        if published is not None:
            self._read_published(Path(published))

    def fit(self, dataset: Iterable[GroundTruth], points: int = 10, seed: int = 0) -> EDN:
        """Learn from fixations: standardise the features, then a linear machine without intercept.

        Of every image random cells are taken from the fifth that was looked at most and from the
        seven tenths that were least; the machine's strength is chosen by cross-validation over
        images (our choice), 1e-5 to 10.

        Args:
            dataset: ground truths with fixations and pictures, two or more.
            points: cells of each kind an image.
            seed: of the choice.

        Returns:
            itself.

        Raises:
            ConfigError: fewer than two such images.
            MissingExtra: scikit-learn is not installed.
        """
        machine = _machine()
        rng = np.random.default_rng(seed)
        rows, labels, groups = [], [], []
        for k, truth in enumerate(dataset):
            if truth.stimulus is None or truth.fixations is None or not len(truth.fixations):
                continue
            matrix, grid = feature_matrix(resized(rgb_pixels(truth.stimulus)), self.centred)
            cells, salient = _labelled_cells(truth, grid, points, rng)
            rows.append(matrix[cells])
            labels.append(salient)
            groups.append(np.full(len(cells), k))
        if len(rows) < 2:
            raise ConfigError(
                f"edn learns from two images with pictures and fixations or more, got {len(rows)}"
            )
        data = np.concatenate(rows)
        self.mean, deviation = data.mean(axis=0), data.std(axis=0)
        self.deviation = np.where(deviation > 0, deviation, 1.0)
        standard = (data - self.mean) / self.deviation
        self.weights = machine(standard, np.concatenate(labels), np.concatenate(groups), seed)
        return self

    def save(self, path: str | Path) -> None:
        """Write what it learned, an `.npz` file of plain arrays.

        Raises:
            ConfigError: it has learned nothing.
            RunFailed: the folder cannot be written.
        """
        write_arrays(path, dict(zip(ARRAYS, self._learned(), strict=True)))

    @classmethod
    def load(cls, path: str | Path) -> EDN:
        """The estimator that `save` wrote.

        Raises:
            ConfigError: no such file.
            InputError: another file.
        """
        found = read_arrays(path, ARRAYS)
        model = cls(centred=found["weights"].shape == (COUNT + 1,))
        model._take(path, *(found[name] for name in ARRAYS))
        return model

    def decision(self, picture: np.ndarray) -> np.ndarray:
        """Scores on the grid of the features, float64 (rows, columns).

        Args:
            picture: uint8 RGB, resized already.
        """
        weights, mean, deviation = self._learned()
        matrix, grid = feature_matrix(picture, self.centred)
        return (((matrix - mean) / deviation) @ weights).reshape(grid, order="F")

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        from scipy.ndimage import gaussian_filter

        self._learned()
        return gaussian_filter(zoomed(self.decision(resized(image)), image.shape[:2]), BLUR)

    def _learned(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self.weights is None or self.mean is None or self.deviation is None:
            raise ConfigError(
                "edn has learned nothing yet. Fix: fit(dataset), EDN.load(FILE), or "
                "build_model('edn', published=FILE) with the released weights"
            )
        return self.weights, self.mean, self.deviation

    def _read_published(self, path: Path) -> None:
        from zipfile import is_zipfile

        ending = "slm-cntr" if self.centred else "slm"
        names = [f"svm-{ending}", f"whiten-{ending}"]
        if is_zipfile(path):
            with np.load(path, allow_pickle=False) as file:
                below = f"published/{names[0]}" in file.files
            names = [f"published/{name}" for name in names] if below else names
        found = read_arrays(path, names)
        self._take(path, found[names[0]], *found[names[1]])

    def _take(self, path: str | Path, *arrays: np.ndarray) -> None:
        count = COUNT + self.centred
        if any(array.shape != (count,) for array in arrays):
            shapes = ", ".join(str(array.shape) for array in arrays)
            raise InputError(f"{path}: weights, means and deviations of {count}, found {shapes}")
        self.weights, self.mean, self.deviation = arrays


def _labelled_cells(
    truth: GroundTruth, grid: tuple[int, int], points: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of random cells, down the columns, and whether they are salient."""
    from benchmark_kit.imaging.density import blur_points, default_sigma

    assert truth.fixations is not None
    density = blur_points(truth.fixations.flat_index, truth.size, default_sigma(truth.size))
    looked = resample(density.astype(np.float32), grid, "area").ravel(order="F")
    order = np.argsort(looked, kind="stable")
    most, least = (max(1, int(share * len(order))) for share in SHARES)
    chosen = [
        rng.choice(cells, min(points, len(cells)), replace=False)
        for cells in (order[-most:], order[:least])
    ]
    return np.concatenate(chosen), np.repeat([1, 0], [len(cells) for cells in chosen])


def _machine() -> Any:
    """A function of (rows, labels, groups, seed) that gives the weights."""
    try:
        from sklearn.model_selection import GridSearchCV, GroupKFold
        from sklearn.svm import LinearSVC
    except ModuleNotFoundError as error:
        raise MissingExtra("learn", "edn.fit") from error

    def fitted(rows: np.ndarray, labels: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
        machine = LinearSVC(
            loss="squared_hinge", dual=True, fit_intercept=False, random_state=seed, max_iter=20_000
        )
        folds = GroupKFold(min(5, len(np.unique(groups))))
        search = GridSearchCV(machine, {"C": STRENGTHS}, cv=folds)
        return search.fit(rows, labels, groups=groups).best_estimator_.coef_[0]

    return fitted
