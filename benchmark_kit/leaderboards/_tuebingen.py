"""What the boards of the MIT/Tuebingen benchmark share: formats, metrics, state."""

from __future__ import annotations

from typing import Any

from benchmark_kit.leaderboards.rules import Board, Split

SOURCE = "github.com/matthias-k/saliency-benchmarking, program and README"
MEMBERS = (".png", ".jpg", ".jpeg", ".tiff", ".npy")
CONTAINERS = (".zip", ".tar", ".tar.gz", ".hdf5", ".h5", ".hdf")


def tuebingen_board(
    name: str, title: str, split: Split, *, blur: float, notes: tuple[str, ...] = (), **more: Any
) -> Board:
    """A board of the MIT/Tuebingen benchmark.

    Args:
        name: as on the command line.
        title: as people call it.
        split: its images.
        blur: sigma of the board's empirical maps in pixels.
        notes: what a sender to this board should know besides.
        **more: further fields of `Board`.
    """
    return Board(
        name=name,
        title=title,
        splits=(split,),
        stores={"maps": ("png8", "png16", "npy", "hdf5"), "densities": ("hdf5", "npy")},
        members=MEMBERS,
        containers=CONTAINERS,
        state="open",
        state_date="2025-05",
        state_source="the board's program of 2025-01 and results published in 2025-05",
        metrics=("IG", "AUC", "sAUC", "NSS", "CC", "KLDiv", "SIM"),
        ranked_by="AUC (every column sorts by a click)",
        blur=blur,
        resizes="a map of another size is resized bilinearly without a word",
        source=SOURCE,
        notes=(
            "log densities (natural, float32) score higher than maps and are the only way to IG",
            "the file's name is shown as the model's name",
            "one model at a time: several submissions in a short time are put off",
            "submissions go by mail to the maintainers",
            *notes,
        ),
        **more,
    )
