"""What the default model makes of photographs: picture, map, and the map laid over the picture.

    python examples/look_at_photographs.py --out sheet.jpg     # a drawn web page and street
    python examples/look_at_photographs.py a.jpg b.jpg         # photographs before them

A map is a density of the next fixation; its colours go from its least to its greatest value.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmark_kit.imaging.images import read_stimulus
from benchmark_kit.reporting.overlay import overlay
from keras_saliency import build_model

try:
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure
except ImportError:
    raise SystemExit('This example draws by matplotlib. Fix: pip install ".[report]"') from None

INK, PAPER, FAINT, ACCENT = (30, 34, 42), (250, 250, 248), (150, 156, 166), (196, 62, 40)


def drawn_page() -> np.ndarray:
    """A web page: headline, picture, columns of text, a button."""
    page = Image.new("RGB", (960, 720), PAPER)
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 960, 64), fill=INK)
    pen.text((32, 18), "The Daily Saliency", fill=PAPER, font=ImageFont.load_default(26))
    for k, word in enumerate(("News", "Science", "Arts", "About")):
        pen.text((520 + 108 * k, 24), word, fill=FAINT, font=ImageFont.load_default(18))
    title = "Where people look first"
    pen.text((32, 92), title, fill=INK, font=ImageFont.load_default(44))
    sky = np.linspace((120, 170, 220), (240, 220, 190), 300).astype(np.uint8)
    page.paste(Image.fromarray(np.repeat(sky[:, None], 520, axis=1)), (32, 170))
    pen.ellipse((380, 210, 460, 290), fill=(250, 236, 160))
    pen.polygon(((32, 470), (210, 290), (360, 470)), fill=(86, 110, 96))
    pen.polygon(((250, 470), (420, 340), (552, 470)), fill=(64, 88, 82))
    for column, (left, right) in enumerate(((590, 928), (32, 552))):
        top, lines = ((178, 13), (500, 6))[column]
        for k in range(lines):
            end = right - (k * 37 + column * 53) % 90
            pen.rectangle((left, top + 24 * k, end, top + 24 * k + 9), fill=(206, 209, 214))
    pen.rounded_rectangle((640, 540, 880, 604), 12, fill=ACCENT)
    pen.text((682, 556), "Subscribe now", fill=PAPER, font=ImageFont.load_default(24))
    return np.asarray(page)


def drawn_street() -> np.ndarray:
    """A street between houses: a car, a sign, somebody who walks."""
    street = Image.new("RGB", (960, 640), (188, 208, 226))
    pen = ImageDraw.Draw(street)
    pen.polygon(((0, 640), (960, 640), (560, 330), (420, 330)), fill=(96, 98, 102))
    for k in range(6):
        near = (k / 6) ** 1.6
        y, half = 345 + 280 * near, 3 + 9 * near
        pen.rectangle((490 - half, y, 490 + half, y + 10 + 34 * near), fill=(232, 230, 214))
    for side in (0, 1):
        for k in range(4):
            left, right = (
                (110 * k, 110 * (k + 1)) if side == 0 else (960 - 110 * (k + 1), 960 - 110 * k)
            )
            top, bottom = 60 + 66 * k, 560 - 60 * k
            shade = 150 - 14 * k + 20 * side
            pen.rectangle((left, top, right, bottom), fill=(shade + 30, shade + 6, shade - 16))
            for y in range(top + 24, bottom - 60, 62):
                pen.rectangle((left + 24, y, left + 52, y + 34), fill=(70, 84, 104))
                pen.rectangle((left + 66, y, left + 92, y + 34), fill=(70, 84, 104))
    pen.rounded_rectangle((570, 430, 730, 500), 16, fill=(176, 40, 38))
    pen.polygon(((600, 430), (626, 396), (684, 396), (708, 430)), fill=(60, 74, 92))
    for x in (604, 696):
        pen.ellipse((x - 18, 484, x + 18, 520), fill=INK)
    pen.rectangle((300, 330, 305, 470), fill=(90, 90, 92))
    pen.polygon(((302, 290), (270, 346), (334, 346)), fill=(240, 240, 236), outline=ACCENT, width=7)
    pen.ellipse((386, 404, 410, 430), fill=(214, 172, 142))
    pen.rounded_rectangle((382, 430, 414, 492), 8, fill=(42, 86, 140))
    pen.line(((392, 490), (386, 538)), fill=INK, width=9)
    pen.line(((404, 490), (414, 536)), fill=INK, width=9)
    return np.asarray(street)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=Path("sheet.jpg"))
    given = parser.parse_args()
    pictures = [*map(read_stimulus, given.pictures), drawn_page(), drawn_street()]
    model = build_model("saliency_lite", engine="onnx")
    maps = list(model.predict_maps(pictures))

    figure = Figure(figsize=(9, 2.25 * len(pictures)), layout="constrained")
    axes = figure.subplots(len(pictures), 3)
    for row, picture, density in zip(axes, pictures, maps, strict=True):
        row[0].imshow(picture)
        row[1].imshow(density, cmap="magma")
        row[2].imshow(overlay(picture, density))
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, title in zip(axes[0], ("picture", "saliency_lite", "laid over"), strict=True):
        axis.set_title(title, loc="left", fontsize=9)
    bar = figure.colorbar(ScalarMappable(cmap="magma"), ax=axes[:, 2], ticks=[0, 1], aspect=60)
    bar.ax.set_yticklabels(["least", "most"], fontsize=8)
    figure.savefig(given.out, dpi=90)
    print(f"{len(pictures)} pictures: {given.out}")


if __name__ == "__main__":
    main()
