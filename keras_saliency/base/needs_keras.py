"""What cannot be done without Keras and a backend says how to get them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from benchmark_kit.errors import MissingExtra

EXTRAS = {"keras": "tensorflow", "tensorflow": "tensorflow", "jax": "jax"}


@contextmanager
def needs_keras(purpose: str) -> Iterator[None]:
    """Around imports of Keras, and of modules of ours that import it.

    Args:
        purpose: what needs it, for instance `"model ml_net"`.

    Raises:
        MissingExtra: it, or the backend that it is set to, is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        raise MissingExtra(EXTRAS[error.name], purpose) from error
