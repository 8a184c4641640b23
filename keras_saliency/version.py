"""The distribution's version, as it was installed."""

from benchmark_kit.version import __version__

__all__ = ["__version__"]
