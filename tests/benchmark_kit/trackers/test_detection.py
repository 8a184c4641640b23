"""Samples become fixations by pymovements: places and times of a made recording come back."""

import sys

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError, MissingExtra
from benchmark_kit.trackers.dataset import import_tables
from benchmark_kit.trackers.detection import Detection
from benchmark_kit.trackers.placement import Placement

PLACEMENT = Placement(screen=(320, 240), screen_cm=(40, 30), distance=60)
STEP, EACH = 4, 50  # ms of a sample; samples of a fixation


@pytest.fixture
def pymovements():
    return pytest.importorskip("pymovements", reason="needs the extra gaze (pymovements)")


def places_of(session, name, subject):
    """Six places far from each other on a picture."""
    height, width = session.sizes[name]
    rng = np.random.default_rng(len(name) + ord(subject[0]))
    corners = [(0.2, 0.2), (0.8, 0.7), (0.2, 0.8), (0.8, 0.2), (0.5, 0.5), (0.15, 0.5)]
    return np.array(corners) * (width, height) + rng.uniform(-2, 2, (6, 2))


def samples(session, name, subject):
    """(ms, x, y on the screen) of a viewing: noisy rests, jumps between, two lost samples."""
    rng = np.random.default_rng(0)
    rows = []
    for k, place in enumerate(places_of(session, name, subject)):
        for j in range(EACH):
            x, y = session.on_screen(name, *(place + rng.normal(0, 0.05, 2)))
            lost = j in (20, 21) and k == 3
            rows.append((STEP * (EACH * k + j), *(("NA", "NA") if lost else (x, y))))
    return rows


def table(session):
    header = ("image", "who", "ms", "gx", "gy")
    rows = [
        (name, subject, time, x, y)
        for subject in ("ann", "ben")
        for name in session.sizes
        for time, x, y in samples(session, name, subject)
    ]
    return session.write("samples.csv", header, rows, separator=",")


COLUMNS = {"image": "image", "subject": "who", "start": "ms", "x": "gx", "y": "gy"}
OPTIONS = {"form": "columns", "columns": COLUMNS, "duration_unit": "ms", "placement": PLACEMENT}


@pytest.mark.parametrize("method", ["ivt", "idt"])
def test_fixations_of_a_table_come_back(pymovements, session, tmp_path, method):
    made = import_tables(
        *([table(session)], session.stimuli, tmp_path / "out"),
        detection=Detection(method),
        **OPTIONS,
    )
    assert f"fixations by pymovements, {method}" in str(made)
    for name in session.sizes:
        found = made.truths[name].fixations
        for number, subject in enumerate(("ann", "ben")):
            mine = found.select(found.subject == number)
            places = np.stack([mine.x, mine.y], axis=1)
            for k, place in enumerate(places_of(session, name, subject)):
                near = np.hypot(*(places - place).T) < 1.5
                assert near.sum() == (2 if k == 3 else 1), "what is lost parts a fixation"
            assert len(mine) == 7
            assert np.all(np.abs(mine.duration.sum() - 6 * EACH * STEP / 1000) < 0.15)


def asc(session, *, eyes=1):
    lines = ["MSG\t0 DISPLAY_COORDS 0 0 319 239"]
    for k, name in enumerate(session.sizes):
        start = 10_000 * (k + 1)
        lines += [f"MSG\t{start} TRIALID {k}", f"START\t{start}\tLEFT\tRIGHT\tSAMPLES"]
        sides = "LEFT\tRIGHT" if eyes == 2 else "RIGHT"
        lines.append(f"SAMPLES\tGAZE\t{sides}\tRATE\t250.00\tTRACKING\tCR")
        for time, x, y in samples(session, name, "ann"):
            cells = ".\t.\t0" if x == "NA" else f"{x:.2f}\t{y:.2f}\t700"
            other = ".\t.\t0\t" if eyes == 2 else ""
            lines.append(f"{start + time}\t{other}{cells}\t...")
        lines += [f"END\t{start + 2000}\tSAMPLES", f"MSG\t{start} !V TRIAL_VAR image {name}.png"]
    path = session.root / "ann.asc"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("eyes", [1, 2])
def test_fixations_of_an_asc_file_without_events(pymovements, session, tmp_path, eyes):
    made = import_tables(
        *([asc(session, eyes=eyes)], session.stimuli, tmp_path / "out"),
        placement=Placement(screen_cm=(40, 30), distance=60),
        detection=Detection(),
    )
    assert made.truths.points_kept == 3 * 7
    found = made.truths["beach"].fixations
    near = np.hypot(found.x[0] - places_of(session, "beach", "ann")[0, 0], 0)
    assert near < 1


def test_without_the_library_its_extra_is_named(session, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymovements", None)
    with pytest.raises(MissingExtra, match=r"keras-saliency\[gaze\]"):
        import_tables(
            *([table(session)], session.stimuli, tmp_path / "out"),
            detection=Detection(),
            **OPTIONS,
        )
    assert not (tmp_path / "out").exists()


def test_samples_of_an_asc_file_are_not_taken_for_fixations(session, tmp_path):
    with pytest.raises(InputError, match="detect fixations in its samples: --detect ivt"):
        import_tables([asc(session)], session.stimuli, tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"placement": Placement(screen=(320, 240))}, ConfigError, "--screen-cm WIDTHxHEIGHT"),
        ({"columns": {"x": "gx", "y": "gy"}}, ConfigError, "no column for start"),
        ({"columns": {**COLUMNS, "x": "image"}}, InputError, "line 2: time or place is no number"),
    ],
)
def test_what_a_detection_needs_is_named(session, tmp_path, change, error, said):
    with pytest.raises(error, match=said):
        import_tables(
            *([table(session)], session.stimuli, tmp_path / "out"),
            detection=Detection(),
            **{**OPTIONS, **change},
        )
    assert not (tmp_path / "out").exists()


def test_times_that_do_not_rise_are_told(session, tmp_path):
    rows = [("beach", 10, 1.0, 1.0), ("beach", 10, 1.0, 1.0), ("beach", 14, 1.0, 1.0)]
    path = session.write("t.csv", ("image", "start", "x", "y"), rows, separator=",")
    with pytest.raises(InputError, match="line 3: times of samples must rise"):
        import_tables(
            *([path], session.stimuli, tmp_path / "out"),
            form="columns",
            placement=PLACEMENT,
            detection=Detection(),
        )


@pytest.mark.parametrize("given", [{"method": "ml"}, {"velocity": 0.0}, {"shortest": -1}])
def test_what_cannot_be_detected_by_is_refused(given):
    with pytest.raises(ConfigError):
        Detection(**given)
