"""Opening what a user has: names, pixels and stored types of every form, also in processes."""

import pickle

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.packaging.checks.names import match_names
from benchmark_kit.packaging.checks.stimuli import read_board_stimuli
from benchmark_kit.packaging.submission import open_submission


@pytest.mark.parametrize("form", ["folder", "archive", "hdf5", "arrays"])
def test_every_form_gives_the_same_pixels(stand_in, form):
    s = stand_in("cat2000")
    maps = {
        "folder": s.folder,
        "archive": s.zip,
        "hdf5": lambda: s.hdf5(s.maps),
        "arrays": lambda: s.maps,
    }[form]()
    submission = open_submission(maps, s.board)
    assert submission.form.name == form
    assert set(submission.names) == set(s.names)
    assert submission.problems == ()
    again = pickle.loads(pickle.dumps(submission))
    for name in s.names:
        loaded = again.load(name)
        assert loaded.dtype == np.uint8
        np.testing.assert_array_equal(loaded, s.maps[name])
        assert again.inspect(name).size == s.sizes[name]
        assert name in again.reference(name)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_the_stored_type_is_kept(stand_in, dtype):
    s = stand_in()
    arrays = {name: (m / 255).astype(dtype) for name, m in s.maps.items()}
    submission = open_submission(s.hdf5(arrays), s.board)
    assert submission.load("i1").dtype == dtype
    assert submission.inspect("i1").stored_as == f"{np.dtype(dtype).name} hdf5"


def test_matched_predictions_have_the_images_names(stand_in):
    s = stand_in()
    path = s.zip({f"model/{n.replace('.', '_sal.')}": d for n, d in s.members().items()})
    stimuli = read_board_stimuli(s.board, s.stimuli)
    check = match_names(open_submission(path, s.board), stimuli, strip="_sal")
    assert check.problems == ()
    assert check.matched.names == ("i1", "i2", "i11", "i12")
    assert check.matched.reference("i2") == "model/i2_sal.png"
    np.testing.assert_array_equal(check.matched.load("i2"), s.maps["i2"])


def test_a_prefix_is_taken_off_the_last_part(stand_in):
    s = stand_in("cat2000")
    path = s.zip({n.replace("/", "/sal_"): d for n, d in s.members().items()})
    stimuli = read_board_stimuli(s.board, s.stimuli)
    check = match_names(open_submission(path, s.board), stimuli, prefix="sal_")
    assert check.problems == ()
    assert len(check.matched) == 4


def test_renames_lead_from_the_path_to_the_one_that_matches(stand_in):
    s = stand_in("cat2000")
    path = s.folder({n.replace("/", "_"): d for n, d in s.members().items()})
    stimuli = read_board_stimuli(s.board, s.stimuli)
    renames = match_names(open_submission(path, s.board), stimuli).renames
    assert renames["Action_002.png"] == "Action/002.png"
    for old, new in renames.items():
        (path / new).parent.mkdir(exist_ok=True)
        (path / old).rename(path / new)
    assert match_names(open_submission(path, s.board), stimuli).problems == ()


def test_a_kind_that_the_board_does_not_take(stand_in):
    s = stand_in("salicon2017")
    with pytest.raises(ConfigError, match="takes maps, not 'densities'"):
        open_submission(s.maps, s.board, "densities")


def test_no_such_path(stand_in):
    with pytest.raises(ConfigError, match="no such file or folder"):
        open_submission("nowhere.zip", stand_in().board)


def test_hdf5_on_a_board_of_png(stand_in):
    s = stand_in("salicon2017")
    (problem,) = open_submission(s.hdf5(s.maps), s.board).problems
    assert problem.code == "E501"
    assert "does not read" in problem.found


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.hdf5", "a.rar"])
def test_a_file_of_nonsense_is_refused(stand_in, name):
    s = stand_in()
    (s.root / name).write_bytes(b"nonsense" * 100)
    with pytest.raises(InputError) as caught:
        open_submission(s.root / name, s.board)
    (problem,) = caught.value.problems
    assert problem.code == ("E501" if name.endswith("rar") else "E301")


@pytest.mark.parametrize(
    ("board", "name", "found"),
    [
        ("mit300", "model.hdf5", "a zip under another name"),
        ("mit300", "model.tar", "a zip under another name"),
        ("mit300_jpg", "model.tar.gz", "a file of a kind"),
        ("salicon2015", "results.zip", "a zip without the two JSON files"),
        ("lsun", "model.zip", "a file of a kind"),
    ],
)
def test_archives_that_the_board_would_not_open(stand_in, board, name, found):
    s = stand_in(board)
    submission = open_submission(s.zip(name=name), s.board)
    (problem,) = submission.problems
    assert problem.code == "E501"
    assert found in problem.found
    assert set(submission.names) == set(s.names)  # packaging can still read it
