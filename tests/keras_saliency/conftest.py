"""A process that has just been started, for what was saved in this one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def in_fresh_process():
    """`in_fresh_process(code, **values)`: run code as a new process would; fails where it fails."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(Path(__file__).parent / "fresh_process.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"

    def run(code, **values):
        values = {name: str(v) if isinstance(v, Path) else v for name, v in values.items()}
        process.stdin.write(json.dumps({"code": code, "values": values}) + "\n")
        process.stdin.flush()
        wrong = json.loads(process.stdout.readline())
        assert wrong is None, wrong

    yield run
    process.stdin.close()
    process.wait(60)
    process.stdout.close()
