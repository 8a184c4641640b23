"""The zip of SALICON 2015: two JSON files of base64 PNGs, one of each split.

Each file is a list of `{"image_id": number, "saliency_map": base64 of a whole PNG}`. The number is
what follows the last underscore of the image's name.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from benchmark_kit.containers.zipped import new_zip
from benchmark_kit.packaging.stores.archive import text_member
from benchmark_kit.packaging.stores.encode import Encoded


def write_json2015(path: Path, maps: Iterable[Encoded]) -> dict[str, str]:
    """Write the maps, one JSON file for each member that they name.

    Args:
        path: zip to write; one that is there is replaced.
        maps: encoded for store `"json2015"`; those of one member come one after another.

    Returns:
        member -> SHA-256 of its bytes.

    Raises:
        OSError: the file cannot be written.
        ValueError: a name without a number at its end.
    """
    digests = {}
    with new_zip(path) as archive:
        for member, group in groupby(maps, key=lambda one: one.member):
            digest = hashlib.sha256()
            with text_member(archive, member) as file:
                for k, one in enumerate(group):
                    piece = (b",\n" if k else b"[") + _entry(one)
                    file.write(piece)
                    digest.update(piece)
                file.write(b"]\n")
                digest.update(b"]\n")
            digests[member] = digest.hexdigest()
    return digests


def member_name(split: str, model: str) -> str:
    """Name of a split's JSON file: `fixations_val2014_<model>_results.json`."""
    return f"fixations_{split}2014_{model}_results.json"


def image_id(name: str) -> int:
    """`COCO_val2014_000000000133` -> 133.

    Raises:
        ValueError: no number after the last underscore.
    """
    found = re.fullmatch(r"(?:.*_)?(\d+)", name)
    if found is None:
        raise ValueError(f"{name!r} does not end in an underscore and the image's number")
    return int(found.group(1))


def _entry(one: Encoded) -> bytes:
    picture = base64.b64encode(one.data).decode("ascii")
    return json.dumps({"image_id": image_id(one.name), "saliency_map": picture}).encode("ascii")
