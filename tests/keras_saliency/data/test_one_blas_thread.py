"""One BLAS thread while batches are made, and as many as before afterwards."""

import threading
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from keras_saliency.data.one_blas_thread import one_blas_thread


def blas_threads():
    np.ones((2, 2)) @ np.ones((2, 2))
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def test_it_holds_inside_and_ends_with_the_last_thread_out():
    before = blas_threads()
    if not before or max(before) == 1:
        pytest.skip("numpy's BLAS has one thread here")
    leave, inside = threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with one_blas_thread():
        thread.start()
        inside.wait(10)
        assert set(blas_threads()) == {1}
    assert set(blas_threads()) == {1}
    leave.set()
    thread.join()
    for _ in range(100):  # batches of other tests may still be made ahead
        if blas_threads() == before:
            break
        time.sleep(0.1)
    assert blas_threads() == before


def test_it_ends_when_something_fails():
    before = blas_threads()
    with pytest.raises(KeyError), one_blas_thread():
        raise KeyError("x")
    assert blas_threads() == before
