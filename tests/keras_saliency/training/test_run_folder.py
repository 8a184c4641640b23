import json

import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.training.run_folder import RunFolder, versions


def begun(path, **settings):
    folder = RunFolder(path)
    folder.make()
    folder.begin({"settings": settings})
    return folder


def test_a_folder_that_does_not_exist_begins_a_run(tmp_path):
    folder = RunFolder(tmp_path / "a" / "run")
    assert folder.check(resume=False) is False
    assert folder.check(resume=True) is False, "there is nothing to go on with yet"
    assert not (tmp_path / "a").exists(), "checking writes nothing"


def test_a_folder_with_a_run_is_refused_until_it_shall_go_on(tmp_path):
    folder = begun(tmp_path / "run", epochs=3)
    with pytest.raises(ConfigError, match=r"holds a run.*--resume"):
        folder.check(resume=False)
    assert folder.check(resume=True) is True


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_of_something_else_is_refused(tmp_path, resume):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"not empty.*holiday\.jpg"):
        RunFolder(tmp_path).check(resume)


def test_a_run_that_was_killed_while_it_began_begins_again(tmp_path):
    for name in ("split.json", ".k3x_1abc.last.npz"):
        (tmp_path / name).write_bytes(b"half")
    with pytest.raises(ConfigError, match="not empty"):
        RunFolder(tmp_path).check(resume=False)
    assert RunFolder(tmp_path).check(resume=True) is False


def test_half_written_files_of_a_killed_run_go(tmp_path):
    folder = begun(tmp_path, epochs=3)
    (tmp_path / ".k3x_1abc.last.npz").write_bytes(b"half")
    (tmp_path / ".mine").write_bytes(b"")
    folder.check(resume=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".mine", "run.json"]


def test_a_folder_that_cannot_be_written_is_told_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="is no folder"):
        RunFolder(tmp_path / "file" / "run").check(resume=False)


def test_what_changed_is_named_with_both_values(tmp_path):
    folder = begun(tmp_path, epochs=3, batch=8, split="hash", sizes=(1, 2))
    folder.refuse_changes({"epochs": 3, "batch": 8, "split": "hash", "sizes": [1, 2]})
    with pytest.raises(ConfigError) as refused:
        folder.refuse_changes({"epochs": 4, "batch": 8, "split": "k-fold", "sizes": (1, 2)})
    assert "epochs: it began with 3, now 4" in str(refused.value)
    assert 'split: it began with "hash", now "k-fold"' in str(refused.value)
    assert "batch" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "{}", '{"form": 99, "settings": {}}', "[1]", '{"form": 1}'])
def test_a_damaged_configuration_is_told(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match=r"run\.json is no configuration"):
        RunFolder(tmp_path).refuse_changes({})


def test_versions_stand_in_the_configuration(tmp_path):
    begun(tmp_path)
    found = json.loads((tmp_path / "run.json").read_text())
    assert found["versions"] == versions()
    assert {"python", "numpy", "keras-saliency"} <= set(found["versions"])
