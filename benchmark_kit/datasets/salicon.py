"""SALICON: mouse-contingent viewing of MS COCO pictures (Jiang et al., CVPR 2015), two editions.

The editions share pictures and recordings and differ in everything scored: 2015 keeps all mouse
samples (thousands a picture), 2017 detected fixation-like points in them. Their scores are never
comparable, so the edition has no default.

Rules
    - Columns of the `.mat` files are x, y; the JSON form of 2015 holds [row, column]; both 1-based.
    - `resolution` is (rows, columns): [480 640].
    - A worker's field is found by its name, never by its place in the struct.
    - A worker without points (0 x 0) is skipped; one with a single point is a 1 x 2 array.
    - Each worker of each picture is a new subject: a running number within the picture.
    - Raw positions (`location`) run outside the picture. Those of 2017 are clipped to
      [0, size - 0.01], those of 2015 are dropped and counted.
    - Pictures are matched by the whole stem, which carries the split, never by the number alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json
from benchmark_kit.datasets.reading.points import no_fixations, scanpaths
from benchmark_kit.datasets.reading.reader import (
    DatasetFacts,
    Defects,
    Option,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.stimuli import (
    Stimulus,
    check_recorded,
    picture_size,
    read_stimuli,
)
from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.imaging import matlab

if TYPE_CHECKING:
    import numpy as np

    from benchmark_kit.types import Fixations, Truths

VERSION = 2
SIGMA_PX = 19.0  # the authors' buildFixMap
CLIP_MARGIN = 0.01
MOUSE_LIKE = 1500  # points a picture above which "fixations" are mouse samples (our choice)
FILES_LOOKED_AT = 20

FACTS = DatasetFacts(
    name="salicon",
    title="SALICON",
    images="10,000 train, 5,000 val, 5,000 test",
    sizes="640x480",
    subjects="about 60 workers an image (mouse)",
    viewing="5 s",
    dialect="salicon2015 or salicon2017, by edition",
    tree=(
        "images/{train,val,test}/COCO_<split>2014_<12 digits>.jpg\n"
        "fixations/{train,val}/COCO_<split>2014_<12 digits>.mat\n"
        "maps/{train,val}/COCO_<split>2014_<12 digits>.png\n"
        "annotations/fixations_<split>2014*.json   (2015, instead of fixations/)"
    ),
    terms="annotations CC BY 4.0; images under their owners' Flickr terms",
    source="Jiang, Huang, Duan, Zhao: SALICON: Saliency in Context, CVPR 2015",
    parts=("images", "fixations", "maps", "annotations"),
    options=(
        Option(
            "edition",
            ("2015", "2017"),
            "2015 for mouse samples as the first challenge scored them, "
            "2017 for the re-detected fixations and maps of the LSUN'17 challenge",
            required=True,
        ),
        Option(
            "points",
            ("fixations", "mouse"),
            "detected fixations, or all mouse samples; default fixations for 2017, mouse for 2015",
        ),
        Option(
            "split", ("train", "val", "test"), "which part; test has pictures only", default="val"
        ),
    ),
    sigma_px=SIGMA_PX,
)


def read(root: Path, *, edition: str, points: str | None = None, split: str = "val") -> Truths:
    """Ground truth of one split of one edition.

    Raises:
        ConfigError: fixations asked of the JSON form, which holds mouse samples only.
        InputError: wrong tree, unreadable files, or files of the other edition.
    """
    from benchmark_kit.types import GroundTruth, Truths

    points = points or {"2015": "mouse", "2017": "fixations"}[edition]
    defects, dropped, notes = Defects(), Tally(), [f"edition {edition}, points: {points}"]
    stimuli = _stimuli(root, split, defects)
    truths: dict[str, Fixations] = {}
    maps: dict[str, Path] = {}
    if split != "test":
        raw = _raw_points(root, edition, points, split, stimuli, defects, notes)
        defects.raise_if_any(f"{FACTS.title} {edition} {split}")
        clip = edition == "2017" and points == "mouse"
        for name, paths in raw.items():
            size = stimuli[name].size
            truths[name] = scanpaths(
                _clipped(paths, size, dropped) if clip else paths, size, dropped
            )
        if clip and (count := dropped.pop("clipped", 0)):
            notes.append(
                f"{count} points outside the image were moved to its border (rule of 2017)"
            )
        maps = _maps(root, split, stimuli, edition, defects, notes)
        report_unmatched(
            notes,
            without_stimulus=(),
            without_fixations=[name for name in stimuli if name not in truths],
        )
    defects.raise_if_any(f"{FACTS.title} {edition} {split}")
    if split != "test":
        truths = {name: no_fixations(stimuli[name].size) for name in stimuli} | truths
    images = tuple(
        GroundTruth(
            name,
            stimulus.size,
            truths.get(name),
            stimulus=stimulus.path,
            density_file=maps.get(name),
        )
        for name, stimulus in stimuli.items()
    )
    return Truths(
        "salicon",
        images,
        edition=edition,
        split=split,
        points=points,
        dialect=f"salicon{edition}",
        sigma_px=SIGMA_PX,
        density_source="shipped" if edition == "2017" and maps else "computed",
        dropped=dropped,
        notes=tuple(notes),
    )


def _stimuli(root: Path, split: str, defects: Defects) -> dict[str, Stimulus]:
    """Pictures of the split wherever below images/ they lie, by stem."""
    folder = root / "images"
    if not folder.is_dir():
        raise tree_error(FACTS, root, [f"images/{split}"])
    prefix = f"COCO_{split}2014_"
    found = read_stimuli(
        folder, defects, natural=False, wanted=lambda path: path.split("/")[-1].startswith(prefix)
    )
    if not found and not defects:
        raise tree_error(FACTS, root, [f"images/{split}/{prefix}*.jpg"])
    stimuli: dict[str, Stimulus] = {}
    for stimulus in sorted(found.values(), key=lambda stimulus: stimulus.path.name):
        stem = stimulus.path.stem
        if stem in stimuli:
            defects.add("E104", stem, "a picture that lies in two folders")
        stimuli[stem] = Stimulus(stem, stimulus.path, stimulus.size)
    return stimuli


def _raw_points(
    root: Path,
    edition: str,
    points: str,
    split: str,
    stimuli: dict[str, Stimulus],
    defects: Defects,
    notes: list[str],
) -> dict[str, list[tuple[int, np.ndarray]]]:
    """0-based (subject, x y table) of every picture that has a stimulus."""
    folder = root / "fixations" / split
    files = {
        path.stem: path for path in sorted(folder.glob("*.mat")) if not path.name.startswith("._")
    }
    tables = sorted((root / "annotations").glob(f"fixations_{split}2014*.json"))
    if not files:
        if folder.is_dir() and any(folder.glob("*.png")):
            raise tree_error(
                FACTS,
                root,
                [f"fixations/{split}/*.mat"],
                "put the .mat files of the fixations there, from an archive of their own; the "
                "pictures in it are density maps, which belong in maps/",
            )
        if not tables:
            raise tree_error(
                FACTS,
                root,
                [f"fixations/{split}/*.mat", f"annotations/fixations_{split}2014*.json"],
            )
        if edition != "2015" or points != "mouse":
            raise ConfigError(
                f"{tables[0]} is SALICON 2015's JSON form, which holds mouse samples only; asked "
                f"for were the {points} of {edition}. Fix: edition='2015', points='mouse', or give "
                f"the .mat files in {folder}"
            )
        entries = _from_json(tables, stimuli, defects)
    else:
        field = "fixations" if points == "fixations" else "location"
        if edition == "2017" and points == "fixations":
            _refuse_mouse_samples(files, stimuli)
        entries = _from_mat(files, field, stimuli, defects)
    found: dict[str, list[tuple[int, np.ndarray]]] = {}
    for name, paths in entries:
        found.setdefault(name, []).extend(paths)
    report_unmatched(
        notes,
        without_stimulus=[name for name in found if name not in stimuli],
        without_fixations=(),
    )
    kept = {name: paths for name, paths in found.items() if name in stimuli}
    if not kept and not defects:
        defects.add("E703", str(folder), "no ground truth belongs to any picture of images/")
    return kept


def _workers(gaze: Any, field: str) -> list[np.ndarray]:
    """1-based x y tables of the workers of one picture, without those who have no point."""
    tables = [matlab.points(matlab.field(worker, field))[:, :2] for worker in matlab.items(gaze)]
    return [table for table in tables if len(table)]


def _from_mat(
    files: dict[str, Path], field: str, stimuli: dict[str, Stimulus], defects: Defects
) -> Iterator[tuple[str, list[tuple[int, np.ndarray]]]]:
    for stem, path in files.items():
        if stem not in stimuli:
            yield stem, []
            continue
        try:
            content = matlab.load_mat(path)
            missing = {"image", "resolution", "gaze"} - set(content)
            if missing:
                raise matlab.MatFileError(f"no variable {sorted(missing)[0]!r} in it")
            image = matlab.text(content["image"])
            rows, columns = matlab.numbers(content["resolution"]).reshape(-1)[:2].astype(int)
            tables = _workers(content["gaze"], field)
        except ValueError as error:
            defects.add("E702", path.name, f"a .mat file that cannot be used: {error}")
            continue
        if image != stem:
            defects.add("E703", path.name, "its variable 'image' names another picture", stem)
        check_recorded(stimuli[stem], (rows, columns), defects, path.name)
        yield stem, [(worker, table - 1) for worker, table in enumerate(tables)]


def _from_json(
    tables: list[Path], stimuli: dict[str, Stimulus], defects: Defects
) -> Iterator[tuple[str, list[tuple[int, np.ndarray]]]]:
    import numpy as np

    listed: dict[str, Path] = {}
    for table in tables:
        try:
            content = read_json(table)
            names = {image["id"]: Path(image["file_name"]).stem for image in content["images"]}
            sizes = {
                image["id"]: (int(image["height"]), int(image["width"]))
                for image in content["images"]
            }
            annotations = list(content["annotations"])
        except DamagedFile as error:
            defects.add("E702", table.name, error.reason)
            continue
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            found = f"not SALICON's JSON form ({type(error).__name__}: {error})"
            defects.add("E702", table.name, found)
            continue
        for key, name in names.items():
            if name in stimuli:
                check_recorded(stimuli[name], sizes[key], defects, name)
            if listed.setdefault(name, table) is not table:
                defects.add("E104", name, f"listed in {listed[name].name} and {table.name}")
        workers = Counter[Any]()
        for number, annotation in enumerate(annotations):
            try:
                name = names[annotation["image_id"]]
                rows = np.array(annotation["fixations"], dtype=np.float64)
                rows = rows.reshape(-1, 2) if rows.size == 0 else rows
                if rows.ndim != 2 or rows.shape[1] != 2:
                    raise ValueError("fixations are no list of [row, column]")
            except (ValueError, KeyError, TypeError, OverflowError) as error:
                place = f"{table.name}, annotations[{number}]"
                defects.add("E702", place, f"an annotation that cannot be used: {error}")
                continue
            if len(rows):
                yield name, [(workers[name], rows[:, ::-1] - 1)]
                workers[name] += 1


def _clipped(
    paths: list[tuple[int, np.ndarray]], size: tuple[int, int], counted: Tally
) -> list[tuple[int, np.ndarray]]:
    import numpy as np

    high = np.array([size[1], size[0]]) - CLIP_MARGIN
    moved = [(subject, np.clip(table, 0, high)) for subject, table in paths]
    for (_, before), (_, after) in zip(paths, moved, strict=True):
        counted["clipped"] += int(((before != after) & np.isfinite(before)).any(axis=1).sum())
    return moved


def _refuse_mouse_samples(files: dict[str, Path], stimuli: dict[str, Stimulus]) -> None:
    """Tell the files of 2015 by their number of points.

    Raises:
        InputError: the median over some files is that of mouse samples.
    """
    import numpy as np

    stems = [stem for stem in files if stem in stimuli]
    step = max(1, len(stems) // FILES_LOOKED_AT)
    counts = []
    for stem in stems[::step][:FILES_LOOKED_AT]:
        try:
            gaze = matlab.load_variable(files[stem], "gaze")
            counts.append(sum(map(len, _workers(gaze, "fixations"))))
        except ValueError:
            continue  # reported with all others when every file is read
    if counts and (median := float(np.median(counts))) > MOUSE_LIKE:
        raise InputError(
            "SALICON: these fixations are not those of the edition 2017.",
            [
                Problem(
                    "E706",
                    (),
                    f"a median of {median:.0f} points an image over {len(counts)} files, as the "
                    "mouse samples of 2015 have",
                    f"at most {MOUSE_LIKE}",
                    "--edition 2015, or the fixations of the LSUN'17 challenge",
                )
            ],
        )


def _maps(
    root: Path,
    split: str,
    stimuli: dict[str, Stimulus],
    edition: str,
    defects: Defects,
    notes: list[str],
) -> dict[str, Path]:
    """Shipped density maps by name; for 2017 all or none."""
    folder = root / "maps" / split
    maps = {path.stem: path for path in folder.glob("*.png") if path.stem in stimuli}
    if edition != "2017":
        return maps
    if not maps:
        notes.append(f"no maps/{split}: densities are computed, sigma {SIGMA_PX:g} px")
        return maps
    for name, stimulus in stimuli.items():
        if name not in maps:
            fix = f"complete maps/{split}, or move it away to have densities computed"
            defects.add("E702", name, "no density map in maps/", fix=fix)
            continue
        try:
            if picture_size(maps[name]) != stimulus.size:
                defects.add("E703", name, "a density map of another size than its picture")
        except ValueError as error:
            defects.add("E301", maps[name].name, f"a density map that cannot be used: {error}")
    return maps
