"""The manifest tells size, digests and rules of a package, and is plain JSON."""

import hashlib
import json

import pytest

from benchmark_kit.leaderboards import get_board
from benchmark_kit.packaging.manifest import (
    file_sha256,
    make_manifest,
    manifest_path,
    manifest_text,
)


def made(package, **changed):
    given = {
        "kind": "maps", "store": "png8", "model": "net", "images": 2, "maps": {"source": "folder"},
        "members": {"i1.png": "ab"}, "largest_error": {"image": "i1", "value": 0.5},
        "warnings": [], "made": {"engine": "pool"},
    }  # fmt: skip
    return make_manifest(package, get_board("mit300"), **{**given, **changed})


def test_it_lies_beside_the_package(tmp_path):
    assert manifest_path(tmp_path / "net.zip") == tmp_path / "net.zip.manifest.json"


def test_it_holds_size_and_digest_of_the_file_and_the_boards_state(tmp_path):
    package = tmp_path / "net.zip"
    package.write_bytes(b"x" * 3_000_000)
    manifest = made(package)
    assert manifest["file"] == {
        "name": "net.zip",
        "bytes": 3_000_000,
        "sha256": hashlib.sha256(b"x" * 3_000_000).hexdigest(),
    }
    assert manifest["leaderboard"]["name"] == "mit300"
    assert manifest["leaderboard"]["state"] == "open"
    assert json.loads(manifest_text(manifest)) == manifest


def test_its_text_does_not_depend_on_the_order_of_members(tmp_path):
    package = tmp_path / "net.zip"
    package.write_bytes(b"")
    one = manifest_text(made(package, members={"a": "1", "b": "2"}))
    assert one == manifest_text(made(package, members={"b": "2", "a": "1"}))


def test_nothing_that_is_no_number_gets_in(tmp_path):
    package = tmp_path / "net.zip"
    package.write_bytes(b"")
    with pytest.raises(ValueError, match="JSON"):
        manifest_text(made(package, largest_error={"image": "i1", "value": float("nan")}))


def test_an_empty_file_has_the_digest_of_nothing(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    assert file_sha256(tmp_path / "a") == hashlib.sha256(b"").hexdigest()
