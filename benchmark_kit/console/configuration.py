"""Defaults of options from a file: `salbench.toml`, or `[tool.salbench]` of `pyproject.toml`.

    [roots]
    osie = "data/osie"        # in place of --root; paths are relative to the file

    [evaluate]
    dialect = "mit,tuebingen"
    workers = 2

The nearest such file counts, from the folder where the command runs upwards: one in the home folder
serves all projects below it. What is given on the command line wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from benchmark_kit.errors import ConfigError

NAME, PROJECT, TABLE = "salbench.toml", "pyproject.toml", "roots"


def load_defaults(group: click.Group) -> dict[str, Any]:
    """The defaults that the nearest file sets for the commands of a group, and roots of data sets.

    Raises:
        ConfigError: the file cannot be read, or names what there is not.
    """
    nearest = _nearest_file()
    return {} if nearest is None else _checked(nearest[1], nearest[0], group)


def root_of(context: click.Context, dataset: str) -> Path | None:
    """The folder that a file names for a data set, or None."""
    roots = (context.find_root().default_map or {}).get(TABLE, {})
    return roots.get(dataset)


def configuration_file() -> Path | None:
    """The file that sets defaults here, or None."""
    nearest = _nearest_file()
    return None if nearest is None else nearest[0]


def _nearest_file() -> tuple[Path, Any] | None:
    """The nearest file and what it says of us."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (path := folder / NAME).is_file():
            return path, _read(path)
        if (path := folder / PROJECT).is_file():
            tools = _read(path).get("tool")
            if isinstance(tools, dict) and "salbench" in tools:
                return path, tools["salbench"]
    return None


def _read(path: Path) -> dict[str, Any]:
    from benchmark_kit.containers.damage import DamagedFile
    from benchmark_kit.containers.text import read_toml

    try:
        return read_toml(path)
    except DamagedFile as error:
        raise ConfigError(
            f"{path} cannot be read: {error.reason}. Fix: mend or remove it"
        ) from None


def _checked(content: Any, path: Path, group: click.Group) -> dict[str, Any]:
    """The content with its names checked, as click takes defaults."""
    commands = group.list_commands(click.Context(group))
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path}: expected tables, one a command. Fix: [evaluate]")
    found: dict[str, Any] = {}
    for name, values in content.items():
        if not isinstance(values, Mapping):
            raise ConfigError(f"{path}: {name} is no table. Fix: [evaluate] above the options")
        if name == TABLE:
            roots = {
                key: path.parent / Path(str(value)).expanduser() for key, value in values.items()
            }
            found[name] = roots
        elif name in commands:
            found[name] = _options(name, values, path, group)
        else:
            raise ConfigError(f"{path}: {_nearest('command', name, [TABLE, *commands])}")
    return found


def _options(
    name: str, values: Mapping[str, Any], path: Path, group: click.Group
) -> dict[str, Any]:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    known = {
        option.removeprefix("--"): parameter
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }
    found = {}
    for key, value in values.items():
        parameter = known.get(key.replace("_", "-"))
        if parameter is None:
            raise ConfigError(f"{path}: [{name}]: {_nearest('option', key, list(known))}")
        assert parameter.name is not None
        found[parameter.name] = value
    return found


def _nearest(what: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"no {what} {name!r}: {hint}"
