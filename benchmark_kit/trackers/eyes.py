"""Of two eyes that were recorded at once one counts, so that no fixation is counted twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

LEFT_OUT = "of the other eye"


def of_one_eye(rows: Sequence[tuple[str, Hashable, str]]) -> list[bool]:
    """Which fixations are of the eye that counts.

    Of each observer it is the eye with more of them, the right one of equals; trials of which one
    eye alone was recorded stay as they are.

    Args:
        rows: (observer, trial, eye); the eye is empty where it is not told.
    """
    named = [(subject, trial, eye.casefold()) for subject, trial, eye in rows]
    eyes: dict[tuple[str, Hashable], set[str]] = defaultdict(set)
    for subject, trial, eye in named:
        eyes[subject, trial].add(eye)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for subject, trial, eye in named:
        if len(eyes[subject, trial]) > 1:
            counts[subject][eye] += 1

    taken = {
        (subject, trial): min(
            (-counts[subject][eye], not eye.startswith("r"), eye) for eye in there
        )[-1]
        for (subject, trial), there in eyes.items()
    }
    return [taken[subject, trial] == eye for subject, trial, eye in named]
