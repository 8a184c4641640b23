"""Zip and tar: what their directories say is not believed, and nothing unpacks without end."""

import gzip
import io
import struct
import tarfile
import zipfile

import pytest

from benchmark_kit.containers import tarred
from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.tarred import open_tar, plain_file, tar_bytes, tar_members
from benchmark_kit.containers.zipped import is_zip, member_bytes, open_zip


def zipped(path, content=b"x" * 1000, packed=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", packed) as archive:
        archive.writestr("a.png", content)
    return path


def test_members_are_read_up_to_the_limit_whatever_the_directory_says(tmp_path):
    path = zipped(tmp_path / "a.zip")
    with open_zip(path) as archive:
        assert member_bytes(archive, "a.png", 1000) == b"x" * 1000
        with pytest.raises(DamagedFile, match="unpacks to more than 999 bytes"):
            member_bytes(archive, "a.png", 999)
        with pytest.raises(DamagedFile, match="There is no item"):
            member_bytes(archive, "b.png", 999)


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packers_are_refused(tmp_path, packed):
    path = zipped(tmp_path / "a.zip", bytes(10**6), packed)
    assert path.stat().st_size < 1000
    with open_zip(path) as archive, pytest.raises(DamagedFile, match="packed by codec"):
        member_bytes(archive, "a.png", 10**6)


@pytest.mark.parametrize(
    ("place", "value"),
    [(6, 0x00FF), (10, 99), (46, 0xFF00), (42, 0x7FFF)],
    ids=["version", "codec", "text", "offset"],
)
def test_a_damaged_directory_ends_in_one_kind_of_error(tmp_path, place, value):
    path = zipped(tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    start = content.index(b"PK\x01\x02")
    content[start + place : start + place + 2] = struct.pack("<H", value)
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match=r"a\.zip cannot be read"), open_zip(path) as archive:
        member_bytes(archive, archive.infolist()[0], 10**6)


def test_what_is_no_zip(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK nothing")
    assert not is_zip(tmp_path / "a.zip")
    assert not is_zip(tmp_path / "absent.zip")
    with pytest.raises(DamagedFile, match="not a zip file"), open_zip(tmp_path / "a.zip"):
        pass


def tar_of(path, *members):
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
def test_members_of_a_tar(tmp_path, suffix):
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
    members = ((tarfile.TarInfo("b" * 200), b"long"), (tarfile.TarInfo("a"), b"xy"), (link, b""))
    path = tar_of(tmp_path / f"a{suffix}", *members)
    with open_tar(path, packed=suffix != ".tar") as archive:
        found = {info.name[:4]: tar_bytes(archive, info) for info in archive if plain_file(info)}
    assert found == {"bbbb": b"long", "a": b"xy"}


def test_a_packed_tar_stops_where_its_size_no_longer_explains_it(tmp_path, monkeypatch):
    path = tar_of(tmp_path / "a.tar.gz", *((tarfile.TarInfo(f"{k}"), bytes(10**6)) for k in (1, 2)))
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(tarred, "FLOOR", 1_500_000)
    with (
        pytest.raises(DamagedFile, match="unpacks to more than 1500000 bytes"),
        open_tar(path, packed=True) as archive,
    ):
        [tar_bytes(archive, info) for info in archive]
    with (
        pytest.raises(DamagedFile, match="unpacks to more than 1500000 bytes"),
        open_tar(path, packed=True) as archive,
    ):
        list(archive)  # skipping unpacks as well


def test_a_header_may_not_ask_for_gigabytes(tmp_path):
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**33
    path = tmp_path / "a.tar.gz"
    with gzip.open(path, "wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        file.write(bytes(2**20))
    with pytest.raises(DamagedFile), open_tar(path, packed=True) as archive:
        list(archive)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b no gzip", b"text" * 200])
def test_what_is_no_tar(tmp_path, content):
    (tmp_path / "a.tar.gz").write_bytes(content)
    with (
        pytest.raises(DamagedFile, match="not a readable archive"),
        open_tar(tmp_path / "a.tar.gz", packed=True) as archive,
    ):
        list(archive)


def test_members_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(tarred, "MOST_MEMBERS", 3)
    path = tar_of(tmp_path / "a.tar", *((tarfile.TarInfo(f"{k}"), b"") for k in range(4)))
    with (
        pytest.raises(DamagedFile, match="more than 3 members"),
        open_tar(path, packed=False) as archive,
    ):
        list(tar_members(archive))
