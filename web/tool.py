"""The page that predicts in the browser: its program by esbuild, its network from the weights.

All that its folder needs: `page.html` goes into docs/try.md, everything else beside it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.imaging.colours import STEPS, colourise
from benchmark_kit.imaging.images import MOST_STIMULUS
from benchmark_kit.imaging.laid_over import GRAY, OPACITY
from keras_saliency.base.geometry import LONGEST
from keras_saliency.lite.layout import FRAME, GEOMETRY, SCORES_STRIDE, STRIDE
from keras_saliency.lite.settings import settings_of
from keras_saliency.lite.weights import GRAPH, LiteWeights, in_graph_order, shipped

WEB = Path(__file__).resolve().parent
SOURCE = WEB / "try"
TOOL_PAGE = SOURCE / "page.html"
MODULES = WEB / "node_modules"
RUNTIME = MODULES / "onnxruntime-web" / "dist" / "ort-wasm-simd-threaded.wasm"
MICROSOFT = WEB / "licences" / "onnxruntime.txt"  # which its packages leave out
BUNDLED = ("onnxruntime-web", "onnxruntime-common", "fast-png", "fflate", "iobuffer")


def write_tool(folder: Path) -> None:
    """Write everything that the page loads.

    Raises:
        SystemExit: npm or esbuild failed, or is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _run(
        "npm",
        "ci",
        "--prefer-offline",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    )
    entries = [str(SOURCE / name) for name in ("main.js", "worker.js")]
    options = ("--bundle", "--format=esm", "--minify", "--target=es2022", "--log-level=warning")
    _run(
        "node",
        str(MODULES / "esbuild" / "bin" / "esbuild"),
        *entries,
        *options,
        f"--outdir={folder}",
    )
    shutil.copy(SOURCE / "style.css", folder)
    shutil.copy(RUNTIME, folder)
    weights = shipped()
    (folder / "saliency_lite.onnx").write_bytes(network(weights))
    (folder / "settings.json").write_text(json.dumps(settings(weights)), encoding="utf-8")
    (folder / "LICENSES.txt").write_text("\n".join(_licences()), encoding="utf-8")


def network(weights: LiteWeights) -> bytes:
    """The shipped graph with its weights inside, which stay in the float16 that they are stored in.

    Args:
        weights: of the network.
    """
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load_from_string(GRAPH.read_bytes())
    kept, casts = [], []
    for tensor in model.graph.initializer:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            kept.append(tensor)
            continue
        array = in_graph_order(tensor.name, weights.arrays[tensor.name]).astype(np.float16)
        stored = f"{tensor.name}/float16"
        kept.append(numpy_helper.from_array(array, stored))
        casts.append(helper.make_node("Cast", [stored], [tensor.name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def settings(weights: LiteWeights) -> dict[str, Any]:
    """What the page computes with around the network, as data for JSON.

    Args:
        weights: whose calibrations and centre biases are taken, as for pictures of no known set.
    """
    chosen = settings_of(weights, None, 1.0)
    calibration = chosen.calibration(weights.calibrations)
    prior = chosen.priors[chosen.prior]
    return {
        "geometry": {
            "frame": FRAME,
            "multiple": GEOMETRY.multiple,
            "least": GEOMETRY.least,
            "longest": LONGEST,
        },
        "finer": SCORES_STRIDE // STRIDE,
        "calibration": {
            "sigma": calibration.sigma,
            "prior_weight": calibration.prior_weight,
            "gain": calibration.gain,
        },
        "prior": {"size": prior.shape, "values": prior.ravel().tolist()},
        "style": {
            "colours": colourise((np.arange(STEPS) + 0.5) / STEPS).tolist(),
            "gray": GRAY.tolist(),
            "opacity": OPACITY,
        },
        "most_pixels": MOST_STIMULUS,
    }


def _licences() -> Iterator[str]:
    for name in BUNDLED:
        package = json.loads((MODULES / name / "package.json").read_text(encoding="utf-8"))
        yield f"{name} {package['version']}: {package['license']}\n"
        for file in sorted((MODULES / name).glob("LICENSE*")) or [MICROSOFT]:
            yield file.read_text(encoding="utf-8")


def _run(*command: str) -> None:
    try:
        subprocess.run(command, cwd=WEB, check=True)
    except FileNotFoundError:
        sys.exit(f"{command[0]} is missing. Fix: install Node.js with npm, 20 or later")
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
