"""Free memory of a machine and of a container on it."""

import keras

from keras_saliency.base import free_memory
from keras_saliency.base.free_memory import free_bytes


def test_the_smaller_of_machine_and_container_counts(tmp_path, monkeypatch):
    for name, text in (
        ("MEMINFO", "MemTotal: 9 kB\nMemAvailable: 4000 kB\n"),
        ("LIMIT", "max"),
        ("USED", "1"),
    ):
        path = tmp_path / name
        path.write_text(text)
        monkeypatch.setattr(free_memory, name, path)
    assert free_bytes() == 4000 * 1024
    (tmp_path / "LIMIT").write_text("1000\n")
    assert free_bytes() == 999


def test_another_system_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(free_memory, "MEMINFO", tmp_path / "none")
    assert free_bytes() is None
    monkeypatch.setattr(keras.distribution, "list_devices", lambda *_: ["gpu:0"])
    assert free_bytes() is None
