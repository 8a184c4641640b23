"""What each image's map is called in the file, and the order in which the file holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmark_kit.maps.sources import Reference
from benchmark_kit.packaging.checks.stimuli import BoardStimuli
from benchmark_kit.packaging.recipe import Job, Recipe
from benchmark_kit.packaging.stores import get_store


def make_jobs(
    pictures: BoardStimuli, reference: Callable[[str], Reference], recipe: Recipe, model: str
) -> Iterator[Job]:
    """One job an image, in the order in which the file holds them.

    Args:
        pictures: the benchmark's images.
        reference: an image's map by the image's name; asked when its turn comes.
        recipe: what is done to the maps.
        model: the model's name, where it stands inside the file.
    """
    member = get_store(recipe.store).member
    placed = [(member(image, k, model), image) for k, image in enumerate(pictures.images)]
    for path, image in sorted(placed, key=lambda pair: (pair[0], pair[1].name)):
        yield Job(image.name, path, image.size, reference(image.name), recipe)
