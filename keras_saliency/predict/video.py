"""Maps of videos and cameras: a frame at a time, each shown when it was, broken ones named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import one_line
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.files import written_beside
from benchmark_kit.imaging.images import quantise
from benchmark_kit.imaging.laid_over import overlay as laid_over
from keras_saliency.predict.folder import make_folder_of
from keras_saliency.predict.predictor import Predictor
from keras_saliency.predict.video_writer import VideoWriter, pyav

VIDEOS = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v")
CAMERA = "camera:"  # and its number
RATE = Fraction(25)  # of a stream that does not say
MOST_BROKEN = 100  # one after the other, before a stream is given up


@dataclass
class Clip:
    """What became of a video.

    Args:
        frames: maps that were written.
        broken: numbers of frames, from 0, that could not be decoded and were left out.
        rate: frames a second, of the source and of what was written.
    """

    frames: int = 0
    broken: list[int] = field(default_factory=list)
    rate: Fraction = RATE


def is_video(text: str) -> bool:
    """Whether a name is that of a video file or of a camera."""
    return text.startswith(CAMERA) or text.lower().endswith(VIDEOS)


def predict_video(
    model: Predictor,
    source: str,
    maps: Path,
    *,
    overlay: Path | None = None,
    most_frames: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Clip:
    """Write the maps of a video's frames as a video, and besides laid over them.

    Every map is scaled to its own greatest value and shown when its frame was: rates that vary, as
    telephones record them, are kept, what a slow network misses of a camera lasts as long as it
    did, and a frame that cannot be decoded leaves the one before it standing; its number is kept.
    Memory does not grow with the video's length.

    Args:
        model: with `predict_maps(images)`, of one map.
        source: path of a video, or `camera:0`.
        maps: video to write (H.264, `.mp4`), gray; its folder is made.
        overlay: video of the frames with their maps over them.
        most_frames: stop after so many; a camera is else read until Ctrl-C.
        progress: called with (frames done, frames in all; 0 where nobody knows).

    Raises:
        ConfigError: no such file.
        InputError: no video, or not one whole frame.
        MissingExtra: PyAV is not installed.
        RunFailed: a file cannot be written.
    """
    if getattr(model, "map_names", ()):
        raise ConfigError("a model of several maps: choose one for a video. Fix: --map NAME")
    clip = Clip()
    with ExitStack() as stack:
        stream = stack.enter_context(_opened(source))
        clip.rate = stream.average_rate or stream.guessed_rate or RATE
        total = _frames_in(stream, clip.rate)
        if most_frames is not None:
            total = min(total, most_frames) if total else most_frames
        kept: list[_Frame] = []

        def frames() -> Iterator[np.ndarray]:
            for number, frame in enumerate(_decoded(stream, clip)):
                if most_frames is not None and number >= most_frames:
                    return
                kept.append(frame)
                yield frame.pixels

        places = [path for path in (maps, overlay) if path is not None]
        for path in places:  # now that there is something to write
            make_folder_of(path)
        temporaries = {path: stack.enter_context(written_beside(path)) for path in places}
        files: dict[Path, VideoWriter] = {}
        try:
            for saliency in model.predict_maps(frames()):
                frame = kept.pop(0)
                levels = quantise(np.asarray(saliency))
                pictures = {maps: np.repeat(levels[..., None], 3, axis=2)}
                if overlay is not None:
                    pictures[overlay] = laid_over(frame.pixels, saliency)
                for path, picture in pictures.items():
                    if path not in files:
                        size = picture.shape[:2]
                        files[path] = VideoWriter(
                            temporaries[path], size, clip.rate, stream.time_base
                        )
                    files[path].write(picture, frame.time)
                clip.frames += 1
                if progress is not None:
                    progress(clip.frames, max(total, clip.frames) if total else 0)
            if not clip.frames:
                raise InputError(f"{source}: not one frame could be decoded. Fix: another copy")
        except KeyboardInterrupt:
            if not (source.startswith(CAMERA) and clip.frames):
                raise  # of a camera, Ctrl-C is how it ends
        finally:
            for file in files.values():
                file.close()
    return clip


@dataclass(frozen=True)
class _Frame:
    """A frame of a source.

    Args:
        pixels: uint8 RGB (height, width, 3), upright.
        time: when it is shown, in the stream's units of time; None where the source does not say.
    """

    pixels: np.ndarray
    time: int | None


@contextmanager
def _opened(source: str) -> Iterator[Any]:
    """The first video stream of a file or a camera."""
    av = pyav()
    if source.startswith(CAMERA):
        number = source.removeprefix(CAMERA)
        if not number.isdecimal():
            raise ConfigError(f"{source}: write {CAMERA}0 for the first camera")
        arguments = _camera(int(number))
    else:
        if not Path(source).is_file():
            raise ConfigError(f"there is no video {source}. Fix: check the path")
        arguments = {"file": source}
    try:
        container = av.open(**arguments)
    except (av.error.FFmpegError, OSError) as error:
        raise InputError(
            f"{source} cannot be opened as a video ({one_line(error)}). Fix: another copy, or MP4"
        ) from None
    with container:
        if not container.streams.video:
            raise InputError(f"{source} holds no video. Fix: another file")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield stream


def _camera(number: int) -> dict[str, Any]:
    """How a camera is opened: by Video4Linux, so on Linux alone."""
    device = Path(f"/dev/video{number}")
    if not device.exists():
        found = sorted(str(path) for path in device.parent.glob("video[0-9]*"))
        names = ", ".join(CAMERA + path.removeprefix("/dev/video") for path in found) or "none"
        raise ConfigError(
            f"there is no camera {device} (found here: {names}). Fix: connect it (cameras are read "
            "on Linux alone), or record a file and give that"
        )
    return {"file": str(device), "format": "v4l2"}


def _frames_in(stream: Any, rate: Fraction) -> int:
    """How many frames a stream says that it has, or has by its length; 0: it says neither."""
    length = Fraction(max(stream.container.duration or 0, 0), pyav().time_base)
    return max(int(stream.frames), 0) or round(length * rate)


def _decoded(stream: Any, clip: Clip) -> Iterator[_Frame]:
    """The frames that can be decoded; numbers of broken ones go to the clip."""
    av = pyav()
    number, in_a_row = 0, 0
    packets = stream.container.demux(stream)
    while True:
        try:
            packet = next(packets)
            decoded = packet.decode()
        except StopIteration:
            return
        except (av.error.FFmpegError, ValueError):
            clip.broken.append(number)
            number, in_a_row = number + 1, in_a_row + 1
            if in_a_row >= MOST_BROKEN:
                return
            continue
        for frame in decoded:
            in_a_row = 0
            if getattr(frame, "is_corrupt", False):
                clip.broken.append(number)
            else:
                yield _Frame(upright(frame.to_ndarray(format="rgb24"), frame.rotation), frame.pts)
            number += 1


def upright(pixels: np.ndarray, rotation: int) -> np.ndarray:
    """A frame as it is meant to be seen.

    Args:
        pixels: (height, width, 3) as stored.
        rotation: degrees counter-clockwise, as the file's display matrix says.
    """
    return np.ascontiguousarray(np.rot90(pixels, round(rotation / 90)))
