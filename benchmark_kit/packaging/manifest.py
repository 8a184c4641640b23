"""What lies in a package and how it was made: a JSON file beside it.

The package can be checked against it years later: size and SHA-256 of the file, a digest of every
member, the board's rules as they were known, the command and the versions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark_kit.leaderboards.rules import Board

SCHEMA = 1
BLOCK = 2**20


def manifest_path(package: Path) -> Path:
    """The manifest's place: `model.zip.manifest.json` beside `model.zip`."""
    return package.with_name(f"{package.name}.manifest.json")


def make_manifest(
    package: Path,
    board: Board,
    *,
    kind: str,
    store: str,
    model: str,
    images: int,
    maps: Mapping[str, Any],
    members: Mapping[str, str],
    largest_error: Mapping[str, Any],
    warnings: list[dict[str, Any]],
    made: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest as plain data.

    Args:
        package: the finished file.
        board: its leaderboard.
        kind: `"maps"` or `"densities"`.
        store: how maps are stored, one of `packaging.stores.list_stores()`.
        model: name shown on the board.
        images: number of maps.
        maps: where they came from and what was done to them.
        members: path or key -> digest: of a member's bytes in a zip, of type, shape and values of
            an array in HDF5 and MATLAB files.
        largest_error: image and value of the largest distance from a source map.
        warnings: what was let pass.
        made: software, command and time (`results.evaluation.provenance`).
    """
    return {
        "schema": SCHEMA,
        "kind": "package",
        "file": {
            "name": package.name,
            "bytes": package.stat().st_size,
            "sha256": file_sha256(package),
        },
        "leaderboard": {
            "name": board.name,
            "title": board.title,
            "state": board.state,
            "state_date": board.state_date,
        },
        "predictions": kind,
        "store": store,
        "model": model,
        "images": images,
        "maps": dict(maps),
        "members": dict(members),
        "largest_error": dict(largest_error),
        "warnings": warnings,
        "made": dict(made),
    }


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """The file's text: sorted keys, no NaN or Infinity."""
    return json.dumps(manifest, indent=1, sort_keys=True, allow_nan=False) + "\n"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
