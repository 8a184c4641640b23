"""Of two eyes one counts; of media coordinates none is moved."""

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.trackers.dataset import import_tables
from benchmark_kit.trackers.eyes import of_one_eye
from benchmark_kit.trackers.placement import Placement
from tests.benchmark_kit.trackers.test_bids import Study, check

ROW = st.tuples(
    st.sampled_from(["ann", "ben"]), st.integers(0, 2), st.sampled_from(["L", "Right", "left", ""])
)


@given(st.lists(ROW, max_size=30))
def test_a_trial_keeps_all_fixations_of_one_eye(rows):
    kept = of_one_eye(rows)
    trials = {}
    for (subject, trial, eye), mine in zip(rows, kept, strict=True):
        trials.setdefault((subject, trial), {}).setdefault(eye.casefold(), set()).add(mine)
    for eyes in trials.values():
        assert sorted(map(sorted, eyes.values()))[-1:] == [[True]]
        assert sum(found == {True} for found in eyes.values()) == 1
        assert all(len(found) == 1 for found in eyes.values())


def test_the_eye_with_more_fixations_counts_the_right_one_of_equals():
    rows = [("ann", 1, "Left"), ("ann", 1, "Right"), ("ann", 2, "Left")]
    assert of_one_eye(rows) == [False, True, True]
    rows += [("ann", 1, "Left")]
    assert of_one_eye(rows) == [True, False, True, True]


def test_two_eyes_in_a_table(session, tmp_path):
    header = ("Participant", "Stimulus", "Trial", "Category", "Eye L/R", "Start [ms]")
    header += ("Fixation Position X [px]", "Fixation Position Y [px]")
    rows = []
    for name, subject, _, start, _, x, y in session.rows:
        row = (subject, f"{name}.png", name, "Visual Intake")
        rows += [(*row, "Left", start, x + 0.5, y), (*row, "Right", start, x, y)]
    table = session.write("events.txt", header, rows)
    made = import_tables([table], session.stimuli, tmp_path / "out")
    assert made.converted.left_out == {"of the other eye": 36}
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), places)


def test_media_coordinates_count_on_the_picture(session, tmp_path):
    header = (
        "Participant name",
        "Presented Media name",
        "Eye movement type",
        "Recording timestamp [ms]",
    )
    header += ("Fixation point X [MCS px]", "Fixation point Y [MCS px]")
    header += ("Fixation point X", "Fixation point Y")
    rows = [
        (s, f"{name}.png", "Fixation", start, x, y, *session.on_screen(name, x, y))
        for name, s, _, start, _, x, y in session.rows
    ]
    table = session.write("export.tsv", header, rows)
    screen = Placement(screen=(320, 240))
    with pytest.raises(ConfigError, match=r"MCS px\] counts on the picture.*leave out --screen"):
        import_tables([table], session.stimuli, tmp_path / "out", placement=screen)
    plain = import_tables([table], session.stimuli, tmp_path / "plain")
    columns = {"x": "Fixation point X", "y": "Fixation point Y"}
    moved = import_tables(
        [table], session.stimuli, tmp_path / "moved", columns=columns, placement=screen
    )
    for name, places in session.expected().items():
        for made in (plain, moved):
            found = made.truths[name].fixations
            np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), places, atol=1e-6)


def test_two_eyes_in_recordings_of_bids_and_a_pulse_beside_them(session, tmp_path):
    study = Study(session)
    for path in study.paths:
        for file in path.parent.glob("*recording-eye1*"):
            shutil.copy(file, file.with_name(file.name.replace("eye1", "eye2")))
        other = path.with_name(path.name.replace("eye1", "eye2").replace(".tsv.gz", ".json"))
        other.write_text('{"StartTime": 0, "RecordedEye": "right"}')
        pulse = path.with_name(path.name.replace("eye1", "pulse"))
        pulse.write_bytes(path.read_bytes())
        pulse.with_name(pulse.name.replace(".tsv.gz", ".json")).write_text(
            '{"PhysioType": "generic", "Columns": ["cardiac"]}'
        )
    paths = sorted(study.root.rglob("*_physio.tsv.gz"))
    assert len(paths) == 6
    made = import_tables(paths, session.stimuli, tmp_path / "out")
    check(made, session)
    assert made.converted.left_out["of the other eye"] == 36
    assert "not of eyes (PhysioType): sub-ann_task-view_recording-pulse" in str(made)
    pulses = [path for path in paths if "pulse" in path.name]
    with pytest.raises(InputError, match="no recording of eyes among"):
        import_tables(pulses, session.stimuli, tmp_path / "no")
