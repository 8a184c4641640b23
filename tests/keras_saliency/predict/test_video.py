"""Videos: what is written can be read again, whatever was wrong with the source."""

from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark_kit.errors import ConfigError, InputError, RunFailed
from keras_saliency import build_model
from keras_saliency.commands.predict import command
from keras_saliency.predict.video import is_video, predict_video, upright

av = pytest.importorskip("av")
RATE = Fraction(30000, 1001)
FRAMES = 12


def write_clip(path, frames=FRAMES, size=(48, 64), rate=RATE, codec="libx264", every=4):
    """A light square that goes to the right."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = every
        for k in range(frames):
            pixels = np.full((*size, 3), 40, np.uint8)
            pixels[16:32, 4 * k : 4 * k + 12] = 230
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def read_clip(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = stream.average_rate
        return rate, [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]


class Brightness:
    """A model whose map is the picture's own brightness."""

    def predict_maps(self, images):
        for image in images:
            yield image.mean(axis=2)


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "clip.mp4")


def test_every_frame_gets_its_map_at_the_same_rate(clip, tmp_path):
    told = []
    found = predict_video(
        Brightness(),
        str(clip),
        tmp_path / "maps.mp4",
        overlay=tmp_path / "laid.mp4",
        progress=lambda done, total: told.append((done, total)),
    )
    assert (found.frames, found.broken, found.rate) == (FRAMES, [], RATE)
    assert told[-1] == (FRAMES, FRAMES)
    rate, maps = read_clip(tmp_path / "maps.mp4")
    assert rate == RATE
    assert len(maps) == FRAMES
    for k, one in enumerate(maps):  # the map of this frame, not of its neighbour
        middle = one[24, :, 0].astype(float)
        assert abs((middle * np.arange(64)).sum() / middle.sum() - (4 * k + 5.5)) < 12
        assert one[24, 4 * k + 6, 0] > 200
    assert len(read_clip(tmp_path / "laid.mp4")[1]) == FRAMES


def shown_at(path):
    """Seconds at which the frames of a video are shown."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [float(frame.pts * stream.time_base) for frame in container.decode(stream)]


@pytest.mark.parametrize("suffix", [".mkv", ".avi", ".mov", ".webm"])
def test_the_rate_is_kept_to_the_digit_whatever_the_container_rounds(tmp_path, suffix):
    codec = "libvpx-vp9" if suffix == ".webm" else "mpeg4"
    clip = write_clip(tmp_path / f"clip{suffix}", codec=codec)
    predict_video(Brightness(), str(clip), tmp_path / "maps.mp4")
    assert read_clip(tmp_path / "maps.mp4")[0] == RATE
    assert shown_at(tmp_path / "maps.mp4") == pytest.approx([k / float(RATE) for k in range(12)])


def test_frames_of_a_rate_that_varies_are_shown_when_they_were(tmp_path):
    times = [0, 0.05, 0.11, 0.5, 1.2, 1.23]
    with av.open(str(tmp_path / "telephone.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90000)
        for k, time in enumerate(times):
            pixels = np.full((48, 64, 3), 30 + 40 * k, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = round(90000 * (time + 2))  # the first not at 0
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    found = predict_video(Brightness(), str(tmp_path / "telephone.mp4"), tmp_path / "maps.mp4")
    assert found.frames == len(times)
    assert shown_at(tmp_path / "maps.mp4") == pytest.approx(times, abs=1e-3)


@pytest.mark.parametrize(("suffix", "known"), [(".mp4", True), (".mkv", True), (".h264", False)])
def test_progress_knows_the_end_where_the_file_tells_its_frames_or_its_length(
    tmp_path, suffix, known
):
    clip, told = write_clip(tmp_path / f"clip{suffix}"), []
    predict_video(
        Brightness(), str(clip), tmp_path / "maps.mp4", progress=lambda *all_: told.append(all_)
    )
    assert told == [(done, FRAMES if known else 0) for done in range(1, FRAMES + 1)]


def test_odd_sides_are_taken(tmp_path):
    clip = write_clip(tmp_path / "odd.mkv", size=(37, 51), codec="mpeg4")
    predict_video(Brightness(), str(clip), tmp_path / "maps.mp4")
    _, maps = read_clip(tmp_path / "maps.mp4")
    assert maps[0].shape == (38, 52, 3)


def test_it_stops_after_the_frames_that_are_wanted(clip, tmp_path):
    found = predict_video(Brightness(), str(clip), tmp_path / "maps.mp4", most_frames=5)
    assert found.frames == 5
    assert len(read_clip(tmp_path / "maps.mp4")[1]) == 5


def test_real_models_predict_in_order(clip, tmp_path):
    model = build_model("spectral_residual")
    found = predict_video(model, str(clip), tmp_path / "maps.mp4")
    assert found.frames == FRAMES


@pytest.mark.parametrize("place", [(0, 200), (20, 400)], ids=["its head", "its body"])
def test_damaged_frames_are_left_out_and_numbered(tmp_path, place):
    clip = tmp_path / "noise.mp4"
    rng = np.random.default_rng(0)
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 96, 128, "yuv420p"
        stream.codec_context.gop_size = 1  # no frame leans on another
        for _ in range(10):
            pixels = rng.integers(0, 256, (96, 128, 3)).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    with av.open(str(clip)) as container:
        starts = [packet.pos for packet in container.demux(container.streams.video[0])]
    whole = bytearray(clip.read_bytes())
    for k in range(*place):
        whole[starts[4] + k] = 0xFF
    clip.write_bytes(bytes(whole))
    found = predict_video(Brightness(), str(clip), tmp_path / "maps.mp4")
    assert found.broken == [4]
    assert found.frames == 9
    shown = [k / 25 for k in range(10) if k != 4]  # the one before stands in its place
    assert shown_at(tmp_path / "maps.mp4") == pytest.approx(shown)


@pytest.mark.parametrize("kept", [0, 100, 700])
def test_a_video_that_ends_in_its_beginning_is_refused(clip, tmp_path, kept):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(clip.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"broken\.mp4"):
        predict_video(Brightness(), str(broken), tmp_path / "maps.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.mp4", "clip.mp4"]


def test_what_is_no_video_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="there is no video"):
        predict_video(Brightness(), str(tmp_path / "none.mp4"), tmp_path / "maps.mp4")
    with pytest.raises(ConfigError, match="camera:0 for the first"):
        predict_video(Brightness(), "camera:front", tmp_path / "maps.mp4")
    several = build_model("spectral_residual")
    several.map_names = ("a", "b")
    with pytest.raises(ConfigError, match="--map NAME"):
        predict_video(several, "clip.mp4", tmp_path / "maps.mp4")


def test_a_run_that_is_stopped_leaves_nothing_half_written(clip, tmp_path):
    class Stopped(Brightness):
        def predict_maps(self, images):
            yield from list(super().predict_maps(images))[:3]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict_video(Stopped(), str(clip), tmp_path / "maps.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.fixture
def camera(monkeypatch):
    """A camera that never ends; FFmpeg draws its pictures."""
    opened = {"file": "testsrc=size=64x48:rate=10", "format": "lavfi"}
    monkeypatch.setattr("keras_saliency.predict.video._camera", lambda number: opened)


def test_a_camera_is_read_until_the_wanted_frames(camera, tmp_path):
    found = predict_video(Brightness(), "camera:0", tmp_path / "maps.mp4", most_frames=7)
    assert (found.frames, found.rate) == (7, 10)
    rate, maps = read_clip(tmp_path / "maps.mp4")
    assert (rate, len(maps)) == (10, 7)


def test_ctrl_c_is_how_a_camera_ends_and_what_was_seen_stays(camera, tmp_path):
    class Stopped(Brightness):
        def predict_maps(self, images):
            for k, found in enumerate(super().predict_maps(images)):
                if k == 3:
                    raise KeyboardInterrupt
                yield found

    found = predict_video(Stopped(), "camera:0", tmp_path / "maps.mp4")
    assert found.frames == 3
    assert len(read_clip(tmp_path / "maps.mp4")[1]) == 3


def test_what_a_slow_network_misses_of_a_camera_lasts_as_long_as_it_did(monkeypatch, tmp_path):
    missed = "testsrc=size=64x48:rate=10,select='not(between(n,3,7))'"
    opened = {"file": missed, "format": "lavfi"}
    monkeypatch.setattr("keras_saliency.predict.video._camera", lambda number: opened)
    predict_video(Brightness(), "camera:0", tmp_path / "maps.mp4", most_frames=5)
    assert shown_at(tmp_path / "maps.mp4") == pytest.approx([0, 0.1, 0.2, 0.8, 0.9])


def test_a_camera_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no camera /dev/video98 \(found here: "):
        predict_video(Brightness(), "camera:98", tmp_path / "maps.mp4")
    assert not list(tmp_path.iterdir())


def test_memory_holds_a_few_frames_whatever_the_length(tmp_path):
    clip = write_clip(tmp_path / "long.mp4", frames=200)
    waiting, most = [], 0

    class Counting(Brightness):
        def predict_maps(self, images):
            nonlocal most
            for image in images:
                waiting.append(image)
                most = max(most, len(waiting))
                yield image.mean(axis=2)
                waiting.pop()

    found = predict_video(Counting(), str(clip), tmp_path / "maps.mp4")
    assert found.frames == 200
    assert most == 1


def test_turned_frames_are_set_upright():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    np.testing.assert_array_equal(upright(pixels, 0), pixels)
    np.testing.assert_array_equal(upright(pixels, -90), np.rot90(pixels, -1))
    assert upright(pixels, 90).shape == (4, 2, 3)


def test_names_of_videos():
    assert all(map(is_video, ("a.mp4", "b.MOV", "camera:0", "x/y.webm")))
    assert not any(map(is_video, ("a.png", "camera.jpg", "mp4")))


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False)


def test_the_command_takes_pictures_and_videos_together(clip, tmp_path):
    from benchmark_kit.imaging.images import write_png

    write_png(tmp_path / "still.png", np.zeros((20, 30, 3), np.uint8))
    given = (clip, tmp_path / "still.png", "--model", "spectral_residual", "--overlay")
    done = run(*given, "--out", tmp_path / "maps")
    assert done.exception is None, done.exception
    assert done.return_value == 0
    names = sorted(
        p.relative_to(tmp_path / "maps").as_posix() for p in (tmp_path / "maps").rglob("*.*")
    )
    assert names == ["clip-overlay.mp4", "clip.mp4", "overlay/still.png", "still.png"]
    assert "12 frames at 29.97 a second" in done.stdout
    again = run(clip, "--model", "spectral_residual", "--out", tmp_path / "maps")
    assert isinstance(again.exception, ConfigError)
    resumed = run(clip, "--model", "spectral_residual", "--out", tmp_path / "maps", "--resume")
    assert resumed.return_value == 0


def test_the_video_itself_is_never_written_over(clip, tmp_path):
    whole = clip.read_bytes()
    done = run(clip, "--model", "spectral_residual", "--out", tmp_path, "--force")
    assert isinstance(done.exception, ConfigError)
    assert clip.read_bytes() == whole


def test_two_videos_of_one_name_are_refused_before_any_work(clip, tmp_path):
    (tmp_path / "other").mkdir()
    other = write_clip(tmp_path / "other" / "clip.mkv")
    done = run(clip, other, "--model", "spectral_residual", "--out", tmp_path / "maps")
    assert isinstance(done.exception, InputError)
    assert "two videos of one name" in str(done.exception)
    assert not (tmp_path / "maps").exists()


def test_frames_that_grow_are_refused(clip, tmp_path):
    class Growing:
        def predict_maps(self, images):
            for k, image in enumerate(images):
                yield np.ones((image.shape[0] + 2 * k, image.shape[1]))

    with pytest.raises(InputError, match="change their size"):
        predict_video(Growing(), str(clip), tmp_path / "maps.mp4")
    assert not (tmp_path / "maps.mp4").exists()


@pytest.mark.parametrize("source", ["none.mp4", "camera:98", "camera:front"])
def test_what_cannot_be_opened_leaves_no_folder(tmp_path, source):
    done = run(source, "--model", "spectral_residual", "--out", tmp_path / "maps")
    assert isinstance(done.exception, ConfigError)
    assert not (tmp_path / "maps").exists()


def test_a_folder_that_cannot_be_made_is_told(clip, tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(RunFailed, match=r"cannot make .*taken"):
        predict_video(Brightness(), str(clip), tmp_path / "taken" / "maps.mp4")


def test_a_broken_video_is_named_and_the_next_one_is_made(clip, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    done = run(broken, clip, "--model", "spectral_residual", "--out", tmp_path / "maps")
    assert done.return_value == 1
    assert "broken.mp4 cannot be opened" in done.stderr
    assert [path.name for path in (tmp_path / "maps").iterdir()] == ["clip.mp4"]
