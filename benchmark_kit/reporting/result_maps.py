"""Where the maps of a result come from when a report shows them: files, arrays, or a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark_kit.errors import ConfigError
from benchmark_kit.maps.sources import Maps, MapSource, open_maps
from benchmark_kit.scoring.predictions import predicted_maps
from benchmark_kit.types import Truths


@dataclass(frozen=True, eq=False)
class ResultMaps:
    """The maps of one result.

    Args:
        maps: a folder, archive or HDF5 file, or arrays by image; None: a model predicts them.
        model: name or file of that model.
        map_name: which map of a model that gives several.
        strip: suffix of map names that stimuli do not have.
        prefix: prefix of the last part of map names that stimuli do not have.
    """

    maps: Maps | None = None
    model: str | None = None
    map_name: str | None = None
    strip: str = ""
    prefix: str = ""

    def opened(self, truths: Truths, *, log_density: bool) -> MapSource:
        """The maps by name.

        Args:
            truths: the pictures that a model predicts of.
            log_density: of a model, its log densities.

        Raises:
            ConfigError: no such file or model, or one that cannot predict.
            InputError: a file that is damaged.
        """
        if self.maps is not None:
            return open_maps(self.maps)
        if self.model is None:
            raise ConfigError("neither maps nor a model. Fix: give one")
        return predicted_maps(self.model, truths, log_density, self.map_name)


Given = Maps | ResultMaps | None
GivenMaps = Sequence[Given] | Mapping[str, Given]


def maps_of_results(given: GivenMaps, labels: Sequence[str], strip: str) -> list[ResultMaps | None]:
    """The maps of every result; None where a result has none.

    Args:
        given: in the order of the results, or by label.
        labels: of the results.
        strip: suffix of map names that stimuli do not have, where maps do not say.

    Raises:
        ConfigError: not as many as results, or for a result that there is not.
    """
    if isinstance(given, Mapping):
        if unknown := [label for label in given if label not in labels]:
            raise ConfigError(
                f"maps are given for {unknown[0]!r}, which is no result here; there are "
                + ", ".join(labels)
            )
        given = [given.get(label) for label in labels]
    if given and len(given) != len(labels):
        raise ConfigError(
            f"pictures need maps of every model: {len(given)} given for {len(labels)} results. "
            "Fix: one --maps for each, in the same order, by name (--maps NAME=DIR), or none"
        )
    return [
        each if isinstance(each, ResultMaps) or each is None else ResultMaps(each, strip=strip)
        for each in given or [None] * len(labels)
    ]
