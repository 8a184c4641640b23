"""Pictures, fixations on them, and the tables that trackers' programs would write of these."""

import numpy as np
import pytest

from benchmark_kit.imaging.images import write_png

SCREEN = (320, 240)  # width, height
SIZES = {"beach": (120, 160), "street": (90, 160), "indoor/desk": (100, 100)}  # height, width


class Session:
    """What two people looked at.

    Args:
        root: where pictures and tables go.
    """

    def __init__(self, root):
        rng = np.random.default_rng(3)
        self.sizes = SIZES
        self.root, self.stimuli, self.rows = root, root / "pictures", []
        for name, (height, width) in SIZES.items():
            path = self.stimuli / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_png(path, rng.integers(0, 256, (height, width, 3), np.uint8))
            for subject in ("ann", "ben"):
                for k in range(6):
                    x, y = rng.uniform((0, 0), (width - 1, height - 1)).round(1)
                    self.rows.append((name, subject, k, 100 + 300 * k, 200 + k, x, y))

    def on_screen(self, name, x, y):
        """A place on a screen with the picture in its middle."""
        height, width = SIZES[name]
        return x + (SCREEN[0] - width) / 2, y + (SCREEN[1] - height) / 2

    def write(self, name, header, rows, *, separator="\t", encoding="utf-8", decimal="."):
        """A table as a file."""
        lines = [header, *rows]
        cells = [[str(cell).replace(".", decimal) if isinstance(cell, float) else str(cell)
                  for cell in line] for line in lines]  # fmt: skip
        path = self.root / name
        path.write_bytes("\r\n".join(separator.join(line) for line in cells).encode(encoding))
        return path

    def expected(self):
        """{picture: rows of (x, y) by subject and order}."""
        found = {}
        for name, _, _, _, _, x, y in sorted(self.rows, key=lambda row: row[:3]):
            found.setdefault(name, []).append((x, y))
        return found


@pytest.fixture
def session(tmp_path):
    return Session(tmp_path)
