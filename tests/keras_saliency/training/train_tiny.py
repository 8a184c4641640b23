"""A process that knows the tiny network: `train_tiny.py run DATA RUN EPOCHS`, or salbench commands.

In the first form every step ends with a checkpoint. DEVICES in the environment splits the processor
into so many devices.
"""

import importlib.util
import os
import sys
from pathlib import Path

spec = importlib.util.spec_from_file_location(
    "tiny_network", Path(__file__).with_name("tiny_network.py")
)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.join_registry()

if devices := int(os.environ.get("DEVICES", 0)):
    import tensorflow as tf

    one = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration()] * devices
    tf.config.set_logical_device_configuration(one, parts)

if sys.argv[1] in ("train", "predict"):
    from benchmark_kit.cli import main

    main()
elif sys.argv[1] == "run":
    import keras

    from benchmark_kit.datasets import get_dataset
    from keras_saliency import build_model
    from keras_saliency.training import loop
    from keras_saliency.training.run import train

    loop.BETWEEN = 0.0
    data, run, epochs = sys.argv[2:]
    keras.utils.set_random_seed(0)
    truths = get_dataset("folder", data, cache=False)
    train(build_model("tiny"), truths, run, epochs=int(epochs))
