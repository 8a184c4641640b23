"""One sheet of pictures: each picture, and beside it what several models make of it.

    python examples/compare_models_by_eye.py --out sheet.png        # generated displays
    python examples/compare_models_by_eye.py a.jpg b.jpg --models itti,bms --out sheet.png

Each map is scaled from its least to its greatest value: bright is where people should look.
"""

import argparse
from pathlib import Path

from benchmark_kit.imaging.images import read_stimulus
from keras_saliency import build_model
from keras_saliency.demo.displays import draw_display, make_displays

try:
    from matplotlib.figure import Figure
except ImportError:
    raise SystemExit('This example draws by matplotlib. Fix: pip install ".[report]"') from None

MODELS = (
    "itti,gbvs_srgb,bms,image_signature,spectral_residual,fine_grained,covsal,ssr,aws_like,"
    "rare2012_like,context_aware"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--models", default=MODELS, help="names, comma separated")
    parser.add_argument("--out", type=Path, default=Path("sheet.png"))
    given = parser.parse_args()
    pictures = [read_stimulus(path) for path in given.pictures]
    if not pictures:
        displays = make_displays(seed=0)
        pictures = [draw_display(displays[k]) for k in (0, len(displays) // 2)]
    names = given.models.split(",")
    panels = [("picture", pictures)]
    panels += [(name, list(build_model(name).predict_maps(pictures))) for name in names]

    columns = 4 if len(panels) > 4 else len(panels)
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(2.2 * columns * len(pictures), 2 * rows), layout="constrained")
    axes = figure.subplots(rows, columns * len(pictures), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for k, (name, images) in enumerate(panels):
        for j, image in enumerate(images):
            axis = axes[k // columns, (k % columns) * len(pictures) + j]
            axis.imshow(image, cmap="inferno")
            if j == 0:
                axis.set_title(name, loc="left", fontsize=9)
    figure.savefig(given.out, dpi=100)
    print(f"{len(names)} models, {len(pictures)} pictures: {given.out}")


if __name__ == "__main__":
    main()
