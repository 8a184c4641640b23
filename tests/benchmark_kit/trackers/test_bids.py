"""Eye tracking in BIDS: the device's fixations at the mean of their samples, on what was shown."""

import gzip
import json

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.trackers.dataset import import_tables
from benchmark_kit.trackers.detection import Detection
from benchmark_kit.trackers.placement import Placement

STEP = 4  # ms of a sample


class Study:
    """A session as a BIDS tree, a subject a recording.

    Args:
        session: what people looked at.
        source: `OnsetSource` of events, or None.
        device: `OnsetSource` of the device's own events.
        unit: of their durations; None: not stated, and that of the clock.
        began: seconds of the acquisition before the first sample.
    """

    def __init__(self, session, source=None, device="timestamp", unit="s", began=0):
        self.root, self.source, self.began = session.root / "bids", source, began
        self.device, self.unit = device, unit
        self.paths = [self.recording(session, subject) for subject in ("ann", "ben")]
        column = {"Units": "pixel"}
        self.json("task-view_physio.json", {
            "PhysioType": "eyetrack", "SamplingFrequency": 1000 / STEP,
            "Columns": ["timestamp", "x_coordinate", "y_coordinate", "pupil_size"],
            "timestamp": {"Units": "ms"}, "x_coordinate": column, "y_coordinate": column,
        })  # fmt: skip
        columns = ["onset", "duration", "trial_type", "message"]
        duration = {"duration": {"Units": unit}} if unit else {}
        device_events = {"Columns": columns, "OnsetSource": device, **duration}
        self.json("task-view_physioevents.json", device_events)
        events = {"StimulusPresentation": {"ScreenResolution": [320, 240]}}
        self.json("task-view_events.json", events | ({"OnsetSource": source} if source else {}))
        self.json("dataset_description.json", {"Name": "made", "BIDSVersion": "1.10.0"})

    def json(self, name, content):
        (self.root / name).write_text(json.dumps(content), encoding="utf-8")

    def write(self, path, rows):
        text = "\n".join("\t".join(map(str, row)) for row in rows) + "\n"
        if path.suffix == ".gz":
            path.write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text, encoding="utf-8")

    def recording(self, session, subject):
        folder = self.root / f"sub-{subject}" / "beh"
        folder.mkdir(parents=True)
        samples, events, shown = [], [], [("onset", "duration", "stim_file")]
        clock = begin = 50_000
        for name in session.sizes:
            onset = clock / 1000 if self.source else (clock - begin) / 1000 + self.began
            shown.append((onset, 2.5, f"pictures/{name}.png"))
            for name_of, who, _, start, _, x, y in session.rows:
                if (name_of, who) != (name, subject):
                    continue
                x, y = session.on_screen(name, x, y)
                for k in range(50):
                    noise = 0.1 * (-1) ** k
                    samples.append((clock + start + STEP * k, x + noise, y - noise, 900))
                lasts = STEP * 49 / (1000 if self.unit == "s" else 1)
                at = (clock + start - begin) / STEP if self.device == "n/a" else clock + start
                events.append((at, lasts, "fixation", "n/a"))
                events.append((at + 50, 0.02, "saccade", "n/a"))
            clock += 3000
        known = {row[0]: row for row in samples}
        samples = [known.get(t, (t, "n/a", "n/a", "n/a")) for t in range(begin, clock, STEP)]
        stem = f"sub-{subject}_task-view"
        self.write(folder / f"{stem}_recording-eye1_physio.tsv.gz", samples)
        self.write(folder / f"{stem}_recording-eye1_physioevents.tsv.gz", events)
        self.write(folder / f"{stem}_events.tsv", shown)
        (folder / f"{stem}_recording-eye1_physio.json").write_text(
            json.dumps({"StartTime": self.began, "RecordedEye": "left"})
        )
        return folder / f"{stem}_recording-eye1_physio.tsv.gz"


def check(made, session, atol=1e-6):
    assert made.truths.subjects == ("ann", "ben")
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), places, atol=atol)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"source": "timestamp"},
        {"began": 7.5},
        {"unit": "ms"},
        {"unit": None},
        {"device": "n/a"},
    ],
)
def test_the_devices_own_fixations(session, tmp_path, form):
    study = Study(session, **form)
    made = import_tables(study.paths, session.stimuli, tmp_path / "out")
    assert made.preset.name == "bids"
    check(made, session)
    np.testing.assert_allclose(made.truths["beach"].fixations.duration, STEP * 49 / 1000)


def test_fixations_are_detected_where_the_device_tells_none(session, tmp_path):
    pytest.importorskip("pymovements", reason="needs the extra gaze (pymovements)")
    study = Study(session)
    for path in study.paths:
        path.with_name(path.name.replace("_physio.", "_physioevents.")).unlink()
    with pytest.raises(InputError, match="--detect ivt"):
        import_tables(study.paths, session.stimuli, tmp_path / "out")
    made = import_tables(
        *(study.paths, session.stimuli, tmp_path / "out"),
        detection=Detection("idt"),
        placement=Placement(screen_cm=(40, 30), distance=60),
    )
    assert made.truths.points_kept == 36
    check(made, session, atol=0.2)


def test_what_was_shown_is_told_by_another_column(session, tmp_path):
    study = Study(session)
    for path in study.paths:
        table = path.with_name(path.name.replace("_recording-eye1_physio.tsv.gz", "_events.tsv"))
        table.write_text(table.read_text().replace("stim_file", "picture"))
    with pytest.raises(InputError, match="--map image=COLUMN"):
        import_tables(study.paths, session.stimuli, tmp_path / "out")
    columns = {"image": "picture"}
    check(import_tables(study.paths, session.stimuli, tmp_path / "out", columns=columns), session)
    with pytest.raises(ConfigError, match="BIDS names its columns"):
        import_tables(study.paths, session.stimuli, tmp_path / "no", columns={"x": "x"})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda s: (s.root / "task-view_physio.json").unlink(), "no JSON file tells its Columns"),
        (lambda s: s.json("task-view_physio.json", []), "no JSON file tells its Columns"),
        (lambda s: s.json("task-view_physio.json", {"Columns": ["timestamp", "x_coordinate",
         "y", "p"]}), "no column y_coordinate"),
        (lambda s: s.json("task-view_physio.json", {"Columns": ["timestamp", "x_coordinate",
         "y_coordinate", "p"]}), "the unit of timestamp is not stated"),
        (lambda s: s.json("task-view_physio.json", {"Columns": ["timestamp"]}), "4 cells"),
        (lambda s: s.paths[0].write_bytes(b"\x1f\x8b damaged"), "not a readable gzip file"),
        (lambda s: next(s.root.rglob("*_events.tsv")).unlink(), "is missing: it tells which"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(session, tmp_path, spoil, said):
    study = Study(session)
    spoil(study)
    with pytest.raises(InputError, match=said):
        import_tables(study.paths, session.stimuli, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_unpacks_to_too_much_is_refused(session, tmp_path):
    study = Study(session)
    study.paths[0].write_bytes(gzip.compress(b"0\t" * 2**27))
    with pytest.raises(InputError, match="unpacks to more than"):
        import_tables(study.paths, session.stimuli, tmp_path / "out")
