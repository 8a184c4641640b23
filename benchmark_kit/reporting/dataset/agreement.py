"""Whether an observer looks where the others do: trials in another order, or a shifted calibration.

An observer's fixations are compared with the density of the others' on the same picture, and with
the others' on all other pictures, which holds what every picture shares (the centre bias).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark_kit.errors import name_some
from benchmark_kit.reporting.dataset.doubts import Doubt, in_standard_errors
from benchmark_kit.reporting.dataset.gaze import Gaze

CELLS, BLUR = 24, 1.2  # cells a side of the coarse densities, and their blur in cells
FEWEST_IMAGES, FEWEST_SUBJECTS = 12, 3
MOST_IMAGES = 200
AGREE = 4.0  # standard errors by which the median observer must lead for anything to be said
APART = 1 / 3  # of the median observer's lead; of OSIE, MIT1003 and PASCAL-S all reach 0.8


def doubts_of_agreement(gaze: Gaze) -> Iterator[Doubt]:
    """Observers whose fixations fit other pictures almost as well as their own."""
    leads = leads_of_subjects(gaze)
    typical = float(np.median(list(leads.values()))) if leads else 0.0
    if len(leads) < FEWEST_SUBJECTS or typical < AGREE:
        return
    strange = [subject for subject, lead in leads.items() if lead < APART * typical]
    if strange:
        yield Doubt(
            "elsewhere",
            "Observers who hardly look where the others do, of whom the median one agrees by "
            f"{typical:.0f} standard errors: "
            f"{name_some([_described(gaze, each, leads[each]) for each in strange])}. Their trials "
            "may be in another order, or their calibration shifted.",
            "see which picture each of their trials showed (`salbench import --map image=COLUMN`), "
            'or leave them out: `subjects = ["…"]` in dataset.toml',
        )


def _described(gaze: Gaze, subject: int, lead: float) -> str:
    mine = gaze.subject == subject
    off = [float(values[mine].mean() - values[~mine].mean()) for values in (gaze.across, gaze.down)]
    return (
        f"{gaze.truths.subject_name(subject)} ({lead:.0f}; on average {off[0]:+.0%} of the width "
        f"and {off[1]:+.0%} of the height beside the others)"
    )


def leads_of_subjects(gaze: Gaze) -> dict[int, float]:
    """By how much observers agree more with the others on the same picture than on other pictures.

    Returns:
        number of the observer -> mean difference of densities in standard errors over pictures;
        those with too few pictures are left out.
    """
    from scipy.ndimage import gaussian_filter

    if gaze.subject is None:
        return {}
    known = np.flatnonzero(gaze.per_image)
    if len(known) > MOST_IMAGES:
        known = known[np.linspace(0, len(known) - 1, MOST_IMAGES).astype(int)]
    cell = (gaze.down * CELLS).astype(int) * CELLS + (gaze.across * CELLS).astype(int)
    starts = np.concatenate([[0], np.cumsum(gaze.per_image)])

    def density(counts: np.ndarray) -> np.ndarray:
        blurred = gaussian_filter(counts.reshape(CELLS, CELLS).astype(np.float64), BLUR).reshape(-1)
        return blurred / max(blurred.sum(), 1e-12) * CELLS**2

    counts = {}
    for image in known:
        mine = slice(int(starts[image]), int(starts[image + 1]))
        counts[image] = np.bincount(cell[mine], minlength=CELLS**2)
    everywhere = np.mean([density(values) for values in counts.values()], axis=0)
    leads: dict[int, list[float]] = {}
    for image in known:
        mine = slice(int(starts[image]), int(starts[image + 1]))
        for subject in np.unique(gaze.subject[mine]):
            own = cell[mine][gaze.subject[mine] == subject]
            others = counts[image] - np.bincount(own, minlength=CELLS**2)
            if others.sum():
                lead = (density(others)[own] - everywhere[own]).mean()
                leads.setdefault(int(subject), []).append(float(lead))
    return {
        subject: in_standard_errors(np.array(values))
        for subject, values in sorted(leads.items())
        if len(values) >= FEWEST_IMAGES
    }
