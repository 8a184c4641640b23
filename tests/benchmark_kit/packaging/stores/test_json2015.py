"""The zip of SALICON 2015: two lists of numbered base64 PNGs."""

import base64
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores.json2015 import image_id, write_json2015
from benchmark_kit.packaging.stores.store import encode_map, stored_array

SPLITS = {"test": (7, 12), "val": (133, 581929)}


def encoded():
    return [
        encode_map(f"COCO_{split}2014_{k:012d}", f"fixations_{split}2014_net_results.json",
                   np.random.default_rng(k).random((6, 8)), get_store("json2015"))
        for split, numbers in SPLITS.items() for k in numbers
    ]  # fmt: skip


def test_each_split_has_its_file_of_whole_pngs(tmp_path):
    digests = write_json2015(tmp_path / "results.zip", encoded())
    with zipfile.ZipFile(tmp_path / "results.zip") as archive:
        assert archive.namelist() == [
            "fixations_test2014_net_results.json",
            "fixations_val2014_net_results.json",
        ]
        for split, numbers in SPLITS.items():
            data = archive.read(f"fixations_{split}2014_net_results.json")
            assert digests[f"fixations_{split}2014_net_results.json"] == (
                hashlib.sha256(data).hexdigest()
            )
            entries = json.loads(data)
            assert [set(entry) for entry in entries] == [{"image_id", "saliency_map"}] * 2
            assert tuple(entry["image_id"] for entry in entries) == numbers
            for entry in entries:
                picture = Image.open(io.BytesIO(base64.b64decode(entry["saliency_map"])))
                values = np.random.default_rng(entry["image_id"]).random((6, 8))
                assert picture.format == "PNG"
                assert picture.mode == "L"
                assert (np.asarray(picture) == stored_array(values, get_store("png8"))).all()


def test_the_same_maps_give_the_same_bytes(tmp_path):
    write_json2015(tmp_path / "a.zip", encoded())
    write_json2015(tmp_path / "b.zip", encoded())
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_number_follows_the_last_underscore():
    assert image_id("COCO_val2014_000000000133") == 133
    assert image_id("00042") == 42
    with pytest.raises(ValueError, match="number"):
        image_id("COCO_val2014_x12")
