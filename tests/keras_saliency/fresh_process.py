"""Run code as in a new process, many times: each job of standard input runs in a fork of its own.

The fork knows what a process knows after `import keras, keras_saliency`, and none of our other
modules. A job is a line of JSON: `code` and `values`, its variables. It is answered by one line of
JSON: what went wrong, or null.
"""

import json
import os
import sys
import traceback

import keras

import keras_saliency  # noqa: F401


def run(job):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        wrong = None
        os.dup2(2, 1)  # what the job prints is no answer
        try:
            exec(job["code"], dict(job["values"]))
        except BaseException:  # SystemExit of a command among them
            wrong = traceback.format_exc()
        with open(writing, "w") as answer:
            answer.write(json.dumps(wrong))
        os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    return json.loads(said) if said else f"the process died with status {status}"


assert keras.config.backend() in ("tensorflow", "jax")
print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
