"""OSIE: tenths of a pixel, an undocumented index base, durations in ms."""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError

pytestmark = pytest.mark.usefixtures("small_recordings")


def read(root, **options):
    return get_dataset("osie", root, cache=False, **options)


def test_values_are_unshifted_with_their_fraction_and_truncated_to_pixels(tmp_path, write):
    write.osie(tmp_path, {"1001.jpg": [([10.6, 79.9], [20.4, 0.2], [100, 300])]})
    truths = read(tmp_path)
    fixations = truths["1001"].fixations
    assert fixations.x.tolist() == [10.6, 79.9]
    assert fixations.flat_index.tolist() == [20 * 80 + 10, 79]
    assert "index base 0 (not documented for this data set)" in truths.notes


def test_index_base_1_meets_the_authors_rounding_for_fractions_from_a_half(tmp_path, write):
    x = [10.5, 10.6, 10.9, 10.0, 10.4]
    write.osie(tmp_path, {"1001.jpg": [(x, [30.5] * 5, [1] * 5)]})
    authors = np.floor(np.array(x) + 0.5) - 1  # rounded, then a 1-based index
    unshifted = read(tmp_path)["1001"].fixations.flat_index % 80
    shifted = read(tmp_path, index_base=1)["1001"].fixations.flat_index % 80
    np.testing.assert_array_equal(unshifted == authors, [True, True, True, False, False])
    np.testing.assert_array_equal(shifted == authors, [False, False, False, True, True])


def test_a_value_below_the_first_pixel_is_dropped_before_truncation(tmp_path, write):
    write.osie(tmp_path, {"1001.jpg": [([0.6, 5.0], [9.0, 9.0], [1, 1])]})
    truths = read(tmp_path, index_base=1)
    assert truths["1001"].fixations.x.tolist() == [4]
    assert truths.dropped == {"negative": 1}


def test_durations_are_milliseconds_and_the_first_fixation_stays(tmp_path, write):
    observers = [([40.0, 10.0], [30.0, 11.0], [65535, 250]), ([], [], []), ([7.0], [8.0], [500])]
    write.osie(tmp_path, {"1001.jpg": observers})
    fixations = read(tmp_path)["1001"].fixations
    assert fixations.x.tolist() == [40, 10, 7]
    assert fixations.duration.tolist() == [65.535, 0.25, 0.5]
    assert fixations.order.tolist() == [0, 1, 0]
    assert fixations.subject.tolist() == [0, 0, 2]


def test_the_folder_data_is_a_root_too(tmp_path, write):
    write.osie(tmp_path, {"1001.jpg": [([1.5], [2.5], [1])]})
    assert read(tmp_path / "data").fingerprint == read(tmp_path).fingerprint


def test_pictures_and_entries_without_each_other_are_noted(tmp_path, write):
    write.osie(tmp_path, {"1001.jpg": [([1.5], [2.5], [1])], "1002.jpg": [([3], [4], [1])]})
    (tmp_path / "data/stimuli/1002.jpg").rename(tmp_path / "data/stimuli/1009.jpg")
    truths = read(tmp_path)
    assert truths.names == ("1001", "1009")
    assert len(truths["1009"].fixations) == 0
    assert "images without a stimulus, left out: 1 (1002)" in truths.notes
    assert "stimuli without fixations: 1 (1009)" in truths.notes


def test_columns_of_different_length_and_empty_tables_are_refused(tmp_path, write):
    write.osie(tmp_path, {"1001.jpg": [([1.5, 2.5], [2.5], [1])]})
    with pytest.raises(InputError, match=r"E702 .*fix_duration differ in length: 1001"):
        read(tmp_path)
    write.mat(tmp_path / "data/eye/fixations.mat", fixations=np.empty((0, 0)))
    with pytest.raises(InputError, match="E703 none of its images is in stimuli/"):
        read(tmp_path)


def test_a_missing_table_is_told_with_what_is_there(tmp_path, write):
    write.osie(tmp_path, {"1001.jpg": [([1.5], [2.5], [1])]})
    (tmp_path / "data/eye/fixations.mat").rename(tmp_path / "data/eye/fixations.txt")
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    assert "looked for data/eye/fixations.mat; found in" in str(caught.value)
    assert "fixations.txt (1 .txt)" in str(caught.value)
