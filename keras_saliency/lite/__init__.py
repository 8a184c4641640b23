"""Models of ours without Keras: graphs under ONNX Runtime, their files, the way to a density."""
