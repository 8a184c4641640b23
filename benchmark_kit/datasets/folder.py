"""A data set of one's own: pictures and a table of fixations (or binary maps) in one folder.

    stimuli/**            pictures; one level of sub-folders names their categories
    fixations.csv         image,x,y[,subject][,order][,duration]; `image` is the path below stimuli/
    or fixations.json     a list of objects with these keys
    or fixations/**       binary maps (.png, .npy, .mat) named like the pictures
    densities/**          optional density maps named like the pictures, preferred to computed ones
    dataset.toml          optional, see `_settings.py`

Coordinates are 0-based pixels and durations seconds unless `dataset.toml` says otherwise. A
"binary" map with more than two values or more than 20 % ones is refused as points. `.npy` files
are never unpickled. Pictures without fixations stay, with none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.files import files_below
from benchmark_kit.datasets.reading.ground_truth import every_picture
from benchmark_kit.datasets.reading.points import (
    MapSizeError,
    binary_map_points,
    keep_inside,
)
from benchmark_kit.datasets.reading.reader import (
    DatasetFacts,
    Defects,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.settings import Settings, read_settings
from benchmark_kit.datasets.reading.stimuli import MOST_PIXELS, Stimulus, picture_size, read_stimuli
from benchmark_kit.datasets.reading.table import Rows, Table, read_csv, read_json
from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.errors import InputError, Problem, name_some
from benchmark_kit.imaging import matlab

if TYPE_CHECKING:
    import numpy as np

    from benchmark_kit.types import Fixations, Truths

VERSION = 2
TABLES = {"fixations.csv": read_csv, "fixations.json": read_json}
MAP_EXTENSIONS = frozenset({".png", ".npy", ".mat"})
DENSITY_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".npy", ".mat"})

FACTS = DatasetFacts(
    name="folder",
    title="A folder of your own",
    images="any",
    sizes="any",
    subjects="any",
    viewing="any",
    dialect="tuebingen, or as dataset.toml says",
    tree=(
        "stimuli/[<category>/]<image>.jpg\n"
        "fixations.csv   (image,x,y[,subject][,order][,duration])\n"
        "  or fixations.json, or binary maps fixations/[<category>/]<image>.png\n"
        "densities/[<category>/]<image>.png   (optional)\n"
        "dataset.toml   (optional)"
    ),
    terms="yours",
    source="docs/datasets.md",
    parts=("stimuli", "fixations", *TABLES, "densities", "dataset.toml"),
)


def read(root: Path) -> Truths:
    """Ground truth of the folder.

    Raises:
        InputError: wrong tree, or a table, maps or settings with defects; all of them are listed.
    """
    from benchmark_kit.types import Truths

    source = _source(root)
    defects, dropped, notes = Defects(), Tally(), list[str]()
    settings = read_settings(root, defects)
    stimuli = read_stimuli(root / "stimuli", defects)
    if not stimuli and not defects:
        raise tree_error(FACTS, root, ["stimuli/**"])
    subjects: tuple[str, ...] = ()
    if source.is_dir():
        if settings.changes_table:
            defects.add("E704", "dataset.toml", "settings for a table, but fixations/ holds maps")
        found = _from_maps(source, stimuli, defects, notes)
    else:
        table = TABLES[source.name](source, defects)
        subjects = _subjects(table)
        found = _from_table(table, stimuli, settings, defects, dropped, notes)
    densities = _densities(root / "densities", stimuli, defects)
    defects.raise_if_any(f"The data set in {root}")
    if turned := _turned(stimuli):
        notes.append(
            f"pictures that EXIF turns: {len(turned)} ({name_some(turned)}); fixations and maps "
            "count on the grid as it is stored"
        )
    report_unmatched(
        notes,
        without_stimulus=(),
        without_fixations=[name for name in stimuli if name not in found or not len(found[name])],
    )
    return Truths(
        "folder",
        every_picture(stimuli, found, categories=True, density_file=densities.get),
        points="binary maps" if source.is_dir() else "fixations",
        dialect=settings.dialect,
        pixels_per_degree=settings.pixels_per_degree,
        density_source="shipped" if densities else "computed",
        dropped=dropped,
        notes=tuple(notes),
        subjects=subjects,
    )


def _subjects(table: Table) -> tuple[str, ...]:
    """Names of all observers of a table; their places are their numbers."""
    names = {subject for rows in table.images.values() for subject in rows.subject}
    return tuple(sorted(names))


def _turned(stimuli: dict[str, Stimulus]) -> list[str]:
    """Pictures that viewers show otherwise than they are stored, which no size may tell."""
    from benchmark_kit.imaging.images import image_orientation
    from benchmark_kit.imaging.orientation import UPRIGHT

    return [name for name, each in stimuli.items() if image_orientation(each.path) != UPRIGHT]


def _source(root: Path) -> Path:
    """The one table or folder of fixations."""
    if not (root / "stimuli").is_dir():
        raise tree_error(FACTS, root, ["stimuli"])
    names = [name for name in TABLES if (root / name).is_file()]
    if (root / "fixations").is_dir():
        names.append("fixations")
    if not names:
        maps = any((root / name).is_dir() for name in ("densities", "maps"))
        fix = "add one of these: density maps alone do not tell the fixations" if maps else ""
        raise tree_error(FACTS, root, [*TABLES, "fixations"], fix)
    if len(names) > 1:
        problem = Problem("E701", tuple(names), "fixations in several forms", "one of them")
        raise InputError(f"{FACTS.title}: which of these counts?", [problem])
    return root / names[0]


def _from_table(
    table: Table,
    stimuli: dict[str, Stimulus],
    settings: Settings,
    defects: Defects,
    dropped: Tally,
    notes: list[str],
) -> dict[str, Fixations]:
    has_subject = "subject" in table.columns
    for key, needed in (("subjects", settings.subjects), ("drop_first", settings.drop_first)):
        if needed and table.images and not has_subject:
            defects.add(
                "E704", "dataset.toml", f"{key} is set, but the table has no column 'subject'"
            )
    owners = {f"{stimulus.name}{stimulus.path.suffix}": stimulus for stimulus in stimuli.values()}
    strange = [image for image in table.images if image not in owners]
    for image in strange:
        if meant := _meant(image, owners):
            defects.add(
                "E704",
                f"{image!r} for {meant!r}",
                "images named otherwise than their stimuli",
                "the path below stimuli/ with its extension",
            )
    if table.images and len(strange) == len(table.images) and not defects:
        defects.add("E704", strange[0], f"none of the {len(strange)} images is in stimuli/")
    subjects = _subjects(table)
    if (
        settings.subjects
        and (absent := sorted(set(settings.subjects) - set(subjects)))
        and subjects
    ):
        defects.add("E704", ", ".join(absent), "observers of dataset.toml that the table has not")
    if defects:
        return {}
    numbers = {subject: number for number, subject in enumerate(subjects)}
    found = {
        owners[image].name: image_fixations(rows, owners[image].size, settings, numbers, dropped)
        for image, rows in table.images.items()
        if image in owners
    }
    notes.append(_arithmetic(settings))
    report_unmatched(notes, without_stimulus=strange, without_fixations=())
    return found


def _meant(image: str, owners: dict[str, Stimulus]) -> str | None:
    """The stimulus that an unknown name resembles: other case, extension, slash or folder."""
    plain = image.replace("\\", "/").lower()

    def stem(path: str) -> str:
        head, dot, extension = path.rpartition(".")
        return head if dot and "/" not in extension else path

    for alike in (str, stem, lambda path: path.rpartition("/")[2]):
        for path in owners:
            if alike(path.lower()) == alike(plain):
                return path
    return None


def image_fixations(
    rows: Rows,
    size: tuple[int, int],
    settings: Settings,
    numbers: dict[str, int],
    dropped: Tally,
) -> Fixations:
    """The fixations of an image's rows, as the settings say.

    Args:
        rows: of the image.
        size: (height, width) of the picture.
        settings: those of `dataset.toml`.
        numbers: of all observers of the table by their names.
        dropped: gets what is left out.
    """
    import numpy as np

    dropped.may_differ = not settings.stated
    dropped.per_degree = settings.pixels_per_degree
    raw = np.array(rows.x, dtype=np.float64), np.array(rows.y, dtype=np.float64)
    x, y = settings.pixels(*raw, size)
    subject = np.array([numbers[name] for name in rows.subject], dtype=np.int32)
    order = np.array(rows.order, dtype=np.int32)
    duration = np.array(rows.duration)
    kept = np.ones(len(x), dtype=bool)
    if settings.subjects is not None:
        kept = np.isin(subject, [numbers[name] for name in settings.subjects if name in numbers])
        dropped["other observer"] += int((~kept).sum())
    if settings.drop_first:
        for observer in np.unique(subject):
            mine = np.flatnonzero((subject == observer) & kept)
            if len(mine):
                kept[mine[np.argmin(order[mine])] if rows.order else mine[0]] = False
                dropped["first fixation"] += 1
    return keep_inside(
        x[kept],
        y[kept],
        size,
        dropped,
        subject=subject[kept] if rows.subject else None,
        duration=duration[kept] if rows.duration else None,
        order=order[kept] if rows.order else None,
        raw=(raw[0][kept], raw[1][kept]),
    )


def _arithmetic(settings: Settings) -> str:
    parts = []
    if settings.units == "pixels":
        parts.append(f"index base {settings.index_base}")
    else:
        parts.append(f"units {settings.units}")
    if settings.swap_xy:
        parts.append("x and y swapped")
    if settings.offset != (0.0, 0.0):
        parts.append(f"offset {settings.offset[0]:g}, {settings.offset[1]:g}")
    if settings.scale != (1.0, 1.0):
        x, y = settings.scale
        parts.append(f"scale {x:g}" if x == y else f"scale {x:g}, {y:g}")
    if settings.screen is not None:
        parts.append(f"screen {settings.screen[0]:g}x{settings.screen[1]:g}")
    if settings.drop_first:
        parts.append("first fixation of every observer dropped")
    if settings.subjects:
        parts.append(f"observers {', '.join(settings.subjects)}")
    return "; ".join(parts)


def _by_name(folder: Path, extensions: frozenset[str], defects: Defects) -> dict[str, Path]:
    """Files of some kinds by their path below the folder without extension."""
    found: dict[str, Path] = {}
    for relative, entry in files_below(folder):
        stem, dot, extension = relative.rpartition(".")
        if f"{dot}{extension.lower()}" not in extensions:
            continue
        if stem in found:
            defects.add("E104", f"{folder.name}/{stem}", "two files of one name")
        found[stem] = Path(entry.path)
    return found


def _from_maps(
    folder: Path, stimuli: dict[str, Stimulus], defects: Defects, notes: list[str]
) -> dict[str, Fixations]:
    from benchmark_kit.containers.damage import DamagedFile
    from benchmark_kit.imaging.images import DecodeError

    files = _by_name(folder, MAP_EXTENSIONS, defects)
    if not files:
        defects.add("E701", "fixations/", "no binary map in it", "files .png, .npy or .mat")
    elif not set(files) & set(stimuli):
        first = next(iter(files))
        defects.add(
            "E703", f"fixations/{first}", f"none of the {len(files)} maps belongs to a stimulus"
        )
    found = {}
    for name, path in files.items():
        if name not in stimuli:
            continue
        try:
            found[name] = binary_map_points(_read_map(path), stimuli[name].size)
        except MapSizeError as error:
            defects.add("E703", path.name, str(error))
        except (matlab.MatFileError, DecodeError, DamagedFile) as error:
            defects.add("E702", path.name, f"a map that cannot be read: {error}")
        except ValueError as error:
            defects.add("E705", path.name, str(error))
    notes.append("binary maps: no observers, repeated fixations collapsed")
    report_unmatched(
        notes,
        without_stimulus=[name for name in files if name not in stimuli],
        without_fixations=(),
    )
    return found


def _read_map(path: Path) -> np.ndarray:
    """A stored map as an array of two axes."""
    from benchmark_kit.containers.npy import open_npy
    from benchmark_kit.imaging.images import read_map

    kind = path.suffix.lower()
    if kind == ".npy":
        values = open_npy(path)
    elif kind == ".mat":
        arrays = [
            value
            for value in matlab.load_mat(path).values()
            if hasattr(value, "toarray")
            or getattr(getattr(value, "dtype", None), "kind", "") in "biuf"
        ]
        if len(arrays) != 1:
            raise matlab.MatFileError(f"{len(arrays)} numeric variables instead of one")
        values = matlab.stored_numbers(arrays[0])
    else:
        values = read_map(path, most_pixels=MOST_PIXELS, two_levels=True)
    if values.dtype.kind not in "biuf":
        raise ValueError(f"values of type {values.dtype} instead of numbers")
    return values


def _densities(folder: Path, stimuli: dict[str, Stimulus], defects: Defects) -> dict[str, Path]:
    """Shipped densities by name: all or none."""
    from benchmark_kit.imaging.images import DecodeError, inspect_map

    if not folder.is_dir():
        return {}
    files = _by_name(folder, DENSITY_EXTENSIONS, defects)
    for name, stimulus in stimuli.items():
        if name not in files:
            fix = "complete densities/, or move it away to have densities computed"
            defects.add("E702", name, "no density in densities/", fix=fix)
            continue
        path = files[name]
        try:
            if path.suffix.lower() == ".npy":
                size = inspect_map(path).size
            elif path.suffix.lower() == ".mat":
                size = _read_map(path).shape
            else:
                size = picture_size(path)
        except DecodeError as error:
            defects.add("E301", path.name, f"a density that cannot be used: {error.found}")
            continue
        except ValueError as error:
            defects.add("E301", path.name, f"a density that cannot be used: {error}")
            continue
        if size != stimulus.size:
            defects.add("E703", path.name, "a density of another size than its stimulus")
    return {name: path for name, path in files.items() if name in stimuli}
