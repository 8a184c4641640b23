import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.predict.pictures import list_pictures, named_pictures


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_pictures_below_a_folder_by_their_path_without_extension(tmp_path):
    touch(tmp_path, "b.png", "a/c.JPG", "a/.d.png", "__MACOSX/e.png", "readme.txt", "f.webp")
    assert list(list_pictures(tmp_path).files) == ["a/c", "b", "f"]
    assert list_pictures(tmp_path).left_out == []


def test_pictures_of_other_kinds_are_named(tmp_path):
    touch(tmp_path, "in/b.png", "in/a/c.gif", "in/d.HEIC", "in/notes.csv")
    for left_out in (list_pictures(tmp_path / "in")[1], named_pictures([tmp_path / "in"])[1]):
        assert [p.where[0] for p in left_out] == [
            str(tmp_path / "in" / name) for name in ("a/c.gif", "d.HEIC")
        ]


def test_files_and_folders_together(tmp_path):
    touch(tmp_path, "in/a/one.png", "two.jpg")
    found = named_pictures([tmp_path / "in", tmp_path / "two.jpg"]).files
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
