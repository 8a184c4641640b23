"""`salbench info`."""

from __future__ import annotations

import click

# extra -> distributions that it brings
EXTRAS = {
    "tensorflow": ("tensorflow", "keras"),
    "jax": ("jax", "keras"),
    "onnx": ("onnx", "tf2onnx"),
    "emd": ("POT",),
    "learn": ("scikit-learn",),
    "report": ("jinja2", "matplotlib"),
    "video": ("av",),
    "gaze": ("pymovements",),
    "notebook": ("pandas", "matplotlib"),
    "fast": ("imagecodecs",),
}
BASE = ("numpy", "scipy", "pillow", "h5py", "onnxruntime", "click")


@click.command(
    epilog="""\b
Examples:
  salbench info
  salbench info -v
"""
)
@click.option("-v", "--verbose", is_flag=True, help="Also load the frameworks: their devices.")
def command(verbose: bool) -> None:
    """Print versions, extras, processors and the cache's place: what a report of a fault needs."""
    import platform
    import sys

    from benchmark_kit.console.configuration import configuration_file
    from benchmark_kit.datasets.reading.cache import cache_directory
    from benchmark_kit.parallel import default_workers
    from benchmark_kit.version import __version__

    rows = [
        ("keras-saliency", __version__),
        ("saliency_best", _version("keras-saliency-weights") or "not installed"),
        ("Python", f"{platform.python_version()} ({sys.executable})"),
        ("system", platform.platform()),
        ("processors", str(default_workers())),
        ("cache", str(cache_directory())),
        ("configuration", str(configuration_file() or "none")),
        *((name, _version(name) or "missing") for name in BASE),
        *((f"[{extra}]", _extra(names)) for extra, names in EXTRAS.items()),
    ]
    if verbose:
        rows += [("tensorflow sees", _devices("tensorflow")), ("jax sees", _devices("jax"))]
    for name, text in rows:
        click.echo(f"{name:16} {text}")


def _version(distribution: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _extra(names: tuple[str, ...]) -> str:
    found = {name: _version(name) for name in names}
    if not any(found.values()):
        return "not installed"
    return ", ".join(f"{name} {version or 'missing'}" for name, version in found.items())


def _devices(framework: str) -> str:
    """What a framework computes on, or why that cannot be told."""
    from importlib import import_module

    try:
        module = import_module(framework)
    except ImportError as error:
        return f"nothing: {error}"
    if framework == "jax":
        return ", ".join(map(str, module.devices()))
    return ", ".join(device.name for device in module.config.list_logical_devices())
