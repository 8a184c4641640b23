"""What runs in a worker of `parallel`: it does the tasks that come over a socket.

It ends as soon as the socket closes or its parent is gone: nobody wants its results then.
"""

from __future__ import annotations

import os
import pickle
import traceback
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any

from benchmark_kit.errors import KitError, RunFailed
from benchmark_kit.systems import ignore_terminal, inherited_end, kept_memory

LOOK_SECONDS = 1.0  # between two looks whether the parent lives


def spawn_main(descriptor: int, parent: int) -> None:
    """Serve a parent process for good.

    Args:
        descriptor: of this end of the socket.
        parent: the parent's process id.
    """
    ignore_terminal()
    socket = inherited_end(descriptor)
    inbox: SimpleQueue[bytes] = SimpleQueue()
    # of its own: the parent's next task must find a reader while this one is worked on
    Thread(target=_listen, args=(socket, parent, inbox), daemon=True).start()
    work, refusal = None, None
    try:
        work = pickle.loads(inbox.get())
    except Exception as error:  # whatever an object's own code raises
        refusal = _not_loaded(error)
    with kept_memory():
        while True:
            answer = _answer(work, refusal, inbox.get())
            try:
                socket.send_bytes(answer)
            except OSError:
                os._exit(1)


def _listen(socket: Connection, parent: int, inbox: SimpleQueue[bytes]) -> None:
    try:
        while True:
            if socket.poll(LOOK_SECONDS):
                inbox.put(socket.recv_bytes())
            elif os.getppid() != parent:
                break  # gone, though a process that it has started still holds the socket
    except (EOFError, OSError):
        pass  # gone
    finally:
        os._exit(0)


def _answer(work: Any, refusal: KitError | None, data: bytes) -> bytes:
    """(place, result, error), pickled."""
    place = None
    try:
        if refusal is not None:
            raise refusal
        try:
            place, task = pickle.loads(data)
        except Exception as error:  # whatever an object's own code raises
            raise _not_loaded(error) from None
        return pickle.dumps((place, work(task), None))
    except KitError as error:
        return _pickled(place, error)
    except Exception as error:  # the parent raises it again
        error.add_note(f"In a worker process:\n{traceback.format_exc().rstrip()}")
        return _pickled(place, error)


def _pickled(place: int | None, error: Exception) -> bytes:
    try:
        data = pickle.dumps((place, None, error))
        pickle.loads(data)
    except Exception:  # an error that cannot travel: what it says can
        return pickle.dumps((place, None, RunFailed(f"{type(error).__name__}: {error}")))
    return data


def _not_loaded(error: Exception) -> RunFailed:
    return RunFailed(
        f"a worker process cannot load what it was given ({type(error).__name__}: {error}). "
        "Fix: define it in a module that can be imported, or --workers 1"
    )
