"""Sampling of images at real places: warps, rotations, translations, projections.

The functions carry the names and conventions of TensorFlow Addons, which differ from each other in
what lies outside the image: `interpolate_bilinear` and `dense_image_warp` repeat the border,
`resampler` fades to zero over one pixel, `transform` and its relatives do what `fill_mode` says.
All are differentiable in the images, and the first three in the places.
"""

from __future__ import annotations

from typing import Any

from keras import backend, ops

_FILL_MODES = ("constant", "nearest", "reflect", "wrap")


def interpolate_bilinear(grid: Any, query_points: Any, indexing: str = "ij") -> Any:
    """Values of images between their pixels; outside, those of the border.

    Example: [[0, 1], [2, 3]] at the row 0.5 and the column 0.25 is 1.25.

    Args:
        grid: tensor (batch, rows, columns, channels), at least 2 pixels high and wide.
        query_points: tensor (batch, points, 2), 0-based places in pixels.
        indexing: `"ij"` for places (row, column), `"xy"` for (column, row).

    Returns:
        Tensor (batch, points, channels) of the grid's dtype if that is floating, else float32.

    Raises:
        ValueError: another indexing, or images known to be smaller than two pixels.
    """
    if indexing not in ("ij", "xy"):
        raise ValueError(f"indexing must be 'ij' or 'xy'; found {indexing!r}. Choose one.")
    grid = ops.convert_to_tensor(grid)
    if any(side is not None and side < 2 for side in grid.shape[1:3]):
        raise ValueError(
            "grid must be at least 2 pixels high and wide; found the shape "
            f"{tuple(grid.shape)}. Repeat its only row or column."
        )
    values, dtype = _wide(grid)
    places = ops.cast(query_points, values.dtype)
    rows, columns = (places[..., k] for k in ((0, 1) if indexing == "ij" else (1, 0)))
    h, w = ops.shape(values)[1:3]
    top, down = _inside(rows, h)
    left, right = _inside(columns, w)
    return ops.cast(_blend(values, top, left, down, right, 0.0), dtype)


def dense_image_warp(image: Any, flow: Any) -> Any:
    """`image[row - flow[..., 0], column - flow[..., 1]]` at every pixel, the border repeated.

    Example: [[0, 1], [2, 3]] under the flow (0, 0.5) everywhere is [[0, 0.5], [2, 2.5]].

    Args:
        image: tensor (batch, rows, columns, channels), at least 2 pixels high and wide.
        flow: tensor (batch, rows, columns, 2) in pixels, (down, right): the way that content moves.

    Returns:
        Tensor of the image's shape, of its dtype if that is floating, else float32.

    Raises:
        ValueError: images known to be smaller than two pixels.
    """
    image, flow = ops.convert_to_tensor(image), ops.convert_to_tensor(flow)
    b, h, w, c = ops.shape(image)
    rows, columns = ops.meshgrid(ops.arange(h), ops.arange(w), indexing="ij")
    here = ops.cast(ops.stack([rows, columns], axis=-1), _wide(flow)[0].dtype)
    query = ops.reshape(here - _wide(flow)[0], (b, h * w, 2))
    return ops.reshape(interpolate_bilinear(image, query), (b, h, w, c))


def resampler(data: Any, warp: Any) -> Any:
    """Values of images at places (x, y); each neighbour outside the image counts as zero.

    Example: [[4, 8]] at x = 0.5 is 6, at x = 1.25 it is 6 (three quarters of 8), at x = 2 zero.

    Args:
        data: tensor (batch, rows, columns, channels).
        warp: tensor (batch, ..., 2), 0-based places (column, row) in pixels.

    Returns:
        Tensor (batch, ..., channels) of the data's dtype if that is floating, else float32.
    """
    data, warp = ops.convert_to_tensor(data), ops.convert_to_tensor(warp)
    values, dtype = _wide(data)
    b, *between = ops.shape(warp)[:-1]
    places = ops.reshape(ops.cast(warp, values.dtype), (b, -1, 2))
    found = _bilinear(values, places[..., 1], places[..., 0], 0.0)
    return ops.cast(ops.reshape(found, (b, *between, data.shape[-1])), dtype)


def rotate(
    images: Any,
    angles: Any,
    interpolation: str = "nearest",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Any:
    """Rotate images counter-clockwise about their middle ((columns - 1)/2, (rows - 1)/2).

    Args:
        images: see `transform`.
        angles: radians, a number or one for each image.
        interpolation: see `transform`.
        fill_mode: see `transform`.
        fill_value: see `transform`.

    Returns:
        Tensor of the images' shape and dtype.
    """
    images = ops.convert_to_tensor(images)
    h, w = ops.shape(images)[slice(0, 2) if len(images.shape) < 4 else slice(1, 3)]
    angles = ops.reshape(ops.convert_to_tensor(angles, dtype="float32"), (-1,))
    cos, sin = ops.cos(angles), ops.sin(angles)
    x, y = ops.cast(w - 1, "float32"), ops.cast(h - 1, "float32")
    right, down = (x - (cos * x - sin * y)) / 2, (y - (sin * x + cos * y)) / 2
    zero = ops.zeros_like(cos)
    numbers = ops.stack([cos, -sin, right, sin, cos, down, zero, zero], axis=-1)
    return transform(images, numbers, interpolation, fill_mode, None, fill_value)


def translate(
    images: Any,
    translations: Any,
    interpolation: str = "nearest",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Any:
    """Move the content of images by (dx, dy) pixels, positive to the right and down.

    Args:
        images: see `transform`.
        translations: (dx, dy), or one pair for each image.
        interpolation: see `transform`.
        fill_mode: see `transform`.
        fill_value: see `transform`.

    Returns:
        Tensor of the images' shape and dtype.
    """
    moves = ops.reshape(ops.convert_to_tensor(translations, dtype="float32"), (-1, 2))
    zero, one = ops.zeros_like(moves[:, 0]), ops.ones_like(moves[:, 0])
    numbers = [one, zero, -moves[:, 0], zero, one, -moves[:, 1], zero, zero]
    numbers = ops.stack(numbers, axis=-1)
    return transform(images, numbers, interpolation, fill_mode, None, fill_value)


def transform(
    images: Any,
    transforms: Any,
    interpolation: str = "nearest",
    fill_mode: str = "constant",
    output_shape: tuple[Any, Any] | None = None,
    fill_value: float = 0.0,
) -> Any:
    """Projective transform: output pixel (x, y) takes the value at

    ((a0 x + a1 y + a2) / k, (a3 x + a4 y + a5) / k) with k = a6 x + a7 y + 1.

    Outside, `constant` sees `fill_value` beyond the edge pixels, `nearest` the edge, `reflect`
    the image mirrored with its edge repeated, `wrap` the image again. Places are moved inside
    before they are blended, so that `wrap` does not blend the last pixel with the first.

    Args:
        images: tensor (rows, columns), (rows, columns, channels) or (batch, rows, columns,
            channels).
        transforms: eight numbers a0 ... a7, or eight for each image.
        interpolation: `"nearest"` (halves away from zero) or `"bilinear"`.
        fill_mode: `"constant"`, `"nearest"`, `"reflect"` or `"wrap"`.
        output_shape: (rows, columns) of the result; those of the images by default.
        fill_value: the value outside under `"constant"`, and where k is 0.

    Returns:
        Tensor of the images' rank and dtype; integers are truncated towards zero.

    Raises:
        ValueError: another interpolation, fill_mode or rank.
    """
    if interpolation not in ("nearest", "bilinear"):
        raise ValueError(
            f"interpolation must be 'nearest' or 'bilinear'; found {interpolation!r}. Choose one."
        )
    if fill_mode not in _FILL_MODES:
        raise ValueError(
            f"fill_mode must be one of {', '.join(_FILL_MODES)}; found {fill_mode!r}. Choose one."
        )
    images = ops.convert_to_tensor(images)
    rank = len(images.shape)
    if rank not in (2, 3, 4):
        raise ValueError(
            f"images must have two, three or four axes; found the shape {tuple(images.shape)}. "
            "Give (batch, rows, columns, channels)."
        )
    values, _ = _wide(
        images[None, :, :, None] if rank == 2 else images[None] if rank == 3 else images
    )
    b, h, w, c = ops.shape(values)
    n, m = output_shape or (h, w)
    rows, columns = _projected(transforms, n, m, values.dtype)
    rows, columns = (ops.broadcast_to(x, (b, n * m)) for x in (rows, columns))
    nowhere = ops.isnan(rows)  # k is 0
    rows, columns = (ops.where(nowhere, ops.zeros_like(x), x) for x in (rows, columns))
    rows, columns = _folded(rows, h, fill_mode), _folded(columns, w, fill_mode)
    if interpolation == "nearest":
        found = _pixel(values, _round(rows), _round(columns), fill_value)
    else:
        found = _bilinear(values, rows, columns, fill_value)
    found = ops.where(nowhere[..., None], ops.full_like(found, fill_value), found)
    found = ops.reshape(found, (b, n, m, c))
    found = found[0, :, :, 0] if rank == 2 else found[0] if rank == 3 else found
    return ops.cast(found, images.dtype)


def _wide(values: Any) -> tuple[Any, Any]:
    """The tensor in float32 (float64 for float64), and the dtype of a result made of it."""
    dtype = backend.standardize_dtype(values.dtype)
    wide = "float64" if dtype == "float64" else "float32"
    return ops.cast(values, wide), dtype if backend.is_float_dtype(dtype) else wide


def _inside(places: Any, n: Any) -> tuple[Any, Any]:
    """First of two neighbouring pixels, and the weight of the second, both within the image."""
    first = ops.clip(ops.floor(places), 0, ops.cast(n - 2, places.dtype))
    weight = places - first
    # comparisons, because the slope of minimum and maximum at a tie depends on the backend
    weight = ops.where(weight > 0, weight, ops.zeros_like(weight))
    return first, ops.where(weight <= 1, weight, ops.ones_like(weight))


def _bilinear(values: Any, rows: Any, columns: Any, fill: float) -> Any:
    top, left = ops.floor(rows), ops.floor(columns)
    return _blend(values, top, left, rows - top, columns - left, fill)


def _blend(values: Any, top: Any, left: Any, down: Any, right: Any, fill: float) -> Any:
    """Blend of the four pixels from (top, left) on, (batch, points, channels)."""
    down, right = down[..., None], right[..., None]
    above = (1 - right) * _pixel(values, top, left, fill)
    above = above + right * _pixel(values, top, left + 1, fill)
    below = (1 - right) * _pixel(values, top + 1, left, fill)
    below = below + right * _pixel(values, top + 1, left + 1, fill)
    return (1 - down) * above + down * below


def _pixel(values: Any, rows: Any, columns: Any, fill: float) -> Any:
    """Pixels at whole places (batch, points), `fill` outside the image."""
    b, h, w, c = ops.shape(values)
    bottom, last = ops.cast(h - 1, rows.dtype), ops.cast(w - 1, rows.dtype)
    inside = (rows >= 0) & (rows <= bottom) & (columns >= 0) & (columns <= last)
    row = ops.cast(ops.clip(rows, 0, bottom), "int32")
    column = ops.cast(ops.clip(columns, 0, last), "int32")
    image = ops.arange(b, dtype="int32")[:, None]
    found = ops.take(ops.reshape(values, (-1, c)), (image * h + row) * w + column, axis=0)
    return ops.where(inside[..., None], found, ops.full_like(found, fill))


def _projected(transforms: Any, n: Any, m: Any, dtype: Any) -> tuple[Any, Any]:
    """Rows and columns (1 or batch, n m) that the pixels of an n x m image look at."""
    numbers = ops.reshape(ops.cast(transforms, dtype), (-1, 8))
    a = [numbers[:, k, None] for k in range(8)]
    y, x = ops.meshgrid(ops.arange(n), ops.arange(m), indexing="ij")
    x, y = (ops.cast(ops.reshape(v, (1, -1)), dtype) for v in (x, y))
    k = a[6] * x + a[7] * y + 1
    k = ops.where(k == 0, ops.full_like(k, float("nan")), k)
    return (a[3] * x + a[4] * y + a[5]) / k, (a[0] * x + a[1] * y + a[2]) / k


def _folded(places: Any, n: Any, fill_mode: str) -> Any:
    """Places moved into 0 ... n - 1 as TensorFlow's ImageProjectiveTransformV3 moves them."""
    if fill_mode == "constant":
        return places
    size = ops.cast(n, places.dtype)
    last = size - 1
    if fill_mode == "reflect":
        # one period is the image and its mirror image; -p is as far out as p - 1
        period = 2 * size
        places = ops.where(places < 0, -places - 1, places)
        places = places - period * ops.floor(places / period)
        places = ops.where(places >= size, period - places - 1, places)
    elif fill_mode == "wrap":
        # steps of n are counted in units of n - 1, as there
        unit = ops.maximum(last, 1)
        below = places + size * (ops.floor(-places / unit) + 1)
        above = places - size * ops.floor(places / unit)
        places = ops.where(places < 0, below, ops.where(places > last, above, places))
    return ops.clip(places, 0, last)


def _round(places: Any) -> Any:
    """To the nearest whole number, halves away from zero."""
    return ops.sign(places) * ops.floor(ops.abs(places) + 0.5)
