"""The API reference: pages of the packages' public names, made of their docstrings.

griffe reads the sources, so neither Keras nor a backend is imported; only the faces of the packages
(`HOMES`, `__all__`) are, which cost nothing.
"""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe

ROOT = Path(__file__).resolve().parents[1]
# What is public: packages with `__all__` by their names, others by those of their modules.
ROOMS = {
    "keras_saliency": "Models by name, loading and training",
    "keras_saliency.layers": "Layers",
    "keras_saliency.losses": "Losses",
    "keras_saliency.metrics": "Keras metrics",
    "keras_saliency.addons": "What TensorFlow Addons had",
    "keras_saliency.backbones.adapters": "Trunks",
    "keras_saliency.backbones.trunk": "Trunks: their records",
    "keras_saliency.data": "Batches of a data set",
    "keras_saliency.training": "Optimizers of the papers",
    "keras_saliency.base": "Bases of networks",
    "keras_saliency.base.geometry": "Pictures into a frame and maps back",
    "keras_saliency.convert": "Original weight files",
    "benchmark_kit": "Evaluate, compare, package",
    "benchmark_kit.metrics": "Metrics on arrays",
    "benchmark_kit.datasets": "Data sets by name",
    "benchmark_kit.leaderboards": "Leaderboards by name",
    "benchmark_kit.dialects": "Dialects",
    "benchmark_kit.types": "Fixations, densities, ground truth",
    "benchmark_kit.imaging.images": "Pictures and maps as arrays",
    "benchmark_kit.imaging.density": "Densities of fixations",
    "benchmark_kit.results.record": "Results files",
    "benchmark_kit.errors": "Errors",
}
KERAS = {"build", "compute_output_shape", "get_config"}  # every layer has them, as Keras says

logging.getLogger("griffe").setLevel(logging.ERROR)  # docstrings leave types to the signatures


class Reference:
    """The sources of both packages, read."""

    def __init__(self) -> None:
        options = {"warn_missing_types": False, "warn_unknown_params": False}
        self.packages = {
            name: griffe.load(
                name,
                search_paths=[ROOT],
                allow_inspection=False,
                docstring_parser="google",
                docstring_options=options,
            )
            for name in ("benchmark_kit", "keras_saliency")
        }

    def find(self, path: str) -> griffe.Object:
        """What a dotted path names.

        Raises:
            KeyError: nothing.
        """
        package, _, rest = path.partition(".")
        found = self.packages[package]
        found = found[rest] if rest else found
        return found.final_target if found.is_alias else found

    def public(self, room: str) -> list[tuple[str, griffe.Object]]:
        """(name, object) of a room's public names, sorted as they are listed.

        Raises:
            ValueError: a public name without a docstring.
        """
        face = importlib.import_module(room) if self.find(room).is_init_module else None
        names = getattr(face, "__all__", None)
        if names is None:
            members = self.find(room).members
            names = [name for name, one in members.items() if self._documented(name, one)]
        homes = getattr(face, "HOMES", {})
        found = [(name, self._of_face(room, name, homes.get(name))) for name in names]
        if bare := [name for name, one in found if _documents(one) and not one.docstring]:
            raise ValueError(f"{room}: no docstring of {', '.join(bare)}")
        return found

    @staticmethod
    def _documented(name: str, one: griffe.Object | griffe.Alias) -> bool:
        kinds = (griffe.Kind.CLASS, griffe.Kind.FUNCTION)
        return not one.is_alias and not name.startswith("_") and one.kind in kinds

    def _of_face(self, room: str, name: str, home: str | None) -> griffe.Object:
        path = f"{room}.{name}" if home in (None, name) else f"{room}.{home}.{name}"
        found = self.find(path)
        if found.is_module and name in found.members:  # a function bound over its module
            found = found[name]
        return found


def _documents(one: griffe.Object) -> bool:
    return one.kind in (griffe.Kind.CLASS, griffe.Kind.FUNCTION)


def write_pages(folder: Path) -> None:
    """Write a page a room and their index.

    Raises:
        ValueError: a public name without a docstring.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reference = Reference()
    for room in ROOMS:
        lines = _page(room, reference)
        (folder / f"{room}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = "\n".join(f"| [`{room}`]({room}.md) | {title} |" for room, title in ROOMS.items())
    toctree = "\n".join(ROOMS)
    (folder / "index.md").write_text(
        f"# API reference\n\nPublic names, from their docstrings.\n\n"
        f"| import from | what |\n|---|---|\n{rows}\n\n"
        f"```{{toctree}}\n:hidden:\n\n{toctree}\n```\n",
        encoding="utf-8",
    )


def _page(room: str, reference: Reference) -> Iterator[str]:
    yield f"# `{room}`\n"
    yield f"```{{py:module}} {room}\n```\n"
    if text := reference.find(room).docstring:
        yield from _text(text.value)
    for name, one in reference.public(room):
        if one.kind is griffe.Kind.CLASS:
            yield from _class(name, one)
        elif one.kind is griffe.Kind.FUNCTION:
            yield from _function("function", name, one)
        elif one.is_module:
            yield f"- [`{one.path}`]({one.path}.md)\n" if one.path in ROOMS else f"- `{one.path}`\n"
        else:
            yield f":::{{py:data}} {name}\n:::\n"


def _class(name: str, one: griffe.Class) -> Iterator[str]:
    yield f":::::{{py:class}} {name}({_signature(_parameters(one))})"
    yield from _docstring(one)
    for called, member in one.members.items():
        hidden = called.startswith("_") or called in KERAS
        if hidden or member.is_alias or not member.docstring:
            continue
        if member.kind is griffe.Kind.FUNCTION:
            yield from _function("method", called, member)
        elif "property" in member.labels:
            kind = f"\n:type: {member.annotation}" if member.annotation else ""
            yield f"::::{{py:property}} {called}{kind}\n"
            yield from _docstring(member)
            yield "::::\n"
    yield ":::::\n"


def _parameters(one: griffe.Class) -> Any:
    """What a class is made with; its base's where it says nothing itself."""
    if "dataclass" in one.labels:
        return one.parameters
    made = one.all_members.get("__init__")
    return () if made is None else made.parameters


def _function(kind: str, name: str, one: griffe.Function) -> Iterator[str]:
    gives = f" -> {one.returns}" if one.returns else ""
    yield f"::::{{py:{kind}}} {name}({_signature(one.parameters)}){gives}"
    if "classmethod" in one.labels or "staticmethod" in one.labels:
        yield f":{'classmethod' if 'classmethod' in one.labels else 'staticmethod'}:"
    yield ""
    yield from _docstring(one)
    yield "::::\n"


def _signature(parameters) -> str:
    """Parameters as they are written, without `self`."""
    parts = []
    keyword_only = False
    for one in parameters:
        if one.name in ("self", "cls"):
            continue
        stars = {"variadic positional": "*", "variadic keyword": "**"}.get(one.kind.value, "")
        if one.kind.value == "keyword-only" and not keyword_only:
            parts.append("*")
        keyword_only = keyword_only or stars == "*" or one.kind.value == "keyword-only"
        text = stars + one.name
        if one.annotation:
            text += f": {one.annotation}"
        if one.default is not None and not stars:
            text += f" = {one.default}" if one.annotation else f"={one.default}"
        parts.append(text)
    return ", ".join(parts).replace("\n", " ")


def _docstring(one: griffe.Object) -> Iterator[str]:
    yield ""
    if one.docstring is None:
        return
    for section in one.docstring.parsed:
        kind = section.kind.value
        if kind == "text":
            yield from _text(section.value)
        elif kind in ("parameters", "other parameters"):
            for entry in section.value:
                yield _field(f"param {entry.name.lstrip('*')}", entry.description)
            yield ""
        elif kind == "attributes":
            for entry in section.value:
                yield _field(f"ivar {entry.name}", entry.description)
            yield ""
        elif kind in ("returns", "yields"):
            yield _field(kind, " ".join(_sentence(entry) for entry in section.value)) + "\n"
        elif kind == "raises":
            for entry in section.value:
                yield _field(f"raises {entry.annotation}", entry.description)
            yield ""
        elif kind == "examples":
            code = "\n".join(text for _, text in section.value)
            yield f"```pycon\n{code}\n```\n"
        elif kind == "admonition":
            yield f"**{section.title}**\n"
            yield from _text(section.value.contents)
        else:
            raise ValueError(f"{one.path}: a section of {kind}, which is not laid out here")


def _sentence(entry) -> str:
    # "float in 0..1: ..." reads as a type to the parser
    kind = f"{entry.annotation}: " if entry.annotation and entry.name is None else ""
    return (kind if kind and kind.strip(": ") not in entry.description else "") + entry.description


def _field(name: str, text: str) -> str:
    return f":{name}: " + _plain(text).replace("\n", "\n    ").rstrip()


def _text(text: str) -> Iterator[str]:
    yield _plain(text) + "\n"


def _plain(text: str) -> str:
    """Docstrings are text: what stands in angle brackets or stars is no markup."""
    parts = re.split(r"(`[^`]*`|^ {4}.*$)", text, flags=re.M)
    parts[::2] = [re.sub(r"([<*])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)
