"""Which maps belong to which result of a report: as the command line says, or as is recorded."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from benchmark_kit.errors import ConfigError
from benchmark_kit.maps.sources import ARCHIVES, HDF5_SUFFIXES
from benchmark_kit.reporting.result_maps import ResultMaps
from benchmark_kit.scoring.predictions import open_model

FILES = (*ARCHIVES, *HDF5_SUFFIXES)  # of maps; other files may be models


def given_maps(given: Sequence[str], labels: Sequence[str]) -> dict[str, ResultMaps]:
    """What `--maps` said, by the label of the result.

    Args:
        given: `NAME=SOURCE`, or sources in the order of the results that are not named.
        labels: of the results.

    Raises:
        ConfigError: no such result, one named twice, not as many as results, or a source that is
            neither there nor a model.
    """
    named: dict[str, str] = {}
    others = []
    for text in given:
        # the longest: a label may hold the sign itself
        label = max((n for n in labels if text.startswith(f"{n}=")), key=len, default=None)
        if label is None:
            others.append(text)
        elif label in named:
            raise ConfigError(f"--maps names the result {label} twice. Fix: once")
        else:
            named[label] = text.removeprefix(f"{label}=")
    rest = [label for label in labels if label not in named]
    if others and len(others) != len(rest):
        text = f"--maps {others[0]}: "
        if "=" in others[0] and not os.path.exists(others[0]):
            raise ConfigError(f"{text}no result of this name; there are {', '.join(labels)}")
        raise ConfigError(
            f"{text}{len(others)} given for {len(rest)} results ({', '.join(rest)}). "
            "Fix: one --maps for each, in the same order, by name (--maps NAME=DIR), or none"
        )
    sources = named | dict(zip(rest, others, strict=False))
    return {label: _source(text) for label, text in sources.items()}


def chosen_maps(
    asked: ResultMaps | None, data: Mapping[str, Any], made: Mapping[str, Any], label: str
) -> ResultMaps | None:
    """A result's maps: those asked for, or what its recorded command names and is still there.

    Args:
        asked: what `--maps` said of it.
        data: the result.
        made: arguments of its command by name; how names of maps differ holds for other files, too.
        label: what notes call it.
    """
    names = {name: made.get(name) or "" for name in ("strip", "prefix")}
    if asked is not None:
        return asked if asked.maps is None else replace(asked, **names)
    # os.path: a recorded name that no file can have is only not there
    if made.get("maps") and os.path.exists(made["maps"]):
        return ResultMaps(made["maps"], **names)
    models = made.get("models") or ()
    source = data["maps"]["source"]
    map_name = made.get("map_name")
    ending = "" if map_name is None else f", map {map_name}"
    model = next((name for name in models if source == f"model {Path(name + ending).name}"), None)
    if model is None:
        return None
    try:
        open_model(model, map_name)
    except ConfigError as error:
        click.echo(f"note: {label}: {error}", err=True)
        return None
    return ResultMaps(model=model, map_name=map_name)


def _source(text: str) -> ResultMaps:
    if os.path.isdir(text) or (os.path.isfile(text) and text.lower().endswith(FILES)):
        return ResultMaps(Path(text))
    try:
        open_model(text)
    except ConfigError as error:
        raise ConfigError(f"--maps {text}: no such folder or file of maps, and {error}") from None
    return ResultMaps(model=text)
