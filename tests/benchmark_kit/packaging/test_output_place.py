"""Where a package may go, and when it is refused before any work."""

from types import SimpleNamespace

import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.packaging import output_place
from benchmark_kit.packaging.checks.stimuli import read_board_stimuli
from benchmark_kit.packaging.output_place import choose_place, refuse_full_disk, refuse_place
from benchmark_kit.packaging.recipe import Recipe


@pytest.mark.parametrize(
    ("out", "store"),
    [("a.zip", "png8"), ("a.ZIP", "npy"), ("a.hdf5", "hdf5"), ("a.h5", "hdf5"), ("a.mat", "mat73"),
     ("results.zip", "json2015")],
)  # fmt: skip
def test_names_that_fit_their_store(tmp_path, out, store):
    assert choose_place(tmp_path / out, store, None, False) == tmp_path / out


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        choose_place(tmp_path / "nowhere" / "a.zip", "png8", None, False)


def test_a_manifest_in_the_way_needs_force_too(tmp_path):
    (tmp_path / "a.zip.manifest.json").write_text("{}")
    with pytest.raises(ConfigError, match="manifest"):
        choose_place(tmp_path / "a.zip", "png8", None, False)
    assert choose_place(tmp_path / "a.zip", "png8", None, True)


def test_the_submission_itself_is_never_overwritten(tmp_path):
    given = tmp_path / "a.zip"
    given.write_text("maps")
    with pytest.raises(InputError, match="E601"):
        refuse_place(given, given, tmp_path / "stimuli")


def test_a_link_into_the_inputs_is_seen_through(tmp_path):
    (tmp_path / "maps").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "maps")
    with pytest.raises(InputError, match="inside the input"):
        refuse_place(tmp_path / "link" / "a.zip", tmp_path / "maps", tmp_path / "stimuli")
    refuse_place(tmp_path / "a.zip", tmp_path / "maps", [tmp_path / "val", tmp_path / "test"])


def test_room_is_measured_against_the_pixels(stand_in, tmp_path, monkeypatch):
    stand = stand_in("cat2000")
    pictures = read_board_stimuli(stand.board, stand.stimuli)
    needed = 4 * 54 * 96 * 2.1
    for free, store, grid, fine in (
        (needed + 1, "hdf5", None, True),
        (needed - 1, "hdf5", None, False),
        (needed - 1, "hdf5", 2.0**-10, True),
        (needed - 1, "png8", None, True),
    ):
        monkeypatch.setattr(
            output_place.shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free)
        )
        kind = "densities" if store == "hdf5" else "maps"
        if fine:
            refuse_full_disk(tmp_path / "a", pictures, Recipe(kind, store, grid=grid))
        else:
            with pytest.raises(InputError, match="are needed"):
                refuse_full_disk(tmp_path / "a", pictures, Recipe(kind, store, grid=grid))


def test_a_name_other_than_the_files_is_refused_where_the_file_carries_it(tmp_path):
    with pytest.raises(ConfigError, match="the file's own name is the model's"):
        choose_place(tmp_path / "a.zip", "png8", "b", False)
    assert choose_place(tmp_path / "a.zip", "png8", "a", False) == tmp_path / "a.zip"
    # SALICON's members carry the model's name
    results = tmp_path / "results.zip"
    assert choose_place(results, "json2015", "b", False) == results
