"""Pictures as samples show them: decoded, scaled, kept, cut, in other light, in the frame.

Scaled pictures are rounded to whole levels, as if they had been scaled once and stored; that is
less than half a level from what `preprocess` gives, and a quarter of its memory.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from benchmark_kit.errors import InputError, Problem
from benchmark_kit.imaging.density import DensitySpec
from benchmark_kit.imaging.shipped_density import usable_density
from benchmark_kit.types import GroundTruth
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.geometry import Plan
from keras_saliency.base.resample import resample
from keras_saliency.base.saliency_model import Front
from keras_saliency.data.augment import Augmentation
from keras_saliency.data.kept import Keeper
from keras_saliency.data.view import View

Size = tuple[int, int]


class Pictures:
    """The pictures of a network's training, framed as its `Front` says.

    Args:
        front: the network's.
        augment: what is done to them; None: nothing.
        keep: keeps what is decoded.
    """

    def __init__(self, front: Front, augment: Augmentation | None, keep: Keeper):
        self.front, self.augment, self.keep = front, augment, keep
        self.crop = 1.0 if augment is None else augment.crop

    def plan(self, truth: GroundTruth) -> Plan:
        """The way of the whole picture into the frame."""
        return self.front.geometry.plan(truth.size, self.front.frame)

    def base_size(self, plan: Plan) -> Size:
        """Size of what is kept: of the picture in the frame; larger where parts are enlarged."""
        if self.crop == 1:
            return plan.inner
        height, width = (
            min(whole, math.ceil(side / self.crop))
            for whole, side in zip(plan.image, plan.inner, strict=True)
        )
        return height, width

    def view(self, truth: GroundTruth, rng: np.random.Generator) -> View:
        """The part of the picture that a sample shows."""
        plan = self.plan(truth)
        if self.augment is None:
            return View.whole(plan)
        return self.augment.view(plan, self.base_size(plan), truth.fixations, rng)

    def prepared(self, truth: GroundTruth, view: View, rng: np.random.Generator) -> np.ndarray:
        """A sample's picture as the network takes it.

        Returns:
            float32 (height, width, 3) of the frame.

        Raises:
            InputError: a file that is no picture, or a picture of another size than its truth's.
        """
        plan, base = view.plan, self._base(truth, view.plan)
        if self.crop == 1:
            shown = base.astype(np.float32)
        else:
            rows, columns = (
                slice(round(first * m / n), round((first + side) * m / n))
                for first, side, m, n in (
                    (view.top, view.height, base.shape[0], plan.image[0]),
                    (view.left, view.width, base.shape[1], plan.image[1]),
                )
            )
            shown = _into_inner(base[rows, columns], plan)
        if view.mirrored:
            shown = shown[:, ::-1]
        if self.augment is not None:
            shown = self.augment.colours(shown, rng)
        if plan.inner != plan.frame:
            framed = np.full((*plan.frame, 3), plan.geometry.fill, np.float32)
            _inside(framed, plan)[:] = shown
            shown = framed
        return self.front.colours(shown)

    def density(self, truth: GroundTruth, spec: DensitySpec) -> np.ndarray:
        """The density that the data set ships for a picture, of the picture's size.

        Raises:
            InputError: a file that cannot be used as a density.
        """
        assert truth.density_file is not None
        return self.keep.array(
            truth.density_file, "density", lambda: usable_density(truth, spec).values
        )

    def _base(self, truth: GroundTruth, plan: Plan) -> np.ndarray:
        picture = truth.stimulus
        assert picture is not None
        size = self.base_size(plan)
        geometry = plan.geometry

        def make() -> np.ndarray:
            pixels = rgb_pixels(picture, turned=False)
            if pixels.shape[:2] != truth.size:
                problem = Problem(
                    "E703",
                    (str(truth.stimulus),),
                    f"a picture of {pixels.shape[1]}x{pixels.shape[0]}",
                    f"{truth.size[1]}x{truth.size[0]}, on which its fixations count",
                    "read the data set again: the picture has changed",
                )
                raise InputError(f"{truth.name} is another picture than its truth's", [problem])
            if self.crop == 1:
                return _whole_levels(_into_inner(pixels, plan))
            if size == truth.size:
                return pixels
            scaled = resample(pixels.astype(np.float32), size, geometry.kernel)
            return _whole_levels(np.clip(scaled, 0, 255))

        return self.keep.array(picture, (type(geometry).__name__, geometry, size), make)


def _into_inner(pixels: np.ndarray, plan: Plan) -> np.ndarray:
    """Pixels scaled to the place of the picture in the frame, without the padding around it."""
    return _inside(replace(plan, image=pixels.shape[:2]).into_frame(pixels), plan)


def _inside(framed: np.ndarray, plan: Plan) -> np.ndarray:
    (top, left), (height, width) = plan.offset, plan.inner
    return framed[top : top + height, left : left + width]


def _whole_levels(values: np.ndarray) -> np.ndarray:
    """Rounded; uint8, or int16 where splines overshoot 0..255."""
    rounded = np.rint(values)
    fits = rounded.min() >= 0 and rounded.max() <= 255
    return np.ascontiguousarray(rounded.astype(np.uint8 if fits else np.int16))
