"""The page that predicts: its map is Python's, nothing leaves the machine, keys are enough."""

import base64
import json
import re
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from benchmark_kit.imaging.images import quantise, read_map
from benchmark_kit.imaging.laid_over import overlay as laid_over
from keras_saliency import build_model

pytest.importorskip("selenium", reason="needs selenium")

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

pytestmark = pytest.mark.browser

EQUAL = 1e-3  # of the map's range: float16 weights and float32 sums end far below it


@pytest.fixture(scope="module")
def model():
    return build_model("saliency_lite", engine="onnx")


def scene(height, width, seed=0):
    """A picture with smooth ground and some sharp things on it, uint8 (height, width, 3)."""
    rng = np.random.default_rng([seed, height, width])
    rows, columns = np.mgrid[:height, :width] / max(height, width)
    tones = [np.sin(rng.uniform(2, 9) * rows + rng.uniform(2, 9) * columns + k) for k in range(3)]
    pixels = 128 + 60 * np.stack(tones, axis=-1)
    for _ in range(6):
        y, x, r = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(0.03, 0.12)
        disc = np.hypot(np.arange(height)[:, None] - y, np.arange(width) - x) < r * max(
            height, width
        )
        pixels[disc] = rng.uniform(0, 255, 3)
    return (pixels + rng.normal(0, 6, pixels.shape)).clip(0, 255).astype(np.uint8)


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def with_alpha(height, width):
    """Transparency from none to whole, under which colours stay."""
    alpha = np.linspace(0, 255, width).astype(np.uint8)[None].repeat(height, axis=0)
    return Image.fromarray(np.dstack([scene(height, width), alpha]))


def sixteen_bits(height, width):
    gray = scene(height, width)[..., 0].astype(np.uint16) * 257 + 100
    return Image.fromarray(np.minimum(gray, 65535).astype(np.uint16))


def picture(height, width):
    return Image.fromarray(scene(height, width))


def in_strange_colours(height, width, file):
    """A picture whose profile takes its red for green, which Python leaves aside."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {bytes(profile[k : k + 4]): k for k in range(132, 132 + 12 * profile[131], 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    picture(height, width).save(file, icc_profile=bytes(profile), quality=92)


def png(file, pixels, depth, colour, *chunks, interlaced=False):
    """A PNG that Pillow does not write: few bits, Adam7, or further chunks before the pixels.

    Args:
        file: where to.
        pixels: samples, integers (height, width[, channels]).
        depth: bits of a sample.
        colour: type of the header.
        chunks: (name, data).
        interlaced: in seven passes.
    """
    height, width = pixels.shape[:2]
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [
            (0, 0, 8, 8),
            (0, 4, 8, 8),
            (4, 0, 8, 4),
            (0, 2, 4, 4),
            (2, 0, 4, 2),
            (0, 1, 2, 2),
        ]
        passes += [(1, 0, 2, 1)]
    lines = b""
    for top, left, down, across in passes:
        for row in pixels[top::down, left::across].reshape(-(-(height - top) // down), -1):
            if depth == 16:
                lines += b"\0" + row.astype(">u2").tobytes()
            else:
                bits = (row[:, None] >> np.arange(depth)[::-1]) & 1
                lines += b"\0" + np.packbits(bits.astype(np.uint8).ravel()).tobytes()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    text = b"\x89PNG\r\n\x1a\n"
    for name, data in parts:
        text += struct.pack(">I", len(data)) + name + data
        text += struct.pack(">I", zlib.crc32(name + data))
    file.write_bytes(text)


PALETTE = (b"PLTE", np.random.default_rng(7).integers(0, 256, 12, np.uint8).tobytes())
CLEAR = (b"tRNS", bytes([0, 90, 255, 0]))
GAMMA = (b"gAMA", struct.pack(">I", 100000))  # linear light, which browsers would apply
MADE = {
    "interlaced.png": lambda file: png(file, scene(203, 299), 8, 2, interlaced=True),
    "two_bits.png": lambda file: png(file, scene(203, 301)[..., 0] >> 6, 2, 0),
    "four_bits.png": lambda file: png(file, scene(203, 301)[..., 0] >> 4, 4, 0, interlaced=True),
    "four_colours.png": lambda file: png(
        file, scene(203, 301)[..., 0] >> 6, 2, 3, PALETTE, CLEAR, interlaced=True
    ),
    "gamma.png": lambda file: png(file, scene(203, 301), 8, 2, GAMMA),
    "profile.jpg": lambda file: in_strange_colours(303, 405, file),
    "odd.png": lambda file: picture(331, 517).save(file),
    "portrait.png": lambda file: picture(640, 411).save(file),
    "small.png": lambda file: picture(37, 53).save(file),
    "one_pixel_high.png": lambda file: picture(1, 90).save(file),
    "strip.png": lambda file: picture(60, 1900).save(file),
    "large.png": lambda file: picture(1301, 1733).save(file),
    "gray.png": lambda file: picture(300, 400).convert("L").save(file),
    "two_levels.png": lambda file: picture(301, 403).convert("1").save(file),
    "palette.png": lambda file: picture(300, 401).quantize(13).save(file),
    "palette_clear.png": lambda file: picture(300, 401).quantize(9).save(file, transparency=2),
    "gray_alpha.png": lambda file: with_alpha(222, 333).convert("LA").save(file),
    "alpha.png": lambda file: with_alpha(333, 222).save(file),
    "sixteen.png": lambda file: sixteen_bits(240, 320).save(file),
    "alpha.webp": lambda file: with_alpha(240, 320).save(file, lossless=True, exact=True),
    "tiles.webp": lambda file: with_alpha(180, 2300).save(file, lossless=True, exact=True),
    "lossy.webp": lambda file: with_alpha(180, 230).save(file, quality=80, exact=True),
    "turned.webp": lambda file: picture(240, 320).save(file, lossless=True, exif=turned(8)),
    "a.bmp": lambda file: picture(233, 377).save(file),
    "a.gif": lambda file: picture(233, 377).quantize(64).save(file),
    "444.jpg": lambda file: picture(401, 602).save(file, quality=90, subsampling=0),
    "420.jpg": lambda file: picture(403, 607).save(file, quality=85, subsampling=2),
    "422.jpg": lambda file: picture(403, 607).save(file, quality=85, subsampling=1),
    "progressive.jpg": lambda file: picture(403, 607).save(file, progressive=True),
    "gray.jpg": lambda file: picture(403, 607).convert("L").save(file),
    **{
        f"turned{k}.png": lambda file, k=k: picture(211, 301).save(file, exif=turned(k))
        for k in range(2, 9)
    },
    **{
        f"turned{k}.jpg": lambda file, k=k: picture(211, 301).save(file, exif=turned(k))
        for k in range(2, 9)
    },
}


@pytest.fixture
def page(browser, site):
    """The page, opened anew only where another one is in the window."""
    address = f"{site}/docs/try.html"
    if browser.current_url != address:
        browser.get(address)
    return browser


def status(page, begins, name="", wanted="", seconds=60):
    """The text of the live region, once it begins so, and the map is that of a file."""
    for _ in range(20 * seconds):
        text = page.find_element("id", "tool-status").text
        label = page.find_element("id", "tool-map").get_attribute("aria-label") or ""
        told = text.startswith(begins) and wanted in text
        if told and (not name or f"Map of {name}." in label):
            return text
        time.sleep(0.05)
    raise AssertionError(f"still {text!r} of {label!r} after {seconds} s")


def saved(browser, downloads, what, name):
    """The file that a button saves."""
    found = downloads / name
    found.unlink(missing_ok=True)
    browser.find_element("css selector", f"[data-save={what}]").send_keys(Keys.ENTER)
    for _ in range(400):
        if found.is_file() and found.stat().st_size:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no {name} among {[p.name for p in downloads.iterdir()]}")


def difference(made, wanted):
    return np.abs(made - wanted).max() / (wanted.max() - wanted.min())


def predicted(page, downloads, file):
    page.find_element("id", "tool-file").send_keys(str(file))
    status(page, "Most looked at", file.stem)
    return np.load(saved(page, downloads, "numbers", f"{file.stem}.npy"))


@pytest.mark.parametrize("name", MADE)
def test_the_map_is_pythons(page, downloads, model, tmp_path, name):
    file = tmp_path / name
    MADE[name](file)
    made, wanted = predicted(page, downloads, file), model.predict_map(file)
    assert made.shape == wanted.shape
    assert difference(made, wanted) < EQUAL
    assert made.sum(dtype=np.float64) == pytest.approx(1, abs=1e-4)  # float32, a million pixels


@pytest.mark.shared
@pytest.mark.parametrize("name", ["astronaut.jpg", "chelsea.jpg", "coffee.jpg", "rocket.jpg"])
def test_the_map_of_a_photograph_is_pythons(page, downloads, model, shared, name):
    file = shared / "data" / "photos" / name
    made, wanted = predicted(page, downloads, file), model.predict_map(file)
    assert difference(made, wanted) < EQUAL


@pytest.fixture
def coloured(tmp_path):
    """A picture with one thing to look at, at its right."""
    pixels = np.full((300, 500, 3), 120, np.uint8)
    pixels[130:170, 380:420] = (250, 220, 20)
    file = tmp_path / "a thing.png"
    Image.fromarray(pixels).save(file)
    return file


def choose(page, file):
    page.find_element("id", "tool-file").send_keys(str(file))
    return status(page, "Most looked at", file.stem)


def test_what_is_saved_is_what_the_command_writes(page, downloads, model, coloured):
    choose(page, coloured)
    wanted = quantise(model.predict_map(coloured))
    made = read_map(saved(page, downloads, "map", "a thing.png"))
    assert np.abs(made.astype(int) - wanted).max() <= 1  # a ceiling of numbers that differ by 1e-7
    overlay = np.asarray(Image.open(saved(page, downloads, "overlay", "a thing-overlay.png")))
    pixels = np.asarray(Image.open(coloured))
    apart = np.abs(overlay.astype(int) - laid_over(pixels, model.predict_map(coloured)))
    # a value at the border of two of the 256 colours may take the neighbour
    assert apart.max() <= 4
    assert (apart > 0).mean() < 0.01


def test_the_crop_follows_the_aspect_and_holds_the_most(page, downloads, model, coloured):
    choose(page, coloured)
    density = model.predict_map(coloured)
    for aspect, (width, height) in {
        "1:1": (300, 300),
        "9:16": (169, 300),
        "16:9": (500, 281),
    }.items():
        Select(page.find_element("id", "tool-aspect")).select_by_value(aspect)
        text = status(page, "Most looked at", wanted=f"The crop {aspect}")
        numbers = re.search(r"(\d+) % of the looks: (\d+) × (\d+) pixels, (\d+) .*, (\d+) ", text)
        share, wide, tall, left, top = map(int, numbers.groups())
        assert (wide, tall) == (width, height)
        windows = np.lib.stride_tricks.sliding_window_view(density, (tall, wide))
        sums = windows.sum(axis=(2, 3))
        assert sums[top, left] == pytest.approx(sums.max(), rel=1e-5)
        assert share == round(100 * sums.max())
        crop = np.asarray(Image.open(saved(page, downloads, "crop", "a thing-crop.png")))
        pixels = np.asarray(Image.open(coloured))
        np.testing.assert_array_equal(crop, pixels[top : top + tall, left : left + wide])
    Select(page.find_element("id", "tool-aspect")).select_by_value("1:1")


def test_nothing_is_sent_and_a_second_picture_needs_no_network(browser, site, downloads, coloured):
    browser.get_log("performance")
    browser.get(f"{site}/docs/try.html")
    choose(browser, coloured)
    messages = [json.loads(row["message"])["message"] for row in browser.get_log("performance")]
    asked = [m["params"]["request"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert asked
    assert all(one["url"].startswith((site, "blob:", "data:")) for one in asked)
    assert {one["method"] for one in asked} == {"GET"}
    offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    try:
        other = coloured.with_name("another.jpg")
        picture(200, 300).save(other)
        choose(browser, other)
    finally:
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", {**offline, "offline": False})


def test_keys_alone_reach_everything_and_focus_is_seen(page, coloured):
    choose(page, coloured)
    page.execute_script(
        "document.activeElement.blur(); document.getElementById('tool-file').focus()"
    )
    reached = []
    for _ in range(6):
        element = page.switch_to.active_element
        outline = element.value_of_css_property("outline-style")
        reached.append((element.get_attribute("id") or element.get_attribute("data-save"), outline))
        ActionChains(page).send_keys(Keys.TAB).perform()
    names = ["tool-file", "tool-aspect", "map", "numbers", "overlay", "crop"]
    assert [name for name, _ in reached] == names
    assert all(outline == "solid" for _, outline in reached[1:]), reached


def test_a_reader_of_screens_is_told_names_and_results(page, coloured):
    text = choose(page, coloured)
    assert page.find_element("id", "tool-status").get_attribute("aria-live") == "polite"
    across = int(re.search(r"(\d+) % from the left", text)[1])
    assert 70 < across < 90  # the thing lies at 80 %
    for name in ("file", "aspect"):
        assert page.find_element("css selector", f"label[for=tool-{name}]").text
    for canvas in page.find_elements("css selector", ".tool canvas"):
        assert canvas.get_attribute("role") == "img"
        assert canvas.get_attribute("aria-label")
    assert all(button.text for button in page.find_elements("css selector", ".tool button"))


def test_a_dropped_file_is_taken(page, coloured):
    data = base64.b64encode(coloured.read_bytes()).decode()
    page.execute_script(DROP, data, "dropped.png")
    assert status(page, "Most looked at", "dropped")


DROP = """
const bytes = Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0));
const dataTransfer = new DataTransfer();
dataTransfer.items.add(new File([bytes], arguments[1], { type: "image/png" }));
const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
document.querySelector(".tool-drop").dispatchEvent(drop);
"""


def test_what_is_no_picture_is_told_and_the_next_one_is_taken(page, tmp_path, coloured):
    text, cut = tmp_path / "notes.txt", tmp_path / "cut.png"
    text.write_text("no picture")
    cut.write_bytes(coloured.read_bytes()[:200])
    huge = bytearray(coloured.read_bytes())
    huge[16:24] = (60000).to_bytes(4, "big") * 2
    promising = tmp_path / "huge.png"
    promising.write_bytes(huge)
    for file, wanted in (
        (text, "notes.txt is no picture that this browser reads"),
        (cut, "cut.png is a damaged PNG"),
        (promising, "The picture has 60000 × 60000 pixels"),
    ):
        page.find_element("id", "tool-file").send_keys(str(file))
        status(page, wanted)
        assert not page.find_element("id", "tool-results").is_displayed()
    choose(page, coloured)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_it_fits_and_can_be_read(page, resized, contrast, coloured, width, dark):
    resized(page, width, dark=dark)
    choose(page, coloured)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    for canvas in page.find_elements("css selector", ".tool canvas"):
        assert canvas.rect["x"] + canvas.rect["width"] <= width
    ratio, where = contrast(page, ".tool")
    assert ratio >= 4.5, where
