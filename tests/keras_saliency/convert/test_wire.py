"""Protocol buffers: what the library writes is read, and lengths are never believed."""

import numpy as np
import pytest

from keras_saliency.convert import _wire


def view(*parts):
    return memoryview(b"".join(parts))


def test_fields_of_every_type_in_order():
    message = view(b"\x08\x96\x01", b"\x12\x03abc", b"\x1d\0\0\x80?", b"\x21" + bytes(7) + b"@")
    found = [
        (n, kind, value if kind == 0 else bytes(value)) for n, kind, value in _wire.fields(message)
    ]
    assert found == [
        (1, 0, 150),
        (2, 2, b"abc"),
        (3, 5, b"\0\0\x80?"),
        (4, 1, bytes(7) + b"@"),
    ]


def test_numbers_are_the_same_packed_or_one_by_one():
    packed = view(b"\x0a\x08\0\0\x80?\0\0\0@", b"\x12\x03\x05\x96\x01")
    single = view(b"\x0d\0\0\x80?", b"\x0d\0\0\0@", b"\x10\x05", b"\x10\x96\x01")
    for message in (packed, single):
        np.testing.assert_array_equal(_wire.floats(message, 1), [1, 2])
        assert _wire.whole_numbers(message, 2) == [5, 150]


def test_of_several_strings_the_last_counts():
    assert _wire.text(view(b"\x0a\x01a", b"\x0a\x01b"), 1) == "b"
    assert _wire.text(view(b"\x0a\x01a"), 2) == ""


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f" + b"x", "1 are left"),
        (b"\x0a\x05abc", "3 are left"),
        (b"\x0d\0\0", "2 are left"),
        (b"\x08\x80", "ends inside a number"),
        (b"\x08" + b"\x80" * 11, "more than ten bytes"),
        (b"\x0b", "wire type 3"),
    ],
)
def test_lengths_beyond_the_message_are_refused(message, reason):
    with pytest.raises(ValueError, match=reason):
        list(_wire.fields(view(message)))


def test_packed_numbers_must_be_whole():
    with pytest.raises(ValueError, match="multiple"):
        _wire.floats(view(b"\x0a\x03abc"), 1)


def test_a_file_larger_than_a_message_is_not_read(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(2**31)  # takes no room on the disk
    with pytest.raises(ValueError, match="shorter"):
        _wire.message_in(path)
