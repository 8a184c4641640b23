"""How much memory a process may still take."""

from __future__ import annotations

from pathlib import Path

import keras

MEMINFO = Path("/proc/meminfo")
LIMIT, USED = (Path(f"/sys/fs/cgroup/memory.{name}") for name in ("max", "current"))


def free_bytes() -> int | None:
    """Bytes that a process may still take on this machine; None on a GPU, or where unknown."""
    if not all(device.startswith("cpu") for device in keras.distribution.list_devices()):
        return None
    found = []
    try:
        for line in MEMINFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                found.append(int(line.split()[1]) * 1024)
        limit = LIMIT.read_text(encoding="utf-8").strip()
        if limit.isdigit():
            found.append(int(limit) - int(USED.read_text(encoding="utf-8")))
    except (OSError, ValueError):  # another system, or no such limit
        return min(found, default=None)
    return min(found, default=None)
