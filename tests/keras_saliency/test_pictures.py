import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.pictures import list_pictures, named_pictures


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_pictures_below_a_folder_by_their_path_without_extension(tmp_path):
    touch(tmp_path, "b.png", "a/c.JPG", "a/.d.png", "__MACOSX/e.png", "readme.txt")
    assert list(list_pictures(tmp_path)) == ["a/c", "b"]


def test_files_and_folders_together(tmp_path):
    touch(tmp_path, "in/a/one.png", "two.jpg")
    found = named_pictures([tmp_path / "in", tmp_path / "two.jpg"])
    assert found == {"a/one": tmp_path / "in/a/one.png", "two": tmp_path / "two.jpg"}


def test_what_is_not_there_or_not_unique_is_refused(tmp_path):
    touch(tmp_path, "a.png", "sub/a.png")
    with pytest.raises(ConfigError, match="no picture or folder"):
        named_pictures([tmp_path / "none.png"])
    with pytest.raises(InputError, match="two pictures of one name"):
        named_pictures([tmp_path / "a.png", tmp_path / "sub" / "a.png"])
    touch(tmp_path, "empty/readme.txt")
    with pytest.raises(InputError, match="no pictures"):
        named_pictures([tmp_path / "empty"])
    with pytest.raises(ConfigError, match="no folder"):
        list_pictures(tmp_path / "none")
