import pytest

pytest.importorskip("keras")

from keras_saliency.ops.pair import pair, whole_pair


def test_a_number_counts_for_rows_and_columns():
    assert pair(3) == (3, 3)
    assert pair([2, 5]) == whole_pair("size", [2, 5]) == (2, 5)
    assert whole_pair("padding", 0, least=0) == (0, 0)


@pytest.mark.parametrize("value", [0, (1, 2, 3), (1.5, 2), (4, -1)])
def test_what_is_no_pair_of_whole_numbers_is_named(value):
    with pytest.raises(ValueError, match=r"size must be one or two whole numbers >= 1; found"):
        whole_pair("size", value)


def test_three_numbers_are_no_pair():
    with pytest.raises(ValueError, match="too many"):
        pair((1, 2, 3))
