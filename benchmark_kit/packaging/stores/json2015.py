"""The zip of SALICON 2015: two JSON files of base64 PNGs, one of each split.

Each file is a list of `{"image_id": number, "saliency_map": base64 of a whole PNG}`. The number is
what follows the last underscore of the image's name.

When read, an entry's picture goes into one temporary file, from which workers take it by place, so
that memory stays flat; names are made from the split in the file's name and the entry's id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import numpy as np

from benchmark_kit.containers.tarred import MOST_TOTAL
from benchmark_kit.containers.zipped import PACKED, is_zip, new_zip, open_zip
from benchmark_kit.errors import Problem
from benchmark_kit.maps.sources import MapSource, MemberReference, is_junk
from benchmark_kit.packaging.checks.stimulus_facts import StimulusFacts
from benchmark_kit.packaging.stores._archive import text_member
from benchmark_kit.packaging.stores._png import gray_png
from benchmark_kit.packaging.stores.members import encode_exact
from benchmark_kit.packaging.stores.store import ONE_STEP, Encoded, Form, Opened, Reader, Store

MEMBER = re.compile(r"fixations_(val|test)2014_(.+)_results\.json")
GAP = re.compile(r"[ \t\r\n,]*")
DECODER = json.JSONDecoder()
PIECE = 2**16
LONGEST_ENTRY = 2**24  # characters: a PNG of 640x480 in base64 has under half a million
KINDS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg"}


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


def member_name(image: StimulusFacts, place: int, model: str) -> str:
    """Name of a split's JSON file: `fixations_val2014_<model>_results.json`."""
    return f"fixations_{image.split}2014_{model}_results.json"


class BrokenResults(ValueError):
    """A JSON file that is no list of entries."""


class PictureStore:
    """A temporary file that is removed with this object."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="salbench-")
        self.path = Path(folder, "pictures")
        self.remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)


class _Findings:
    """Defects of entries by what they are."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], list[str]] = {}

    def add(self, where: str, found: str, fix: str = "run the export again") -> None:
        self.places.setdefault((found, fix), []).append(where)

    def problems(self) -> list[Problem]:
        return [Problem("E503", tuple(w), f, fix=fix) for (f, fix), w in self.places.items()]


def open_json_results(path: Path, order: Sequence[str] = ()) -> Opened:
    """Index a result zip.

    Args:
        path: the zip.
        order: not needed: entries carry numbers.

    Returns:
        the maps, named as the images; E503 of what is wrong with files and entries (ids and
        pictures; missing ids show as missing maps); what keeps the temporary file alive.

    Raises:
        DamagedFile: a damaged zip.
    """
    findings = _Findings()
    kept = PictureStore()
    store = kept.path
    entries: dict[str, MemberReference] = {}
    ignored, seen = [], []
    with open_zip(path) as archive, open(store, "wb") as pictures:
        for info in archive.infolist():
            name = info.filename
            if info.is_dir() or is_junk(name):
                continue
            match = MEMBER.fullmatch(name)
            if match is None:
                ignored.append(name)
                if name.lower().endswith(".json"):
                    expected = "fixations_val2014_<model>_results.json, no folder"
                    findings.add(name, f"a JSON file of another name; expected {expected}")
                continue
            if info.flag_bits & 1:
                findings.add(name, "encrypted", "pack it without a password")
                continue
            if info.compress_type not in PACKED:
                findings.add(name, "packed by another packer than deflate", "pack it again")
                continue
            seen.append(match[1])
            try:
                with archive.open(info) as file:
                    _index(file, name, match[1], store, pictures, entries, findings)
            except (BrokenResults, UnicodeDecodeError) as error:
                findings.add(name, str(error))
            except Exception as error:  # zlib.error and its like have no common base
                findings.add(name, f"unreadable in the archive ({error})")
    for split in ("val", "test"):
        if seen.count(split) != 1:
            what = "missing" if split not in seen else "there more than once"
            findings.add(f"fixations_{split}2014_…_results.json", f"a result file is {what}")
    source = MapSource(
        "json2015",
        str(path),
        tuple((r.member, r) for _, r in sorted(entries.items())),
        tuple(ignored),
    )
    return Opened(source, tuple(findings.problems()), kept)


def _index(
    file: IO[bytes],
    member: str,
    split: str,
    store: Path,
    pictures: IO[bytes],
    entries: dict[str, MemberReference],
    findings: _Findings,
) -> None:
    for number, entry in enumerate(iterate_entries(file)):
        where = f"{member} entry {number}"
        if not isinstance(entry, dict) or not {"image_id", "saliency_map"} <= set(entry):
            findings.add(where, "an entry without image_id and saliency_map")
            continue
        image_id = entry["image_id"]
        if not isinstance(image_id, int) or isinstance(image_id, bool) or image_id < 0:
            findings.add(where, "an image_id that is no whole number")
            continue
        name = f"COCO_{split}2014_{image_id:012d}"
        if name in entries:
            findings.add(name, "an id that occurs more than once: only its first entry counts")
            continue
        data = _picture(entry["saliency_map"])
        kind = next((ext for magic, ext in KINDS.items() if data.startswith(magic)), None)
        if kind is None:
            findings.add(name, "a saliency_map that is no base64 of a PNG or JPEG file")
            continue
        place = (pictures.tell(), len(data))
        if sum(place) > MOST_TOTAL:
            raise BrokenResults("more than 4 GB of pictures")
        pictures.write(data)
        entries[name] = MemberReference(store, name + kind, place=place)


def _picture(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""


def iterate_entries(file: IO[bytes]) -> Iterator[Any]:
    """The elements of a JSON list of objects, each read when it is asked for.

    Raises:
        BrokenResults: no list of objects, or an object of absurd length.
    """
    import codecs

    decode = codecs.getincrementaldecoder("utf-8-sig")().decode
    text, enough, opened = "", 0, False
    for piece in iter(lambda: file.read(PIECE), b""):
        text += decode(piece)
        if not opened:
            text = text.lstrip()
            if text and text[0] != "[":
                raise BrokenResults("not a JSON list")
            opened, text = bool(text), text[1:]
        if len(text) >= enough:
            entries, text = _complete(text)
            yield from entries
            # an entry that does not end yet is tried again when the text has doubled
            enough = 2 * len(text)
        if len(text) > LONGEST_ENTRY:
            raise BrokenResults("not a JSON list of objects, or an entry of absurd length")
    entries, text = _complete(text)
    yield from entries
    if not opened or text.strip(" \t\r\n,") != "]":
        raise BrokenResults("a JSON list that does not end, or something that is no JSON")


def _complete(text: str) -> tuple[list[Any], str]:
    """The objects that end inside a text, and what is left of it."""
    entries, at = [], 0
    while text[(at := _gap(text, at)) : at + 1] == "{":
        try:
            entry, at = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        entries.append(entry)
    return entries, text[at:]


def _gap(text: str, at: int) -> int:
    match = GAP.match(text, at)
    return at if match is None else match.end()


def _holds_json(path: Path) -> bool:
    if not is_zip(path):
        return False
    with open_zip(path) as archive:
        return any(name.lower().endswith(".json") for name in archive.namelist())


STORES = (
    Store(
        name="json2015",
        dtype=np.uint8,
        extensions=(".zip",),
        encode=partial(encode_exact, gray_png),
        member=member_name,
        write=write_json2015,
        allowed=ONE_STEP,
        reader=Reader(
            Form("json2015", numbered=True),
            _holds_json,
            open_json_results,
            unlike="a zip without the two JSON files",
        ),
        place=lambda one: f"{one.name}.png",
        named_inside=True,
        file_name="results.zip",
    ),
)
