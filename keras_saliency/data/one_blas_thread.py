"""One thread for numpy's matrix products while batches are made.

Batches are made by several threads already: a product that each of them splits again waits for
cores that the others have, which made batches twenty times slower on a busy machine. A sum that
threads split differently would also move the last digit.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_inside = 0
_controller: Any = None
_limit: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """BLAS uses one thread until the last of the threads that are inside has left."""
    global _inside, _controller, _limit
    with _lock:
        if _inside == 0:
            if _controller is None:
                from threadpoolctl import ThreadpoolController

                _controller = ThreadpoolController()  # looks through all libraries: once
            _limit = _controller.limit(limits=1, user_api="blas")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limit.restore_original_limits()
