"""Arguments that are one number for rows and columns, or (rows, columns)."""

from __future__ import annotations

from collections.abc import Sequence


def pair(value: int | Sequence[int]) -> tuple[int, int]:
    """(rows, columns) of a number, which counts for both, or of two.

    Raises:
        ValueError: more or fewer than two.
    """
    rows, columns = (value, value) if isinstance(value, int) else value
    return rows, columns


def whole_pair(
    name: str, value: int | Sequence[int], least: int = 1, fix: str = "Give (rows, columns)."
) -> tuple[int, int]:
    """(rows, columns) of an argument, whole numbers not below the least.

    Args:
        name: of the argument, for the message.
        value: a number or (rows, columns).
        least: smallest number allowed.
        fix: what the message tells people to do.

    Raises:
        ValueError: anything else.
    """
    both = (value, value) if isinstance(value, int) else tuple(value)
    if len(both) != 2 or not all(isinstance(n, int) and n >= least for n in both):
        raise ValueError(
            f"{name} must be one or two whole numbers >= {least}; found {value!r}. {fix}"
        )
    return both
