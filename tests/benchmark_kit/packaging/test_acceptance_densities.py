"""What is done with each known defect of densities and HDF5 files; the row number is in the id."""

import h5py
import numpy as np
import pytest

ROWS = {}


def row(number, *errors, warnings=(), says=(), board="mit300", kind="densities"):
    """One case: the codes that refuse, those that warn, and what the report says."""

    def add(make):
        ROWS[f"{number:02}-{make.__name__}"] = (
            make,
            set(errors),
            set(warnings),
            says,
            board,
            kind,
        )
        return make

    return add


@row(1)
def float64(s):
    return s.hdf5(s.densities(np.float64))


@row(1)
def big_endian(s):
    return s.hdf5(s.densities(">f4"))


@row(1)
def compressed(s):
    return s.hdf5(s.densities(), compression="lzf", shuffle=True)


@row(2, "E405", says=["store float32"])
def float16(s):
    return s.hdf5({n: _exact_half(d) for n, d in s.densities().items()})


@row(3, warnings=["W310"])
def float16_in_npy(s):
    return s.zip({f"{n}.npy": s.npy(_exact_half(d)) for n, d in s.densities().items()})


def _exact_half(density):
    """The density in float16, of which one pixel is moved until the sum is one again."""
    half = density.astype(np.float16)
    for k in np.argsort(half.reshape(-1))[::-1][:400]:
        rest = np.exp(np.delete(half.reshape(-1).astype(np.float64), k)).sum()
        if rest < 1:
            half.reshape(-1)[k] = np.log(1 - rest)
        total = np.log(np.exp(half.astype(np.float64)).sum())
        if abs(total) < 8e-6:
            return half
    raise AssertionError("no such pixel")


@row(4, warnings=["W402"], says=["0.0009", "--renormalise"])
def off_by_nine_ten_thousandths(s):
    return s.hdf5({n: d + 9e-4 for n, d in s.densities(np.float64).items()})


@row(5, "E403", says=["0.002", "i11", "--renormalise"])
def one_image_off_by_two_thousandths(s):
    densities = s.densities(np.float64)
    densities["i11"] += 2e-3
    return s.hdf5(densities)


@row(5, "E403")
def off_by_exactly_one_thousandth(s):
    return s.hdf5({n: d + 1e-3 + 1e-12 for n, d in s.densities(np.float64).items()})


@row(6, "E403")
def off_by_a_hundredth(s):
    return s.hdf5({n: d + 1.1e-2 for n, d in s.densities().items()})


@row(7, "E403", says=["plain densities"])
def densities_instead_of_logs(s):
    return s.hdf5({n: np.exp(d) for n, d in s.densities().items()})


@row(7, "E403", says=["base 2 instead of natural", "multiply by ln 2"])
def binary_logarithms(s):
    return s.hdf5({n: d / np.log(2) for n, d in s.densities().items()})


@row(7, "E403", says=["base 10 instead of natural", "multiply by ln 10"])
def decimal_logarithms(s):
    return s.hdf5({n: d / np.log(10) for n, d in s.densities().items()})


@row(7, "E401", says=["maps given, log densities wanted (maximum 255", "--to-density"])
def maps_of_eight_bits(s):
    return s.hdf5(s.maps)


@row(8, "E403")
def integers(s):
    return s.hdf5({n: np.floor(d).astype(np.int32) for n, d in s.densities().items()})


@row(9, "E304")
def not_a_number(s):
    densities = s.densities()
    densities["i1"][0, 0] = np.nan
    return s.hdf5(densities)


@row(10, "E404", says=["1 pixels of 1 log densities are -inf", "--floor"])
def minus_infinite(s):
    densities = s.densities()
    densities["i1"][0, 0] = -np.inf
    return s.hdf5(densities)


@row(11, "E201", says=["transposed"])
def transposed(s):
    return s.hdf5({n: d.T for n, d in s.densities().items()})


@row(11, "E203", "E403")
def other_size(s):
    return s.hdf5({n: d[:40, :41] for n, d in s.densities().items()})


@row(11, "E303", says=["more than two axes"])
def an_axis_of_one(s):
    return s.hdf5({n: d[None] for n, d in s.densities().items()})


@row(12, "E303")
def three_channels(s):
    return s.hdf5({n: np.dstack([d, d, d]) for n, d in s.densities().items()})


@row(13, warnings=["W201", "W401"], says=["IG will not be above 0"])
def uniform(s):
    return s.hdf5({n: np.full(size, -np.log(np.prod(size))) for n, size in s.sizes.items()})


@row(14, "E406", says=["i1 (expected i1.jpg)", "salbench package"])
def keys_without_extension(s):
    return s.hdf5(s.densities(), suffix="")


@row(14, "E406", says=["i1.png (expected i1.jpg)"])
def keys_of_png(s):
    return s.hdf5(s.densities(), suffix=".png")


@row(14, "E406", says=["group/i1.jpg (expected i1.jpg)"])
def an_unknown_group(s):
    return s.hdf5({f"group/{n}": d for n, d in s.densities().items()})


@row(
    14,
    *("E102", "E406"),
    warnings=["W103"],
    says=["Action_002 (image Action/002)", "under its stimulus' path"],
    board="cat2000",
)
def flat_keys(s):
    return s.hdf5({n.replace("/", "_"): d for n, d in s.densities().items()})


@row(14, "E406", says=["Stimuli/Action/002.jpg (expected Action/002.jpg)"], board="cat2000")
def the_folder_in_capitals(s):
    return s.hdf5({f"Stimuli/{n}": d for n, d in s.densities().items()})


@row(14, "E102", "E406", warnings=["W103"], says=["backslash"], board="cat2000")
def keys_with_backslashes(s):
    return s.hdf5({n.replace("/", "\\"): d for n, d in s.densities().items()})


@row(15)
def keys_below_the_boards_folder(s):
    return s.hdf5({f"BenchmarkIMAGES/{n}": d for n, d in s.densities().items()})


@row(15, board="cat2000")
def keys_below_the_stimuli(s):
    return s.hdf5({f"stimuli/{n}": d for n, d in s.densities().items()})


@row(16, "E102", says=["1 images have no map: i12"])
def last_key_missing(s):
    return s.hdf5({n: d for n, d in s.densities().items() if n != "i12"})


@row(17, "E102", says=["1 images have no map: i1"])
def first_key_missing(s):
    return s.hdf5({n: d for n, d in s.densities().items() if n != "i1"})


@row(18, warnings=["W103"], says=["which the board ignores"])
def extra_key(s):
    return s.hdf5(s.densities() | {"other": s.densities()["i1"]})


@row(19, "E201", "E304", kind="maps")
def maps_transposed_and_not_a_number(s):
    arrays = {n: m / 255 for n, m in s.maps.items()}
    arrays["i1"] = arrays["i1"].T
    arrays["i2"][0, 0] = np.nan
    return s.hdf5(arrays)


@row(19, "E303", kind="maps")
def maps_of_three_channels(s):
    return s.hdf5({n: np.dstack([m, m, m]) for n, m in s.maps.items()})


@row(19, "E405", kind="maps")
def maps_of_half_precision(s):
    return s.hdf5({n: (m / 255).astype(np.float16) for n, m in s.maps.items()})


@row(19, kind="maps")
def maps_of_eight_bits_as_maps(s):
    return s.hdf5(s.maps)


@row(20, "E303", says=["complex"])
def complex_numbers(s):
    return s.hdf5({n: d.astype(np.complex64) for n, d in s.densities().items()})


@row(21, "E102", "E406", says=["link elsewhere"])
def links(s):
    other = s.hdf5(s.densities(), name="other.h5")
    path = s.hdf5({n: d for n, d in s.densities().items() if n in ("i11", "i12")})
    with h5py.File(path, "a") as file:
        file["i1.jpg"] = h5py.ExternalLink(other, "i1.jpg")
        file["i2.jpg"] = h5py.SoftLink("/i11.jpg")
    return path


@row(22)
def hdf5_named_zip(s):
    return s.hdf5(s.densities(), name="my_model.zip")


@row(22)
def hdf5_named_h5(s):
    return s.hdf5(s.densities(), name="my_model.h5")


@row(23, "E401", says=["maps given, log densities wanted"])
def zip_of_png(s):
    return s.zip()


@pytest.mark.parametrize("case", ROWS)
def test_densities(case, stand_in):
    make, errors, warnings, says, board, kind = ROWS[case]
    s = stand_in(board)
    report = s.check(make(s), kind=kind)
    assert {problem.code for problem in report.problems} == errors
    assert {problem.code for problem in report.warnings} == warnings
    for text in says:
        assert text in report.text()


def test_every_row_of_the_table_is_here():
    assert {int(case[:2]) for case in ROWS} == set(range(1, 24))
