"""What coordinates that do not fit their pictures look like, and the settings that mend them.

Every explanation is a way to turn the file's values into pixels, and is believed if they then fit
the pictures as people's gaze does (`_explanation`). Kinds that explain the points about as well are
all named; if none does, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmark_kit.datasets.reading.explanation import (
    MANY,
    SPREAD,
    Explanation,
    Points,
    spread_misfit,
)
from benchmark_kit.datasets.reading.tally import Sample

FEWEST, FEWEST_SHARES = 15, 5  # points below which nothing is claimed
FEW = 40  # points
APART, APART_OF_FEW = 3.0, 5.0  # by which the next kind of explanation must be worse
ALMOST = 2.0  # misfit by which the next screen must be worse not to be as likely
BARS = 0.05  # of a screen beside a picture, below which it counts as filled
SMALLEST = 8  # pixels: in a smaller picture pixels and shares look alike
SCREENS = (
    *((640, 480), (800, 600), (1024, 768), (1152, 864), (1280, 720), (1280, 768), (1280, 800)),
    *((1280, 960), (1280, 1024), (1360, 768), (1366, 768), (1400, 1050), (1440, 900), (1600, 900)),
    *((1600, 1200), (1680, 1050), (1920, 1080), (1920, 1200), (2048, 1536), (2560, 1080)),
    *((2560, 1440), (2560, 1600), (3440, 1440), (3840, 2160)),
)
RATIOS = (1.25, 4 / 3, 1.5, 1.6, 5 / 3, 2.0, 2.4, 2.5, 3.0, 3.2, 4.0, 5.0, 6.0, 8.0, 10.0)


def look_alike(
    samples: Sequence[Sample], per_degree: float | None = None
) -> tuple[Explanation, ...]:
    """What the coordinates look like: one explanation, several as good, or none.

    Args:
        samples: points of some images.
        per_degree: pixels of one degree, where they are known.
    """
    import numpy as np

    with np.errstate(all="ignore"):  # any value may stand in a table
        return _look_alike(Points(samples, per_degree))


def _look_alike(points: Points) -> tuple[Explanation, ...]:
    if len(points.x) < FEWEST_SHARES or min(map(min, points.sizes)) < SMALLEST:
        return ()
    shares = tuple(_shares(points))
    if shares or len(points.x) < FEWEST:
        return shares if len(points.x) >= FEWEST or (points.x >= 0).all() else ()
    found = sorted((each for make in KINDS for each in make(points)), key=lambda each: each.misfit)
    best = {each.kind: each for each in reversed(found)}
    kinds = sorted(best.values(), key=lambda each: each.misfit)
    apart = APART if len(points.x) >= FEW else APART_OF_FEW
    return tuple(each for each in kinds if each.misfit - kinds[0].misfit < apart)


def _shares(points: Points) -> Iterator[Explanation]:
    """Shares of the picture: no other unit lies so close to zero."""
    import numpy as np

    values = np.stack([points.x, points.y])
    if (values == np.round(values)).mean() > 0.5 or np.quantile(np.abs(values), 0.95) > 1.1:
        return
    negative = (values < 0).mean(axis=1)
    low, high = np.quantile(values, [0.02, 0.98], axis=1)
    reach = np.abs(values).max(axis=1)
    # degrees on a small picture reach as far as its sides are long
    shape = abs(float(np.log(np.median(points.width / points.height))))
    alike = abs(float(np.log(reach[0] / max(reach[1], 1e-9)))) < max(shape / 2, 0.1)
    if (negative < 0.1).all() and high.min() > 0.2:
        own = Explanation(
            "normalised",
            "shares of the picture's width and height (0 to 1)",
            ('units = "normalised"',),
            spread_misfit(points.x) + spread_misfit(points.y),
            float(((values >= 0) & (values < 1)).all(axis=0).mean()),
            upwards=("offset = [0, 1]", "scale = [1, -1]"),
        )
        screens = sorted(_shares_of_screens(points), key=lambda each: each.misfit)
        narrow = len(screens) > 0 and screens[0].misfit + APART < own.misfit
        yield screens[0] if narrow else own
    elif alike and len(points.x) >= FEW and (np.abs(negative - 0.5) < 0.35).all():
        if (reach <= 0.52).all() and (high - low).min() > 0.2:
            text = "shares of the picture's sides counted from its centre (-0.5 to 0.5)"
            centred = ('units = "normalised"', "offset = [-0.5, -0.5]")
            up = ("offset = [-0.5, 0.5]", "scale = [1, -1]")
            yield Explanation("normalised", text, centred, 0.0, 1.0, upwards=up)
        elif (reach > 0.55).all() and (high - low).min() > 0.4:
            text = "shares of half the picture's sides counted from its centre (-1 to 1)"
            halves = ('units = "normalised"', "offset = [-1, -1]", "scale = 2")
            up = ("offset = [-1, 1]", "scale = [2, -2]")
            yield Explanation("normalised", text, halves, 0.0, 1.0, upwards=up)


def _shares_of_screens(points: Points) -> Iterator[Explanation]:
    """Shares of a screen with the picture centred on it."""
    for width, height in SCREENS:
        if width >= points.width.max() and height >= points.height.max():
            found = points.explain(
                "normalised",
                "shares of a screen's width and height (0 to 1) with the picture centred on it",
                [
                    'units = "normalised"',
                    f"screen = [{width}, {height}]  # perhaps: give your screen's",
                ],
                points.x * width - (width - points.width) / 2,
                points.y * height - (height - points.height) / 2,
            )
            if found:
                yield replace(found, upwards=("offset = [0, 1]", "scale = [1, -1]"))


def _swapped(points: Points) -> Iterator[Explanation | None]:
    if (points.width != points.height).mean() >= 0.5:
        text = "pixels with rows and columns swapped (the first value is the row)"
        yield points.explain("swapped", text, ["swap_xy = true"], points.y, points.x)


def _from_the_centre(points: Points) -> Iterator[Explanation | None]:
    """Signed values: degrees or pixels counted from the picture's centre."""
    import numpy as np

    x, y = points.x, points.y
    if any(abs((values < 0).mean() - 0.5) > 0.3 for values in (x, y)):
        return
    one_size = len(points.sizes) == 1
    height, width = next(iter(points.sizes))
    offset = f"offset = [{-width / 2:g}, {-height / 2:g}]"
    yield points.explain(
        "pixels from the centre",
        "pixels counted from the picture's centre",
        [offset if one_size else "screen = [0, 0]"],
        x + points.width / 2,
        y + points.height / 2,
    )
    # a picture's spread of gaze in these units: how many pixels one unit must then be
    per_unit = [
        SPREAD * float(np.median(side)) / max(float(values.std()), 1e-9)
        for values, side in ((x, points.width), (y, points.height))
    ]
    middle = float(np.sqrt(per_unit[0] * per_unit[1]))
    whole = (np.concatenate([x, y]) == np.round(np.concatenate([x, y]))).mean()
    if points.per_degree is not None and whole < 0.5:
        known = points.explain(
            "degrees",
            "degrees of visual angle counted from the picture's centre",
            ['units = "degrees"'],
            x * points.per_degree + points.width / 2,
            y * points.per_degree + points.height / 2,
        )
        if known:
            yield known
            return
    if 4 <= middle <= 200 and 0.5 < per_unit[0] / per_unit[1] < 2 and whole < 0.5:
        yield points.explain(
            "degrees",
            "degrees of visual angle counted from the picture's centre",
            ['units = "degrees"', f"pixels_per_degree = {middle:.2g}  # about: give your screen's"],
            x * middle + points.width / 2,
            y * middle + points.height / 2,
        )


def _screen(points: Points) -> Iterator[Explanation | None]:
    """Pixels of a screen with the picture centred on it, unscaled."""
    import numpy as np

    guess = (2 * float(points.x.mean()), 2 * float(points.y.mean()))
    widest, highest = points.width.max(), points.height.max()
    found = []
    for width, height in SCREENS:
        if width < widest or height < highest or points.sizes == {(height, width)}:
            continue
        if each := _on_screen(points, width, height, ""):
            found.append(each)
    found.sort(key=lambda each: each.misfit)
    if len(found) > 1 and found[1].misfit - found[0].misfit < ALMOST:
        line = f"{found[0].settings[0]}  # perhaps: give your screen's"
        yield replace(found[0], settings=(line,))
    else:
        yield from found[:1]
    shift = np.hypot(guess[0] - np.median(points.width), guess[1] - np.median(points.height))
    covers = guess[0] > 0.97 * widest and guess[1] > 0.97 * highest
    if not found and covers and shift > 0.1 * np.median(points.width):
        yield _on_screen(points, round(guess[0], -1), round(guess[1], -1), "about ")


def _on_screen(points: Points, width: float, height: float, about: str) -> Explanation | None:
    line = f"screen = [{width:g}, {height:g}]" + ("  # about: give your screen's" if about else "")
    return points.explain(
        "screen",
        f"pixels of a screen of {about}{width:g}x{height:g} with the picture centred on it",
        [line],
        points.x - (width - points.width) / 2,
        points.y - (height - points.height) / 2,
    )


def _other_size(points: Points) -> Iterator[Explanation | None]:
    """Pixels of the picture at another size than it has here."""
    import numpy as np

    across, down = points.x / points.width, points.y / points.height
    if np.quantile(across, 0.01) < -0.05 or np.quantile(down, 0.01) < -0.05:
        return
    reach = max(float(np.quantile(across, 0.995)), float(np.quantile(down, 0.995)))
    guess = float(across.mean() + down.mean())
    if not 1e-3 < guess < 1e3:
        return
    ratios = [*RATIOS, *(1 / ratio for ratio in RATIOS)]
    if len(points.sizes) == 1:
        (height, width) = next(iter(points.sizes))
        ratios += [w / width for w, h in SCREENS if abs(w / width - h / height) < 0.005]
    near = [r for r in ratios if r >= 0.995 * reach and abs(r / guess - 1) < 0.12]
    # among many points some lie at the very edge
    edge = max(float(across.max()), float(down.max()))
    at_edge = [
        ratio
        for ratio in ratios
        if 0 <= ratio - edge < 0.01 * ratio
        and max((across > 0.985 * ratio).mean(), (down > 0.985 * ratio).mean()) > 0.004
    ]
    sure = len(across) >= MANY and len(at_edge) > 0
    chosen, best = (at_edge, edge) if sure else (near, guess)
    ratio = min(chosen, key=lambda r: abs(r / best - 1), default=guess)
    if abs(ratio - 1) < 0.05:
        return
    about = "" if sure else "about "
    sizes = f" of {round(width * ratio)}x{round(height * ratio)}" if len(points.sizes) == 1 else ""
    found = points.explain(
        "another size",
        f"pixels of a larger picture{sizes}, {about}{ratio:.4g} times this one"
        if ratio > 1
        else f"pixels of a smaller picture{sizes}, {about}{ratio:.4g} of this one",
        [
            f"scale = {ratio:.10g}"
            if sure
            else f"scale = {ratio:.4g}  # about: the recorded width / the picture's"
        ],
        points.x / ratio,
        points.y / ratio,
    )
    yield replace(found, ratio=ratio) if found else None


def _filled_screen(points: Points) -> Iterator[Explanation | None]:
    """Pixels of a screen that the picture fills in one direction, with bars in the other."""
    if len(points.sizes) != 1:
        return
    height, width = next(iter(points.sizes))
    for across, down in SCREENS:
        scale = min(across / width, down / height)
        offset = ((across - scale * width) / 2, (down - scale * height) / 2)
        if abs(scale - 1) < 0.02 or max(offset) < BARS * across:
            continue
        yield points.explain(
            "filled screen",
            f"pixels of a screen of {across}x{down} that shows the picture {scale:.4g} times as "
            "large, centred",
            [f"screen = [{across}, {down}]", f"scale = {scale:.10g}"],
            (points.x - offset[0]) / scale,
            (points.y - offset[1]) / scale,
        )


def _as_they_are(points: Points) -> Iterator[Explanation | None]:
    yield points.explain("pixels", "pixels of the pictures", [], points.x, points.y)


def _believable(make):  # type: ignore[no-untyped-def]
    return lambda points: (each for each in make(points) if each is not None)


KINDS = tuple(
    map(
        _believable,
        (_as_they_are, _swapped, _from_the_centre, _screen, _other_size, _filled_screen),
    )
)
