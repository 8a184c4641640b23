"""Maps as they should not be: each is refused or taken with one clear message, and never
executed.
"""

import io
import os
import pickle
import struct
import tarfile
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

import benchmark_kit
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import write_npy, write_png


def score(folder_set, maps=None, **options):
    return benchmark_kit.evaluate(
        maps or folder_set.maps, folder_set.truths(), metrics="nss", workers=1, **options
    )


def refusal(folder_set, maps=None, **options):
    with pytest.raises(InputError) as caught:
        score(folder_set, maps, **options)
    return caught.value


def codes(error):
    return {problem.code for problem in error.problems}


def first_map(folder_set):
    return folder_set.maps / f"{folder_set.names[0]}.png"


def pixels_of(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def first_pixels(folder_set):
    return pixels_of(first_map(folder_set))


def replace_first(folder_set, suffix, write):
    """Put another file in place of the first map."""
    old = first_map(folder_set)
    pixels = first_pixels(folder_set)
    old.unlink()
    new = old.with_suffix(suffix)
    write(new, pixels)
    return new


def test_empty_folder(folder_set, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    error = refusal(folder_set, empty)
    assert codes(error) == {"E107"}
    assert "no maps in" in str(error)


def test_folder_of_text_files_says_what_was_found(folder_set, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "readme.txt").write_text("nothing")
    assert "readme.txt" in str(refusal(folder_set, folder))


def test_no_such_folder(folder_set, tmp_path):
    with pytest.raises(ConfigError, match="no such file or folder"):
        score(folder_set, tmp_path / "nowhere")


def test_one_map_of_many(folder_set, tmp_path):
    one = tmp_path / "one" / folder_set.names[0]
    one.parent.mkdir(parents=True)
    one.with_suffix(".png").write_bytes(first_map(folder_set).read_bytes())
    error = refusal(folder_set, tmp_path / "one")
    assert codes(error) == {"E102"}
    assert "5 images have no map" in str(error)
    assert "--partial" in str(error)
    results = score(folder_set, tmp_path / "one", partial=True)
    assert results.data["dataset"]["scored"] == 1
    assert len(results.data["dataset"]["missing_maps"]) == 5


def test_everything_wrong_is_told_at_once(folder_set):
    names = folder_set.names
    (folder_set.maps / f"{names[0]}.png").unlink()
    write_png(folder_set.maps / f"{names[1]}.png", np.zeros((10, 10), np.uint8))
    (folder_set.maps / "indoor" / "stranger.png").write_bytes(
        (folder_set.maps / f"{names[2]}.png").read_bytes()
    )
    Image.new("RGB", (64, 48), (255, 0, 0)).save(folder_set.maps / f"{names[4]}.bmp")
    (folder_set.maps / f"{names[4]}.png").unlink()
    pixels = pixels_of(folder_set.maps / f"{names[2]}.png")
    write_png(folder_set.maps / f"{names[2]}.png", np.ascontiguousarray(pixels.T))
    error = refusal(folder_set)
    assert codes(error) == {"E102", "E103", "E201", "E202"}
    assert "--transpose" in str(error)


def test_transposed_maps(folder_set):
    for name in folder_set.names:
        path = folder_set.maps / f"{name}.png"
        write_png(path, np.ascontiguousarray(pixels_of(path).T))
    error = refusal(folder_set)
    assert codes(error) == {"E201"}
    assert "transposed" in str(error)
    assert score(folder_set, transpose=True).value("nss") > 0.5


def test_half_size_maps_are_resized_only_when_asked(folder_set):
    for name in folder_set.names:
        path = folder_set.maps / f"{name}.png"
        write_png(path, np.ascontiguousarray(pixels_of(path)[::2, ::2]))
    error = refusal(folder_set)
    assert codes(error) == {"E202"}
    assert "0.5 x 0.5" in str(error)
    results = score(folder_set, resize="bilinear")
    assert results.data["maps"]["resized"] == {"count": 6, "kernel": "bilinear"}
    with pytest.raises(ConfigError, match="known are"):
        score(folder_set, resize="cubic")


def test_network_output_size(folder_set):
    for name in folder_set.names:
        write_png(folder_set.maps / f"{name}.png", np.arange(240, dtype=np.uint8).reshape(12, 20))
    assert "network's output size" in str(refusal(folder_set))


def test_truncated_png_is_found_among_all(folder_set):
    path = first_map(folder_set)
    path.write_bytes(path.read_bytes()[:-60])
    error = refusal(folder_set)
    assert codes(error) == {"E301"}
    assert folder_set.names[0] in str(error)
    assert "nothing was written" in str(error)


def test_zero_bytes(folder_set):
    first_map(folder_set).write_bytes(b"")
    assert codes(refusal(folder_set)) == {"E301"}


def png_header(width, height):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [20_000, 65_535])
def test_decompression_bomb_is_refused_by_its_header(folder_set, side):
    first_map(folder_set).write_bytes(png_header(side, side))
    error = refusal(folder_set)
    assert codes(error) == {"E301"}
    assert "pixels" in str(error)


def test_huge_npy_header_is_refused(folder_set):
    def write(path, pixels):
        with open(path, "wb") as file:
            header = {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
            np.lib.format.write_array_header_1_0(file, header)

    replace_first(folder_set, ".npy", write)
    assert codes(refusal(folder_set)) == {"E301"}


@pytest.mark.parametrize(("mode", "code"), [("RGB", "E302"), ("1", "E302"), ("CMYK", "E302")])
def test_colour_and_two_levels(folder_set, mode, code):
    suffix = ".tiff" if mode == "CMYK" else ".png"

    def write(path, pixels):
        colours = np.stack([pixels, 255 - pixels, pixels], axis=2)
        Image.fromarray(colours).convert(mode).save(path)

    replace_first(folder_set, suffix, write)
    assert codes(refusal(folder_set)) == {code}


def test_gray_in_other_clothes_scores_the_same(folder_set):
    expected = score(folder_set).images
    pixels = first_pixels(folder_set)
    path = first_map(folder_set)
    alpha = np.full(pixels.shape, 255, np.uint8)
    palette = Image.fromarray(pixels).convert("P")
    palette.putpalette([value for level in range(256) for value in (level, level, level)])
    clothes = {
        "gray as RGB": Image.fromarray(np.stack([pixels] * 3, axis=2)),
        "RGBA": Image.fromarray(np.stack([pixels] * 3 + [alpha], axis=2)),
        "LA": Image.fromarray(np.stack([pixels, alpha], axis=2)),
        "palette": palette,
    }
    for name, picture in clothes.items():
        picture.save(path)
        assert score(folder_set).images == expected, name


def test_transparency_that_varies(folder_set):
    pixels = first_pixels(folder_set)
    Image.fromarray(np.stack([pixels] * 3 + [pixels], axis=2)).save(first_map(folder_set))
    error = refusal(folder_set)
    assert codes(error) == {"E302"}
    assert "transparency" in str(error)


def test_exif_rotated_jpeg(folder_set):
    def write(path, pixels):
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(pixels).save(path, exif=exif, quality=95)

    replace_first(folder_set, ".jpg", write)
    error = refusal(folder_set)
    assert codes(error) == {"E204"}
    assert "orientation 6" in str(error)


class Payload:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_pickled_objects_are_never_unpickled(folder_set, tmp_path):
    marker = tmp_path / "executed"

    def write(path, pixels):
        with open(path, "wb") as file:
            header = {"descr": "|O", "fortran_order": False, "shape": (1, 1)}
            np.lib.format.write_array_header_1_0(file, header)
            pickle.dump(Payload(str(marker)), file)

    replace_first(folder_set, ".npy", write)
    error = refusal(folder_set)
    assert codes(error) == {"E303"}
    assert "never loaded" in str(error)
    assert not marker.exists()


@pytest.mark.parametrize("kind", [">f8", ">u2", "<f2", "<i4", "|u1", "<f4"])
def test_number_types_of_npy(folder_set, kind):
    expected = score(folder_set).images[0]["nss"]

    def write(path, pixels):
        write_npy(path, pixels.astype(np.dtype(kind)))

    replace_first(folder_set, ".npy", write)
    assert score(folder_set).images[0]["nss"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", ["3-D", "1-D", "complex", "text"])
def test_arrays_that_are_no_maps(folder_set, shape):
    def write(path, pixels):
        arrays = {
            "3-D": np.zeros((*pixels.shape, 5)),
            "1-D": pixels.ravel(),
            "complex": pixels + 1j,
            "text": np.array([["a", "b"]]),
        }
        np.save(path, arrays[shape])

    replace_first(folder_set, ".npy", write)
    assert codes(refusal(folder_set)) == {"E303"}


def test_axes_of_length_one_are_dropped(folder_set):
    expected = score(folder_set).images[0]["nss"]
    replace_first(folder_set, ".npy", lambda path, p: np.save(path, p[None, :, :, None] * 1.0))
    assert score(folder_set).images[0]["nss"] == pytest.approx(expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers(folder_set, value):
    def write(path, pixels):
        values = pixels.astype(np.float32)
        values[3, 4] = value
        np.save(path, values)

    replace_first(folder_set, ".npy", write)
    error = refusal(folder_set)
    assert codes(error) == {"E304"}
    assert folder_set.names[0] in str(error)


@pytest.mark.parametrize("version", ["4", "5", "7.3"])
def test_mat_of_three_ages(folder_set, version):
    import h5py
    from scipy.io import savemat

    expected = score(folder_set).images[0]["nss"]

    def write(path, pixels):
        if version == "7.3":
            with h5py.File(path, "w", userblock_size=512) as file:
                dataset = file.create_dataset("map", data=(pixels * 1.0).T)
                dataset.attrs["MATLAB_class"] = np.bytes_("double")
        else:
            savemat(path, {"map": pixels * 1.0}, format=version)

    replace_first(folder_set, ".mat", write)
    assert score(folder_set).images[0]["nss"] == pytest.approx(expected)


def test_mat_with_two_variables(folder_set):
    from scipy.io import savemat

    replace_first(folder_set, ".mat", lambda path, p: savemat(path, {"a": p, "b": p}))
    assert "variables a, b instead of one" in str(refusal(folder_set))


def test_unicode_and_spaces(tmp_path):
    from benchmark_kit.datasets import get_dataset

    root, maps = tmp_path / "data", tmp_path / "maps"
    rng = np.random.default_rng(0)
    names = ["Tür und Tor", "日本", "e\u0301te"]
    (root / "stimuli").mkdir(parents=True)
    maps.mkdir()
    lines = ["image,x,y"]
    for name in names:
        write_png(
            root / "stimuli" / f"{name}.png", rng.integers(0, 255, (20, 30, 3)).astype(np.uint8)
        )
        lines += [f"{name}.png,{x},{y}" for x, y in rng.integers(0, 20, (5, 2))]
    # the maps' names are composed where the stimuli's are not: file systems differ in that
    for name in ("Tür und Tor", "日本", "\u00e9te"):
        write_png(maps / f"{name}.png", rng.integers(0, 255, (20, 30)).astype(np.uint8))
    (root / "fixations.csv").write_text("\n".join(lines), encoding="utf-8")
    truths = get_dataset("folder", root, cache=False)
    results = benchmark_kit.evaluate(maps, truths, metrics="nss")
    assert results.data["dataset"]["scored"] == 3


def test_names_that_collide_after_case_folding(folder_set):
    path = first_map(folder_set)
    other = path.with_name(path.name.replace("000", "000").replace(".png", ".PNG"))
    other.write_bytes(path.read_bytes())
    if len(list(path.parent.glob("000.*"))) < 2:
        pytest.skip("this file system folds case")
    error = refusal(folder_set)
    assert codes(error) == {"E104"}


def test_two_files_of_one_stem(folder_set):
    np.save(first_map(folder_set).with_suffix(".npy"), first_pixels(folder_set))
    error = refusal(folder_set)
    assert codes(error) == {"E104"}
    assert "indoor/000.npy = indoor/000.png" in str(error)


def test_leftovers_of_systems_are_ignored(folder_set):
    expected = score(folder_set).images
    (folder_set.maps / "__MACOSX" / "indoor").mkdir(parents=True)
    (folder_set.maps / "__MACOSX" / "indoor" / "._000.png").write_bytes(b"junk")
    (folder_set.maps / ".DS_Store").write_bytes(b"junk")
    (folder_set.maps / "Thumbs.db").write_bytes(b"junk")
    (folder_set.maps / "indoor" / "._000.png").write_bytes(b"junk")
    assert score(folder_set).images == expected


def test_a_loop_of_links_ends(folder_set):
    expected = score(folder_set).images
    (folder_set.maps / "loop").symlink_to(folder_set.maps, target_is_directory=True)
    assert score(folder_set).images == expected


def test_a_broken_link_is_unreadable(folder_set):
    path = first_map(folder_set)
    path.unlink()
    path.symlink_to(path.parent / "gone.png")
    assert codes(refusal(folder_set)) == {"E301"}


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_without_rights(folder_set):
    first_map(folder_set).chmod(0)
    error = refusal(folder_set)
    assert codes(error) == {"E301"}
    assert "Permission denied" in str(error)


def test_the_stimuli_given_as_maps(folder_set):
    gray = np.zeros((48, 64), np.uint8)
    for name in folder_set.names:
        path = folder_set.root / "stimuli" / f"{name}.png"
        write_png(path, np.resize(gray, pixels_of(path).shape[:2]))
    error = refusal(folder_set, folder_set.root / "stimuli")
    assert "E107" in codes(error)
    assert "the stimuli themselves" in str(error)


@pytest.mark.parametrize(
    ("change", "fix"),
    [
        (lambda name: f"{name}_saliency", "--strip _saliency"),
        (lambda name: name.replace("/", "_"), "put the maps into folders"),
        (lambda name: name.upper(), "upper and lower case"),
        (lambda name: name.split("/")[1], "put the maps into folders"),
    ],
)
def test_a_constant_difference_of_names_is_explained(folder_set, tmp_path, change, fix):
    renamed = tmp_path / "renamed"
    for name in folder_set.names:
        path = renamed / f"{change(name)}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((folder_set.maps / f"{name}.png").read_bytes())
    error = refusal(folder_set, renamed)
    assert "E105" in codes(error)
    assert fix in str(error)
    assert "6 of 6" in str(error)


def test_strip_takes_a_suffix_off(folder_set):
    expected = score(folder_set).value("nss")
    for name in folder_set.names:
        path = folder_set.maps / f"{name}.png"
        path.rename(path.with_name(f"{path.stem}_saliency.png"))
    assert score(folder_set, strip="_saliency").value("nss") == expected


def zip_of(folder_set, path, prefix=""):
    with zipfile.ZipFile(path, "w") as archive:
        for name in folder_set.names:
            archive.write(folder_set.maps / f"{name}.png", f"{prefix}{name}.png")
    return path


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tgz"])
def test_archives_score_like_folders(folder_set, tmp_path, suffix):
    path = tmp_path / f"maps{suffix}"
    if suffix == ".zip":
        zip_of(folder_set, path)
    else:
        with tarfile.open(path, "w" if suffix == ".tar" else "w:gz") as archive:
            for name in folder_set.names:
                archive.add(folder_set.maps / f"{name}.png", f"{name}.png")
    assert score(folder_set, path).images == score(folder_set).images


def test_one_folder_around_everything_is_taken_off_and_said(folder_set, tmp_path):
    results = score(folder_set, zip_of(folder_set, tmp_path / "maps.zip", "my_model/"))
    assert results.images == score(folder_set).images
    assert any("my_model" in warning["text"] for warning in results.warnings)


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("/etc/map.png", "absolute path"),
        ("../outside.png", "leaves the archive"),
        ("indoor\\000.png", "backslash"),
        ("inner.zip", "archive inside"),
    ],
)
def test_members_that_must_not_be(folder_set, tmp_path, member, words):
    path = zip_of(folder_set, tmp_path / "maps.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, first_map(folder_set).read_bytes())
    error = refusal(folder_set, path)
    assert "E502" in codes(error)
    assert words in str(error)
    assert not (tmp_path / "outside.png").exists()


def test_links_in_a_tar(folder_set, tmp_path):
    path = tmp_path / "maps.tar"
    with tarfile.open(path, "w") as archive:
        for name in folder_set.names[1:]:
            archive.add(folder_set.maps / f"{name}.png", f"{name}.png")
        link = tarfile.TarInfo(f"{folder_set.names[0]}.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert "E502" in codes(refusal(folder_set, path))


def test_zip_bomb(folder_set, tmp_path):
    path = zip_of(folder_set, tmp_path / "maps.zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        with zipfile.ZipFile(path) as archive:
            for name in folder_set.names[1:]:
                bomb.writestr(f"{name}.png", archive.read(f"{name}.png"))
        bomb.writestr(f"{folder_set.names[0]}.npy", bytes(200 * 2**20))
    error = refusal(folder_set, tmp_path / "bomb.zip")
    assert codes(error) == {"E301"}
    assert "unpacks to more than" in str(error)


def test_damaged_archives(folder_set, tmp_path):
    for name in ("a.zip", "a.tar", "a.tar.gz"):
        (tmp_path / name).write_bytes(b"no archive at all" * 100)
        assert codes(refusal(folder_set, tmp_path / name)) == {"E301"}
    (tmp_path / "a.rar").write_bytes(b"rar")
    with pytest.raises(ConfigError, match="neither a folder nor"):
        score(folder_set, tmp_path / "a.rar")


def test_hdf5_maps_and_links(folder_set, tmp_path):
    import h5py

    path = tmp_path / "maps.hdf5"
    with h5py.File(path, "w") as file:
        for name in folder_set.names:
            pixels = pixels_of(folder_set.maps / f"{name}.png")
            file.create_dataset(f"{name}.png", data=pixels)
    expected = [{k: v for k, v in row.items()} for row in score(folder_set).images]
    assert score(folder_set, path).images == expected
    secret = tmp_path / "secret.hdf5"
    with h5py.File(secret, "w") as file:
        file["map"] = np.zeros((56, 60))
    with h5py.File(path, "a") as file:
        del file[f"{folder_set.names[0]}.png"]
        file[f"{folder_set.names[0]}.png"] = h5py.ExternalLink(str(secret), "map")
        file["indoor/soft.png"] = h5py.SoftLink("/indoor/002.png")
        file["indoor/loop"] = file["indoor"]
    error = refusal(folder_set, path)
    assert "E406" in codes(error)
    assert "never followed" in str(error)


def test_a_damaged_hdf5(folder_set, tmp_path):
    (tmp_path / "maps.h5").write_bytes(b"\x89HDF\r\n\x1a\nnothing")
    assert codes(refusal(folder_set, tmp_path / "maps.h5")) == {"E301"}


def test_warnings_are_kept_in_the_result(folder_set):
    names = folder_set.names
    size = first_pixels(folder_set).shape
    write_png(folder_set.maps / f"{names[0]}.png", np.full(size, 9, np.uint8))
    same = (folder_set.maps / f"{names[1]}.png").read_bytes()
    (folder_set.maps / f"{names[5]}.png").write_bytes(same)
    results = score(folder_set)
    found = {warning["code"]: warning for warning in results.warnings}
    assert found["W202"]["examples"] == [names[0]]
    assert found["W201"]["count"] == 2
    assert results.images[0]["flags"] == ["constant map"]


def test_log_densities_given_as_maps_are_recognised(folder_set):
    maps = {}
    for truth in folder_set.truths():
        rng = np.random.default_rng(len(maps))
        density = rng.random(truth.size)
        maps[truth.name] = np.log(density / density.sum())
    results = score(folder_set, maps)
    assert "W313" in {warning["code"] for warning in results.warnings}
    meant = score(folder_set, maps, log_density=True)
    assert "W313" not in {warning["code"] for warning in meant.warnings}


@pytest.mark.parametrize(
    ("spoil", "fix"),
    [
        (lambda logs: logs + 0.002, "subtract the logsumexp"),
        (lambda logs: logs / np.log(2), "multiply by ln 2"),
        (lambda logs: logs / np.log(10), "multiply by ln 10"),
        (np.exp, "leave --log-density out"),
        (lambda logs: logs * 1e300, "subtract the logsumexp"),
    ],
)
def test_log_densities_that_do_not_sum_to_one_are_refused(folder_set, spoil, fix):
    maps = {}
    for truth in folder_set.truths():
        density = np.random.default_rng(len(maps)).random(truth.size)
        maps[truth.name] = np.log(density / density.sum())
    first = min(maps)
    maps[first] = spoil(maps[first])
    with pytest.raises(InputError, match=fix) as caught:
        score(folder_set, maps, log_density=True)
    assert codes(caught.value) == {"E403"}


def test_few_levels_and_many_zeros(folder_set):
    for name in folder_set.names:
        path = folder_set.maps / f"{name}.png"
        pixels = pixels_of(path)
        write_png(path, (pixels // 64 * 64).astype(np.uint8))
    found = {warning["code"] for warning in score(folder_set).warnings}
    assert {"W301", "W302"} <= found


def test_names_with_extension_in_a_mapping(folder_set):
    maps = {f"{n}.png": pixels_of(folder_set.maps / f"{n}.png") for n in folder_set.names}
    assert score(folder_set, maps).images == score(folder_set).images


def test_bytes_of_a_png_need_no_file(folder_set):
    from benchmark_kit.imaging.images import read_map

    buffer = io.BytesIO()
    Image.fromarray(first_pixels(folder_set)).save(buffer, format="PNG")
    assert (read_map(("x.png", buffer.getvalue())) == first_pixels(folder_set)).all()


def turn_stimuli(folder_set, orientation):
    """Give every stimulus an EXIF orientation; its stored grid stays as it is."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in folder_set.names:
        path = folder_set.root / "stimuli" / f"{name}.png"
        with Image.open(path) as picture:
            picture.load()
        picture.save(path, exif=exif)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
@pytest.mark.parametrize("options", [{}, {"transpose": True}, {"resize": "bilinear"}])
def test_advice_for_maps_made_upright_leads_to_the_right_score(folder_set, orientation, options):
    from benchmark_kit.imaging.orientation import BACK, upright

    right = score(folder_set).value("nss")
    turn_stimuli(folder_set, orientation)
    assert score(folder_set).value("nss") == right
    paths = [folder_set.maps / f"{name}.png" for name in folder_set.names]
    for path in paths:
        write_png(path, upright(pixels_of(path), orientation))
    if orientation == 5 and "transpose" in options:
        assert score(folder_set, **options).value("nss") == right
        return
    error = refusal(folder_set, **options)
    assert codes(error) == {"E204"}
    assert f"by {BACK[orientation]}," in str(error)
    for path in paths:
        back = eval(BACK[orientation], {"numpy": np, "map": pixels_of(path)})
        write_png(path, np.ascontiguousarray(back))
    assert score(folder_set).value("nss") == right


def test_a_model_that_turns_photographs_predicts_stimuli_as_they_are_stored(folder_set):
    from keras_saliency import build_model

    model = build_model("spectral_residual")
    before = score_model(folder_set)
    turn_stimuli(folder_set, 6)
    assert score_model(folder_set) == before
    path = folder_set.root / "stimuli" / f"{folder_set.names[0]}.png"
    stored = model.predict_map(pixels_of(path))
    assert model.predict_map(path).shape == stored.shape[::-1]


def score_model(folder_set):
    results = benchmark_kit.evaluate(
        None, folder_set.truths(), model="spectral_residual", metrics="nss", workers=1
    )
    return results.value("nss")


@pytest.mark.parametrize("name", ["a.npy", "a.mat", "a.png", "a.tif"])
def test_a_damaged_file_is_named_wherever_it_is_read(tmp_path, name):
    from benchmark_kit.imaging.images import DecodeError, inspect_map, read_map

    (tmp_path / name).write_bytes(b"II*\0damaged")
    for read in (read_map, inspect_map):
        with pytest.raises(DecodeError, match=rf"{name}: E301"):
            read(tmp_path / name)
