"""Batches for a network's `fit`, straight from the kit's ground truth.

    train = batches(truths, model, batch_size=8, augment=Augmentation())
    model.fit(train, epochs=10)

A batch is a function of the seed, the epoch and the step, whatever backend, threads and cache there
are, so that a run that was stopped goes on with the batches that it would have had.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import keras
import numpy as np

from benchmark_kit.errors import ConfigError, InputError, KitError
from benchmark_kit.parallel import default_workers
from benchmark_kit.types import GroundTruth
from keras_saliency.data.augment import Augmentation
from keras_saliency.data.feeds import Feed, epoch_data
from keras_saliency.data.kept import keeper
from keras_saliency.data.order import epoch_order, into_batches, shares_of
from keras_saliency.data.pictures import Pictures
from keras_saliency.data.priors import Priors
from keras_saliency.data.scanpaths import draw_step, history_of
from keras_saliency.data.sources import Source, gather
from keras_saliency.data.targets import Targets, blurred, seen
from keras_saliency.data.view import Size, View

SAMPLE = 3  # the samples' stream of random numbers; `order` has the others
INPUTS = ("picture", "centre_bias", "history", "dataset")
MOST_WORKERS = 4  # threads; more seldom decode faster (our choice)


def batches(
    truths: Any,
    model: Any,
    *,
    loss: Any = None,
    batch_size: int = 8,
    seed: int = 0,
    shuffle: bool = True,
    augment: Augmentation | None = None,
    sigma: str | float | None = None,
    weights: Any = None,
    centre_bias: Any = None,
    cache: bool | str = True,
    workers: int | None = None,
    steps: int | None = None,
) -> Batches:
    """Batches of a data set's pictures and of what the network's loss compares them with.

    Args:
        truths: `Truths`, or several in a mapping or a sequence, which are mixed.
        model: a network of `build_model`: its `Front` says how pictures are framed.
        loss: says by `MapLoss.truth` what the targets are; None: what the model is compiled with.
        batch_size: pictures of a batch; the last one may be smaller.
        seed: of order and augmentation.
        shuffle: another order each epoch; False: the reader's, and each epoch is the same.
        augment: random changes of pictures, drawn anew each epoch; None: none.
        sigma: of the densities, in pixels of the picture, or text such as `"24px"` and `"1deg"`;
            None: the density that the data set ships, else its own sigma, else 24/1024 of the
            longer side.
        weights: shares of several data sets in an epoch, any scale; None: by their pictures.
        centre_bias: of networks that take one: as `predict_log_density` takes it, or a mapping of
            the data sets' names to such. None: that of these pictures, each without its own
            fixations. Validation takes the training's: `train.centre_bias`.
        cache: keep decoded pictures in memory up to 1 GiB; `"disk"`: as files in the user's cache
            directory; False: decode each time.
        workers: threads that prepare batches ahead; None: one a core, four at most.
        steps: batches of an epoch; None: as many as show every picture once.

    Raises:
        ConfigError: a model without maps, a loss whose truth cannot be made, wrong numbers.
        InputError: pictures that cannot be learned from, all of them named.
    """
    for name, value in (("batch_size", batch_size), ("steps", steps), ("workers", workers)):
        if value is not None and (not isinstance(value, int) or value < 1):
            raise ConfigError(f"{name} must be a whole number of 1 or more, got {value!r}")
    front = getattr(model, "front", None)
    if front is None or not isinstance(model, keras.Model):
        called = getattr(model, "name", type(model).__name__)
        raise ConfigError(
            f"{called} takes no pictures to give maps of, so no batches can be made for it. "
            "Fix: a network of build_model"
        )
    if unknown := [tensor.name for tensor in model.inputs if tensor.name not in INPUTS]:
        raise ConfigError(
            f"{model.name} has the input {unknown[0]!r}; batches hold {', '.join(INPUTS)}"
        )
    targets = Targets(model, loss)
    sources = gather(truths, weights, sigma, targets.needs_fixations)
    return Batches(
        sources,
        targets,
        Pictures(front, augment, keeper(cache)),
        Priors(sources, centre_bias) if _takes(model, "centre_bias") else None,
        batch_size=batch_size,
        seed=seed,
        shuffle=shuffle,
        weighted=weights is not None,
        steps=steps,
        workers=min(MOST_WORKERS, default_workers()) if workers is None else workers,
    )


def _takes(model: Any, name: str) -> bool:
    return any(tensor.name == name for tensor in model.inputs)


class Batches(Feed):
    """What `batches` makes: goes into `fit`, or gives any batch of any epoch.

    Attributes:
        steps: batches of an epoch.
        centre_bias: what the data sets' centre biases are, by name; None where the network takes
            none.
    """

    def __init__(
        self,
        sources: tuple[Source, ...],
        targets: Targets,
        pictures: Pictures,
        priors: Priors | None,
        *,
        batch_size: int,
        seed: int,
        shuffle: bool,
        weighted: bool,
        steps: int | None,
        workers: int,
    ):
        self.sources, self.targets, self.pictures = sources, targets, pictures
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle
        self.priors = priors
        self.centre_bias = None if priors is None else priors.biases
        self._inputs = [tensor.name for tensor in targets.model.inputs]
        counts = [len(source.images) for source in sources]
        total = sum(counts) if steps is None else steps * batch_size
        everything = steps is None and not weighted
        self._taken = counts if everything else shares_of(total, [s.weight for s in sources])
        self._kept_steps = None if everything else math.ceil(total / batch_size)
        self._frames = [
            [pictures.plan(truth).frame for truth in source.images] for source in sources
        ]
        self._epoch = lru_cache(maxsize=4)(self._make_epoch)
        one_size = len({frame for frames in self._frames for frame in frames}) == 1
        super().__init__(len(self._epoch(0)), workers, one_size)

    def _make_epoch(self, epoch: int) -> list[np.ndarray]:
        counts = [len(source.images) for source in self.sources]
        samples = epoch_order(counts, self._taken, self.seed, epoch, self.shuffle)
        frames = [self._frames[source][image] for source, image in samples]
        return into_batches(
            samples, frames, self.batch_size, self._kept_steps, self.seed, epoch, self.shuffle
        )

    def names(self, epoch: int, step: int) -> tuple[str, ...]:
        """Names of the pictures of a batch; the data set's before them where there are several."""
        found = []
        for source, image in self._batch(epoch, step):
            name = self.sources[source].images[image].name
            found.append(name if len(self.sources) == 1 else f"{self.sources[source].name}/{name}")
        return tuple(found)

    def arrays(self, epoch: int, step: int) -> tuple[Any, Any]:
        """One batch.

        Returns:
            inputs, float32: (b, h, w, 3), or a tuple in the order of the network's inputs (of a
            network with numbers for data sets the place among its `datasets`, -1 for others); and
            targets, float32: (b, rows, columns, channels) in the structure of its outputs.

        Raises:
            InputError: a picture or a density that cannot be read; names it and the batch.
        """
        samples = self._samples(epoch, step)
        inputs, outputs = zip(*samples, strict=True)
        stacked = [np.stack(parts) for parts in zip(*inputs, strict=True)]
        flat = [np.stack(parts) for parts in zip(*outputs, strict=True)]
        return tuple(stacked) if len(stacked) > 1 else stacked[0], self.targets.packed(flat)

    def _samples(self, epoch: int, step: int) -> list[tuple[list[np.ndarray], list[np.ndarray]]]:
        samples = []
        for place, (source, image) in enumerate(self._batch(epoch, step)):
            truth = self.sources[source].images[image]
            try:
                samples.append(self._sample(self.sources[source], truth, (epoch, step, place)))
            except KitError as error:
                said = str(error).splitlines()[0]
                raise InputError(
                    f"batch {step} of epoch {epoch}, picture {truth.name}: {said}",
                    getattr(error, "problems", ()),
                ) from error
        return samples

    def points(self, epoch: int, step: int) -> list[np.ndarray]:
        """Where the fixations of each picture of a batch lie on the network's (last) output.

        Returns:
            float64 (n, 2) each, x and y in cells of the output.
        """
        found = []
        for place, (source, image) in enumerate(self._batch(epoch, step)):
            truth = self.sources[source].images[image]
            view = self.pictures.view(truth, self._random(epoch, step, place))
            grid = self.targets.grids(view.plan.frame)[-1]
            found.append(
                np.zeros((0, 2)) if truth.fixations is None else view.points(truth.fixations, grid)
            )
        return found

    def dataset(self, epoch: int = 0) -> Any:
        """One epoch as `fit` takes it: a `tf.data.Dataset` under TensorFlow, else a `PyDataset`."""
        return epoch_data(self, epoch)

    def _batch(self, epoch: int, step: int) -> np.ndarray:
        if epoch < 0 or not 0 <= step < self.steps:
            raise ConfigError(
                f"an epoch has the steps 0 to {self.steps - 1}, got step {step} of epoch {epoch}"
            )
        return self._epoch(epoch)[step]

    def _random(self, epoch: int, step: int, place: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, SAMPLE, epoch, step, place])

    def _sample(
        self, source: Source, truth: GroundTruth, at: tuple[int, int, int]
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        rng = self._random(*at)
        view = self.pictures.view(truth, rng)
        inputs = {"picture": self.pictures.prepared(truth, view, rng)}
        fixations = truth.fixations
        if self.priors is not None:
            inputs["centre_bias"] = self.priors.log_density(source, truth, view)
        if "history" in self._inputs and fixations is not None:
            fixations, before = draw_step(fixations, view, rng)
            inputs["history"] = history_of(before, view)
        if "dataset" in self._inputs:
            inputs["dataset"] = np.array([self._place(source)], np.float32)

        def density(grid: Size) -> np.ndarray:
            return self._density(source, truth, view, grid)

        return [inputs[name] for name in self._inputs], self.targets.of(view, fixations, density)

    def _place(self, source: Source) -> int:
        """Of a data set among those that the network has numbers for; -1: none of them."""
        known = self.targets.model.datasets
        return known.index(source.name) if source.name in known else -1

    def _density(self, source: Source, truth: GroundTruth, view: View, grid: Size) -> np.ndarray:
        spec = source.density_spec(truth)
        if spec.source == "shipped":
            return seen(view, self.pictures.density(truth, spec), grid)
        assert truth.fixations is not None
        return blurred(view, truth.fixations, grid, spec.sigma_px)
