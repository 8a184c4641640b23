"""`saliency_lite` without Keras: its graph under ONNX Runtime, its file, its way to a density."""
