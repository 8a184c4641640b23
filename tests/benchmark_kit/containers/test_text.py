"""JSON and TOML that cannot be read end in one kind of error that names the file."""

import pickle

import pytest

from benchmark_kit.containers.damage import DamagedFile, most_unpacked
from benchmark_kit.containers.text import read_json, read_toml


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b"\0"],
)
def test_json(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DamagedFile, match=r"a\.json cannot be read(.|\n)*not a readable JSON file"):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize("content", [b"a = ", b"a = " + b"[" * 100_000, b"a = " + b"9" * 5000])
def test_toml(tmp_path, content):
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(DamagedFile, match="not a readable TOML file"):
        read_toml(tmp_path / "a.toml")


@pytest.mark.parametrize("read", [read_json, read_toml])
def test_files_of_other_editors(tmp_path, read):
    content = "{}" if read is read_json else ""
    (tmp_path / "a").write_text(content, encoding="utf-8-sig")
    assert read(tmp_path / "a") == {}
    for encoded in (content.encode("utf-16"), "'\xe4'".encode("latin-1")):
        (tmp_path / "a").write_bytes(encoded)
        with pytest.raises(DamagedFile, match=r"no text in UTF-8: a\n.*Fix: save it as UTF-8"):
            read(tmp_path / "a")


def test_a_file_that_is_not_there_is_told_so(tmp_path):
    with pytest.raises(DamagedFile, match=r"it cannot be opened .No such file") as caught:
        read_json(tmp_path / "a.json")
    error = pickle.loads(pickle.dumps(caught.value))  # a worker hands it over
    assert str(error) == str(caught.value)
    assert error.problems == caught.value.problems


def test_what_a_file_may_unpack_to():
    assert most_unpacked(10) == 2**28
    assert most_unpacked(2**30) == 2**34
