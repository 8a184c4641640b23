"""eDN: random hierarchies of filters, searched for, and a linear support vector machine on them.

Vig, Dorr, Cox, "Large-scale optimization of hierarchical features for saliency prediction in
natural images", CVPR 2014, and the released code (coxlab/edn-cvpr2014): the six hierarchies that
the search found, 832 features, and in the centred form the distance from the middle as one more.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from benchmark_kit.errors import InputError, MissingExtra
from benchmark_kit.types import GroundTruth
from keras_saliency.base.array_file import read_arrays
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.estimator import Estimator
from keras_saliency.base.resample import resample
from keras_saliency.models._edn_features import COUNT, feature_matrix, resized, zoomed

BLUR = 30.0
SHARES = (0.2, 0.7)  # the most looked at cells that count as salient, the least that do not
STRENGTHS = tuple(10.0**k for k in range(-5, 2))
POINTS = 10  # cells of each kind that an image gives


class EDN(Estimator):
    """The estimator; the released weights from a file, or weights of its own by `fit`.

    `fit` standardises the features and learns a linear machine without intercept. Of every image
    ten random cells are taken from the fifth that was looked at most and ten from the seven tenths
    that were least; the machine's strength is chosen by cross-validation over images (our choice),
    1e-5 to 10.

    Args:
        centred: whether the distance from the middle is a feature.
        published: an `.npz` file of the released machines: arrays `svm-slm-cntr` and
            `whiten-slm-cntr` (without `-cntr` for the uncentred form), alone or below `published/`.
        seed: of the drawn cells and of the classifier.
        fitted: a file that `save` wrote; it says whether it is centred.

    Raises:
        ConfigError: no such file; `predict_map` before `fit`.
        InputError: a file without these arrays, or with arrays of another length.
        MissingExtra: `fit` without scikit-learn.
    """

    kind = "edn"
    shapes: ClassVar = dict.fromkeys(("weights", "mean", "deviation"))
    least = 2
    sources = ("fitted", "published")

    def __init__(
        self,
        centred: bool = True,
        published: str | os.PathLike[str] | None = None,
        seed: int = 0,
        fitted: str | os.PathLike[str] | None = None,
    ):
        super().__init__(fitted)
        self.centred = centred if self.learned is None else len(self.learned["mean"]) > COUNT
        self.seed = seed
        if published is not None:
            self.learned = self._read_published(Path(published).expanduser())

    def _learn(self, truths: list[GroundTruth]) -> dict[str, np.ndarray]:
        machine = _machine()
        rng = np.random.default_rng(self.seed)
        rows, labels, groups = [], [], []
        for k, truth in enumerate(truths):
            picture = resized(rgb_pixels(truth.stimulus, turned=False))  # type: ignore[arg-type]
            matrix, grid = feature_matrix(picture, self.centred)
            cells, salient = _labelled_cells(truth, grid, rng)
            rows.append(matrix[cells])
            labels.append(salient)
            groups.append(np.full(len(cells), k))
        data = np.concatenate(rows)
        mean, deviation = data.mean(axis=0), data.std(axis=0)
        deviation = np.where(deviation > 0, deviation, 1.0)
        standard = (data - mean) / deviation
        weights = machine(standard, np.concatenate(labels), np.concatenate(groups), self.seed)
        return {"weights": weights, "mean": mean, "deviation": deviation}

    def decision(self, picture: np.ndarray) -> np.ndarray:
        """Scores on the grid of the features, float64 (rows, columns).

        Args:
            picture: uint8 RGB, resized already.
        """
        known = self._known()
        matrix, grid = feature_matrix(picture, self.centred)
        standard = (matrix - known["mean"]) / known["deviation"]
        return (standard @ known["weights"]).reshape(grid, order="F")

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        from scipy.ndimage import gaussian_filter

        self._known()  # says so at once, before the features are computed
        return gaussian_filter(zoomed(self.decision(resized(image)), image.shape[:2]), BLUR)

    def _read(self, path: Path) -> dict[str, np.ndarray]:
        return _checked(path, super()._read(path), (COUNT, COUNT + 1))

    def _read_published(self, path: Path) -> dict[str, np.ndarray]:
        ending = "slm-cntr" if self.centred else "slm"
        names = [f"svm-{ending}", f"whiten-{ending}"]
        found = {name.removeprefix("published/"): x for name, x in read_arrays(path).items()}
        if missing := [name for name in names if name not in found]:
            raise InputError(
                f"{path} lacks {', '.join(missing)}. Fix: the released machines, or centred="
                f"{not self.centred}"
            )
        weights, whitening = (found[name] for name in names)
        if whitening.ndim != 2 or len(whitening) != 2:
            raise InputError(f"{path}: {names[1]} has two rows, found shape {whitening.shape}")
        arrays = {"weights": weights, "mean": whitening[0], "deviation": whitening[1]}
        return _checked(path, arrays, (COUNT + self.centred,))


def _checked(
    path: Path, arrays: dict[str, np.ndarray], counts: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """The arrays, if all are of one of the lengths.

    Raises:
        InputError: they are not, or hold something else than numbers.
    """
    wanted = arrays["weights"].shape
    for array in arrays.values():
        if array.shape != wanted or wanted not in [(n,) for n in counts] or array.dtype.kind != "f":
            shapes = ", ".join(f"{array.dtype} {array.shape}" for array in arrays.values())
            lengths = " or ".join(map(str, counts))
            raise InputError(
                f"{path}: weights, means and deviations of {lengths}, found {shapes}. "
                "Fix: copy it again"
            )
    return arrays


def _labelled_cells(
    truth: GroundTruth, grid: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of random cells, down the columns, and whether they are salient."""
    from benchmark_kit.imaging.density import blur_points, default_sigma

    assert truth.fixations is not None
    density = blur_points(truth.fixations.flat_index, truth.size, default_sigma(truth.size))
    looked = resample(density.astype(np.float32), grid, "area").ravel(order="F")
    order = np.argsort(looked, kind="stable")
    most, least = (max(1, int(share * len(order))) for share in SHARES)
    chosen = [
        rng.choice(cells, min(POINTS, len(cells)), replace=False)
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
