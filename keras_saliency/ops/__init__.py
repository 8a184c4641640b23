"""Array operations in `keras.ops`: resizing, padding, blurring. Images are (batch, rows, columns,
channels) and sizes may be unknown until the call.
"""
