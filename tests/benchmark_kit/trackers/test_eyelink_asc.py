"""ASC files: what the tracker's parser found, on the picture that was shown, and samples."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.trackers.dataset import import_tables
from benchmark_kit.trackers.placement import Placement

HEAD = """** CONVERTED FROM ann.edf using edfapi
** DATE: Mon Mar  2 10:00:00 2026
**

MSG\t1000 DISPLAY_COORDS 0 0 319 239
MSG\t1001 !MODE RECORD CR 500 2 1 {eyes}
"""
KINDS = ("variable", "message", "loaded", "carried", "late")


def recording(session, subject, kind, *, eyes=("R",), trial_ids=True):
    """A recording of all pictures; `kind` is how they are named."""
    lines, time = [HEAD.format(eyes="".join(eyes))], 2000
    for number, name in enumerate(session.sizes, start=1):
        height, width = session.sizes[name]
        left, top = session.on_screen(name, 0, 0)
        file = f"{name}.png"
        if trial_ids:
            lines.append(f"MSG\t{time} TRIALID {number}")
        if kind == "carried":
            lines.append(f"MSG\t{time + 1} IMAGE {file}")
        lines.append(f"START\t{time + 5} \t{' '.join(eyes)}\tSAMPLES\tEVENTS")
        lines += ["PRESCALER\t1", "EVENTS\tGAZE\tRIGHT\tRATE\t 500.00\tTRACKING\tCR\tFILTER\t2"]
        if kind != "carried":
            lines.append(fixation(eyes[0], time + 6, time + 40, 160, 120))  # on the cross
        if kind == "variable":
            lines.append(f"MSG\t{time + 50} -2 SYNCTIME")
        elif kind == "message":
            lines.append(f"MSG\t{time + 50} image: {file}")
        elif kind == "loaded":
            rectangle = f"{int(left)} {int(top)} {width} {height}"
            lines.append(f"MSG\t{time + 50} !V IMGLOAD TOP_LEFT pictures/{file} {rectangle}")
        for name_of, who, _, start, duration, x, y in session.rows:
            if (name_of, who) == (name, subject):
                for eye in eyes:
                    shift = 0 if eye == eyes[0] else 3
                    place = session.on_screen(name, x + shift, y)
                    lines.append(f"SFIX {eye}   {time + start}")
                    lines.append(fixation(eye, time + start, time + start + duration, *place))
        lines.append(f"END\t{time + 3000} \tSAMPLES\tEVENTS\tRES\t  38.54\t  31.12")
        if kind == "variable":
            lines.append(f"MSG\t{time + 3001} !V TRIAL_VAR image {file}")
        if kind == "late":
            lines.append(f"MSG\t{time + 3001} image {file}")
        time += 4000
    path = session.root / f"{subject}.asc"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def fixation(eye, start, end, x, y):
    return f"EFIX {eye}   {start}\t{end}\t{end - start}\t  {x:.1f}\t  {y:.1f}\t   784"


def both(session, kind, **options):
    return [recording(session, subject, kind, **options) for subject in ("ann", "ben")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("named", [False, True])
def test_every_way_to_name_a_picture_gives_the_fixations(session, tmp_path, kind, named):
    form = "eyelink-asc" if named else None
    made = import_tables(both(session, kind), session.stimuli, tmp_path / "out", form=form)
    assert made.preset.name == "eyelink-asc"
    assert made.truths.subjects == ("ann", "ben")
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        order = found.order
        if kind == "late":  # nothing tells when the picture came: the one on the cross stays
            found = found.select(order > 0)
        np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), places, atol=0.051)
        np.testing.assert_allclose(found.duration, [0.2 + k / 1000 for k in range(6)] * 2)
    before = {"before the picture": 6} if kind in ("variable", "message", "loaded") else {}
    assert made.converted.left_out == before


def test_without_trial_ids_a_recording_is_a_trial(session, tmp_path):
    tables = both(session, "carried", trial_ids=False)
    made = import_tables(tables, session.stimuli, tmp_path / "out")
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), places, atol=0.051)


def test_the_variable_is_named_by_hand(session, tmp_path):
    tables = both(session, "variable")
    for table in tables:
        table.write_text(table.read_text().replace("TRIAL_VAR image", "TRIAL_VAR Shown_file"))
    with pytest.raises(InputError, match="the tables name"):
        import_tables(tables, session.stimuli, tmp_path / "out")
    columns = {"image": "shown_FILE"}
    made = import_tables(tables, session.stimuli, tmp_path / "out", columns=columns)
    assert made.truths.points_kept == 36
    with pytest.raises(ConfigError, match="ASC files have no columns"):
        import_tables(tables, session.stimuli, tmp_path / "no", columns={"x": "gx"})


def test_one_eye_of_two_is_taken_and_said(session, tmp_path):
    tables = both(session, "variable", eyes=("R", "L"))
    made = import_tables(tables, session.stimuli, tmp_path / "out")
    assert "ann.asc: R of two, ben.asc: R of two" in str(made)
    assert made.converted.left_out["of the other eye"] == 36
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), places, atol=0.051)


def test_a_screen_that_is_given_wins_over_the_files_own(session, tmp_path):
    tables = both(session, "variable")
    given = Placement(screen=(310, 240))
    made = import_tables(tables, session.stimuli, tmp_path / "out", placement=given)
    first = sorted(session.expected()["beach"])[0][0]
    assert made.truths["beach"].fixations.x.min() == pytest.approx(first + 5, abs=0.051)


def test_a_screen_that_cannot_be_read_is_left_to_the_user(session, tmp_path):
    tables = both(session, "variable")
    for table in tables:
        text = table.read_text()
        table.write_text(text.replace("COORDS 0 0 319 239", "COORDS = 0, 0, 319, 239"))
    assert import_tables(tables, session.stimuli, tmp_path / "a").truths.points_kept == 36
    for table in tables:
        table.write_text(table.read_text().replace("COORDS = 0, 0, 319, 239", "COORDS unknown"))
    with pytest.raises(InputError, match="--screen WIDTHxHEIGHT"):
        import_tables(tables, session.stimuli, tmp_path / "b")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("EFIX R", "ESAC R"), "no fixation .EFIX.. Fix: edf2asc without -ne"),
        (("EVENTS\tGAZE", "EVENTS\tHREF"), "are HREF, not GAZE"),
        (("MSG\t1000 D", "MSG\tsoon D"), "line 5: no line of an ASC file"),
        (("EFIX R   2", "EFIX R   x"), "no line of an ASC file: 'EFIX R   x"),
    ],
)
def test_files_that_cannot_be_used_are_told(session, tmp_path, change, said):
    table = recording(session, "ann", "variable")
    table.write_text(table.read_text().replace(*change))
    with pytest.raises(InputError, match=said):
        import_tables([table], session.stimuli, tmp_path / "out")
    assert not (tmp_path / "out").exists()
