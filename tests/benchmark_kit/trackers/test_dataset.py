"""Exports of every kind become the same data set; what is wrong is told and nothing is left."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.trackers.dataset import import_tables
from benchmark_kit.trackers.placement import Placement


def eyelink(session):
    header = (
        "RECORDING_SESSION_LABEL",
        "TRIAL_INDEX",
        "image",
        "CURRENT_FIX_INDEX",
        "CURRENT_FIX_START",
        "CURRENT_FIX_DURATION",
        "CURRENT_FIX_X",
        "CURRENT_FIX_Y",
    )
    rows = [
        (s, 1, f"{name}.png", k + 1, start, d, *map(float, session.on_screen(name, x, y)))
        for name, s, k, start, d, x, y in session.rows
    ]
    rows.append(("ann", 2, "beach.png", 7, 9000, 100, ".", "."))
    return [session.write("report.txt", header, rows)], {"placement": Placement(screen=(320, 240))}


def tobii(session):
    header = (
        "Participant name",
        "Recording name",
        "Presented Stimulus name",
        "Eye movement type",
        "Eye movement type index",
        "Recording timestamp",
        "Gaze event duration",
        "Fixation point X",
        "Fixation point Y",
    )
    rows = []
    for name, s, k, start, d, x, y in session.rows:
        place = tuple(map(float, session.on_screen(name, x, y)))
        one = (s, f"{s}-{name}", name.split("/")[-1], "Fixation", k, start, d, *place)
        rows += [one, one]  # every sample of a fixation has its row
        rows.append((s, "r", name, "Saccade", k, start + 250, 40, "", ""))
    table = session.write("export.tsv", header, rows, encoding="utf-16", decimal=",")
    return [table], {"placement": Placement(screen=(320, 240))}


def smi(session):
    header = (
        "Participant",
        "Stimulus",
        "Category",
        "Event Start Trial Time [ms]",
        "Event Duration [ms]",
        "Fixation Position X [px]",
        "Fixation Position Y [px]",
    )
    rows = [
        (
            s,
            f"C:\\study\\{name.replace('/', chr(92))}.png",
            "Fixation",
            float(start),
            float(d),
            x,
            y,
        )
        for name, s, _, start, d, x, y in session.rows
    ]
    rows.append(("ann", "beach.png", "Blink", 5.0, 5.0, "-", "-"))
    return [session.write("events.txt", header, rows, separator=";", decimal=",")], {}


def shares(session, name, x, y):
    across, down = session.on_screen(name, x, y)
    return float(across / 320), float(down / 240)


def gazepoint(session):
    header = ("MEDIA_NAME", "FPOGX", "FPOGY", "FPOGS", "FPOGD", "FPOGID", "FPOGV")
    tables = []
    for subject in ("ann", "ben"):
        rows = [
            (f"{name}.png", *shares(session, name, x, y), start / 1e3, d / 1e3, f"{name}{k}", 1)
            for name, s, k, start, d, x, y in session.rows
            if s == subject
        ]
        tables.append(session.write(f"{subject}.csv", header, rows, separator=","))
    return tables, {"placement": Placement(screen=(320, 240))}


def by_hand(session):
    header = ("file", "who", "gx", "gy", "t")
    rows = [(name.upper(), s, x, y, start) for name, s, _, start, _, x, y in session.rows]
    columns = {"image": "file", "subject": "who", "x": "gx", "y": "gy", "start": "t"}
    return [session.write("table.csv", header, rows, separator=",")], {"columns": columns}


KINDS = {
    "eyelink-report": eyelink,
    "tobii": tobii,
    "smi": smi,
    "gazepoint": gazepoint,
    "columns": by_hand,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("named", [False, True])
def test_every_kind_gives_the_fixations_of_the_session(session, tmp_path, kind, named):
    tables, options = KINDS[kind](session)
    form = kind if named else None
    made = import_tables(tables, session.stimuli, tmp_path / "out", form=form, **options)
    assert made.preset.name == kind
    assert len(made.truths) == 3
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), places, atol=1e-9)
        assert found.order.tolist() == [0, 1, 2, 3, 4, 5] * 2
        if kind != "columns":
            np.testing.assert_allclose(found.duration, [0.2 + k / 1000 for k in range(6)] * 2)
    assert not any(made.truths.dropped.values())


def test_what_is_left_out_is_counted_by_reason(session, tmp_path):
    tables, options = tobii(session)
    left = import_tables(tables, session.stimuli, tmp_path / "a", **options).converted.left_out
    assert left == {"a further row of a fixation": 36, "no fixation": 36}
    tables, options = eyelink(session)
    made = import_tables(tables, session.stimuli, tmp_path / "b", **options)
    assert made.converted.left_out == {"without a place": 1}
    assert "left out: 1 rows without a place" in str(made)


def test_pictures_that_are_not_there_are_named(session, tmp_path):
    tables, options = by_hand(session)
    (session.stimuli / "street.png").unlink()
    made = import_tables(tables, session.stimuli, tmp_path / "out", **options)
    assert made.converted.left_out == {"of no stimulus": 12}
    assert "names of no stimulus: STREET" in str(made)


def test_places_on_a_screen_are_not_taken_for_places_on_the_picture(session, tmp_path):
    tables, _ = eyelink(session)
    with pytest.raises(InputError, match="--screen WIDTHxHEIGHT"):
        import_tables(tables, session.stimuli, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_tables_that_cannot_be_used_are_told_and_nothing_is_left(session, tmp_path):
    def refused(error, said, *tables, **options):
        with pytest.raises(error, match=said):
            import_tables(tables, session.stimuli, tmp_path / "out", **options)
        assert not (tmp_path / "out").exists()

    odd = session.write("odd.csv", ("a", "b"), [(1, 2)], separator=",")
    refused(ConfigError, "columns that no format or several have: a, b", odd)
    refused(ConfigError, "no column for x and y of EyeLink", odd, form="eyelink-report")
    refused(ConfigError, "unknown format 'eyelnk'", odd, form="eyelnk")
    refused(ConfigError, "no role 'z'", odd, form="smi", columns={"z": "a"})
    refused(ConfigError, "no such file", tmp_path / "absent.csv")
    text = session.write("x.csv", ("image", "x", "y"), [("beach", "left", 2)], separator=",")
    refused(InputError, "x is no number: x.csv line 2", text, form="columns")
    other = session.write("y.csv", ("image", "x", "y"), [("moon", 1, 2)], separator=",")
    refused(InputError, "the tables name moon", other, form="columns")
    short = session.write("z.csv", ("image", "x", "y"), [("beach", 1)], separator=",")
    refused(InputError, "line 2: 2 cells, the header has 3", short, form="columns")
    long = session.write("l.csv", ("image", "x", "y"), [("b" * 200_000, 1, 2)], separator=",")
    refused(InputError, "line 2: no table", long, form="columns")
    twice = session.write("u.csv", ("x", "y", "x"), [(1, 2, 3)], separator=",")
    refused(InputError, "has two columns 'x'", twice, form="columns")
    with pytest.raises(ConfigError, match="lies among the pictures"):
        import_tables([text], session.stimuli, session.stimuli / "out", form="columns")
    (tmp_path / "empty.csv").write_text("\n")
    refused(InputError, "is empty", tmp_path / "empty.csv")
    (tmp_path / "bytes.csv").write_bytes(b"x,y\n\xff\xc3,1\n")
    refused(InputError, "no text in UTF-8 or UTF-16", tmp_path / "bytes.csv")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("")
    with pytest.raises(ConfigError, match="exists and is not empty"):
        import_tables([text], session.stimuli, tmp_path / "out")
    assert (tmp_path / "out" / "mine").exists()


def test_a_name_that_two_pictures_have_is_not_guessed(session, tmp_path):
    from benchmark_kit.imaging.images import write_png

    (session.stimuli / "outdoor").mkdir()
    write_png(session.stimuli / "outdoor" / "desk.png", np.zeros((100, 100, 3), np.uint8))
    rows = [("desk", 1.0, 2.0), ("indoor/desk.png", 3.0, 4.0)]
    table = session.write("t.csv", ("image", "x", "y"), rows, separator=",")
    made = import_tables([table], session.stimuli, tmp_path / "out", form="columns")
    assert made.converted.left_out == {"of no stimulus": 1}
    assert made.truths["indoor/desk"].fixations.x.tolist() == [3.0]


def test_a_surface_of_pupil_counts_from_its_lower_edge(session, tmp_path):
    header = ("fixation_id", "start_timestamp", "duration", "norm_pos_x", "norm_pos_y", "on_surf")
    rows = [(7, 10.5, 250.0, 0.25, 0.75, "True"), (8, 11.0, 100.0, 0.5, 0.5, "False")]
    table = session.write("beach.csv", header, rows, separator=",")
    made = import_tables([table], session.stimuli, tmp_path / "out")
    found = made.truths["beach"].fixations
    assert (found.x.tolist(), found.y.tolist()) == ([40.0], [30.0])


def test_a_reference_image_of_pupil_cloud_counts_pixels(session, tmp_path):
    header = (
        "recording id",
        "fixation id",
        "start timestamp [ns]",
        "duration [ms]",
        "fixation detected in reference image",
        "fixation x [px]",
        "fixation y [px]",
    )
    rows = [("r", 1, 10, 250, "true", 40.0, 30.5), ("r", 2, 20, 250, "false", 1.0, 1.0)]
    table = session.write("beach.csv", header, rows, separator=",")
    made = import_tables([table], session.stimuli, tmp_path / "out")
    found = made.truths["beach"].fixations
    assert (found.x.tolist(), found.y.tolist()) == ([40.0], [30.5])
    assert found.duration.tolist() == [0.25]


def test_a_table_that_lacks_a_time_is_ordered_by_its_lines(session, tmp_path):
    rows = [("beach", 1.0, 1.0, 900), ("beach", 2.0, 2.0, "NA"), ("beach", 3.0, 3.0, 100)]
    header = ("image", "x", "y", "start")
    table = session.write("late.csv", header, rows, separator=",")
    made = import_tables([table], session.stimuli, tmp_path / "a", form="columns")
    assert made.truths["beach"].fixations.x.tolist() == [1.0, 2.0, 3.0]
    table = session.write("whole.csv", header, [rows[0], rows[2]], separator=",")
    made = import_tables([table], session.stimuli, tmp_path / "b", form="columns")
    assert made.truths["beach"].fixations.x.tolist() == [3.0, 1.0]


def test_pictures_that_stood_elsewhere_on_the_screen(session, tmp_path):
    header = ("image", "subject", "order", "x", "y")
    rows = [(n, s, k, 30 + 1.5 * x, 10 + 1.5 * y) for n, s, k, _, _, x, y in session.rows]
    table = session.write("t.csv", header, rows, separator=",")
    made = import_tables(
        [table],
        session.stimuli,
        tmp_path / "out",
        form="columns",
        placement=Placement(place=(30, 10), scale=1.5, pixels_per_degree=30),
        drop_first=True,
    )
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        wanted = [place for k, place in enumerate(places) if k % 6]
        np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), wanted, atol=1e-8)
    assert made.truths.pixels_per_degree == 20
    assert made.truths.dropped["first fixation"] == 6


def test_rows_may_tell_where_their_picture_stood(session, tmp_path):
    header = ("image", "subject", "order", "x", "y", "left", "top", "width", "height")
    rows = []
    for n, s, k, _, _, x, y in session.rows:
        height, width = session.sizes[n]
        left, top = (10 * k, 5) if s == "ann" else (40, 7 * k)
        rows.append((n, s, k, left + 2 * x, top + 2 * y, left, top, 2 * width, 2 * height))
    table = session.write("t.csv", header, rows, separator=",")
    made = import_tables([table], session.stimuli, tmp_path / "out", form="columns")
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), places, atol=1e-8)


def test_a_table_that_several_formats_fit_is_read_as_the_best_and_says_so(session, tmp_path):
    tables, options = eyelink(session)
    header, *lines = tables[0].read_text(encoding="utf-8").splitlines()
    more = [header + "\tFPOGX\tFPOGY", *(line + "\t0.5\t0.5" for line in lines)]
    tables[0].write_text("\n".join(more), encoding="utf-8")
    made = import_tables(tables, session.stimuli, tmp_path / "out", **options)
    assert made.preset.name == "eyelink-report"
    assert "fits less: Gazepoint Analysis, fixations" in str(made)
    both = ("CURRENT_FIX_X", "CURRENT_FIX_Y", "FPOGX", "FPOGY")
    tie = session.write("tie.csv", both, [(1, 2, 0.1, 0.2)], separator=",")
    with pytest.raises(ConfigError, match="no format or several"):
        import_tables([tie], session.stimuli, tmp_path / "no")
