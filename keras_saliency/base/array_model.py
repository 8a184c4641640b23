"""Base of the models without Keras: pictures in, one map at the picture's own size out.

A model of this kind implements `_saliency`, which takes uint8 RGB and nothing else; everything a
user may hand over (a path, gray, alpha, floats, a Pillow image) is turned into that here.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.parallel import default_workers
from keras_saliency.base.card import Card

if TYPE_CHECKING:
    from PIL import Image

    Picture = str | os.PathLike[str] | np.ndarray | Image.Image

LOOK_AHEAD = 2  # pictures taken ahead, a core


class ArrayModel:
    """A model that needs numpy and scipy only.

    Attributes:
        card: what is known of the model; `build_model` sets it, a model made otherwise has None.
    """

    card: Card | None = None

    def __repr__(self) -> str:
        if self.card is None:
            return f"<{type(self).__name__}>"
        count = "" if self.card.parameters is None else f", {self.card.parameters:,} parameters"
        return f"<{self.card.name}: {self.card.kind}{count}, {self.training_state}>"

    @property
    def training_state(self) -> str:
        """Whether it has learned what it can: one of `TRAINING_STATES`."""
        return "nothing to learn" if self.card is None else self.card.training_state

    def predict_map(self, image: Picture, *, normalize: bool = False) -> np.ndarray:
        """Saliency of one picture.

        Args:
            image: a path; a Pillow image; or an array (height, width[, 1, 3 or 4]): uint8, or float
                in 0..255, or float in 0..1 (recognised by a maximum of at most 1). Gray counts as
                three equal channels, alpha is ignored, a file's EXIF orientation is applied.
            normalize: scale the map's minimum to 0 and its maximum to 1.

        Returns:
            float64 (height, width), finite, higher where people are expected to look; all equal for
            a picture of one colour.

        Raises:
            ConfigError: a path that does not exist.
            InputError: a file or an array that is no picture.
        """
        pixels = rgb_pixels(image)
        saliency = self._saliency(pixels)
        return min_max(saliency) if normalize else saliency

    def predict_maps(
        self, images: Iterable[Picture], *, normalize: bool = False
    ) -> Iterator[np.ndarray]:
        """Saliency of one picture after the other, worked on by all cores.

        The maps have the bytes that `predict_map` gives, in the order of the pictures. A few
        pictures are taken ahead of the map that is asked for. A picture that fails raises where
        its map would come.

        Args:
            images: pictures as `predict_map` takes them, of any sizes.
            normalize: as in `predict_map`.
        """
        # threads, not processes: numpy and scipy let others run while they compute, and pictures
        # and maps need not be copied
        workers = default_workers()
        pool = ThreadPoolExecutor(workers)
        try:
            predict = partial(self.predict_map, normalize=normalize)
            yield from in_order(pool, predict, images, LOOK_AHEAD * workers)
        finally:
            pool.shutdown(cancel_futures=True)

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        raise NotImplementedError


def in_order(
    pool: ThreadPoolExecutor, work: Callable[[Any], Any], items: Iterable[Any], ahead: int
) -> Iterator[Any]:
    """Results of a pool's work in the order of the items, some of which are taken ahead.

    Args:
        pool: of threads.
        work: what each item goes through; an error is raised where its result would come.
        items: may be endless.
        ahead: how many are worked on or wait at a time.
    """
    source = iter(items)
    waiting: deque[Future[Any]] = deque()
    exhausted = False
    while True:
        while not exhausted and len(waiting) < ahead:
            try:
                waiting.append(pool.submit(work, next(source)))
            except StopIteration:
                exhausted = True
            except Exception as error:  # of the caller's iterable: raised after the maps before it
                failed: Future[Any] = Future()
                failed.set_exception(error)
                waiting.append(failed)
                exhausted = True
        if not waiting:
            return
        yield waiting.popleft().result()


def one_colour(image: np.ndarray) -> bool:
    """Whether all pixels of a picture (height, width, channels) are equal."""
    flat, channels = image.reshape(-1), image.shape[2]
    return bool((flat[channels:] == flat[:-channels]).all())  # each as the one before


def rgb_pixels(image: Picture, *, turned: bool = True) -> np.ndarray:
    """Any picture as uint8 (height, width, 3).

    Args:
        image: a path, a Pillow image or an array, as `predict_map` takes it.
        turned: apply the EXIF orientation of a file, as a photograph is meant to be seen; False
            gives the stored grid, which the fixations of a data set refer to.

    Raises:
        ConfigError: a path that does not exist.
        InputError: a file or an array that is no picture.
    """
    from benchmark_kit.imaging.eight_bits import eight_bits

    if isinstance(image, str | os.PathLike):
        return _read(Path(image).expanduser(), turned)
    if hasattr(image, "convert") and hasattr(image, "mode"):
        deep = image.mode in ("I", "F") or ";" in image.mode  # Pillow would clip these to 8 bits
        image = image if deep else image.convert("RGB")
    return _three_channels(eight_bits(np.asarray(image)))


def _read(path: Path, turned: bool) -> np.ndarray:
    from benchmark_kit.imaging.images import DecodeError, read_stimulus

    if not path.exists():
        raise ConfigError(f"there is no picture {path}. Fix: check the path")
    try:
        return read_stimulus(path, turned=turned)
    except DecodeError as error:
        problem = Problem(error.code, (str(path),), error.found, fix=error.fix)
        raise InputError(f"{path} is no picture that can be read", [problem]) from None


def _three_channels(array: np.ndarray) -> np.ndarray:
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        raise InputError(
            f"an array of shape {array.shape}; expected (height, width) or "
            "(height, width, 1, 3 or 4). Fix: predict_maps for several pictures, and channels last"
        )
    if array.shape[2] == 1:
        array = np.repeat(array, 3, axis=2)
    return np.ascontiguousarray(array[..., :3])
