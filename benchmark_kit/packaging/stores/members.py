"""What each image's map is called in the file, and the order in which the file holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmark_kit.maps.sources import Reference
from benchmark_kit.packaging.checks.stimuli import BoardStimuli, StimulusFacts
from benchmark_kit.packaging.recipe import Job, Recipe
from benchmark_kit.packaging.stores.encode import MEMBERS
from benchmark_kit.packaging.stores.json2015 import member_name


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
    placed = [
        (_member(k, image, recipe.store, model), image) for k, image in enumerate(pictures.images)
    ]
    for member, image in sorted(placed, key=lambda pair: (pair[0], pair[1].name)):
        yield Job(image.name, member, image.size, reference(image.name), recipe)


def _member(place: int, image: StimulusFacts, store: str, model: str) -> str:
    if store == "hdf5":
        return image.key
    if store == "mat73":
        return f"{place:06d}"  # sorted, these keep the list's order
    if store == "json2015":
        return member_name(image.split, model)
    path = image.name + MEMBERS[store]
    return f"{model}/{path}" if store == "jpeg" else path
