"""What can be wrong with a file of the archive."""

from __future__ import annotations

from posebatch_shared.errors.base import PermanentError, TransientError


class FileNotFound(PermanentError):
    """The path does not exist, or the root that it lies under is not mounted here."""

    code = "not_found"
    advice = "Check the path, and that POSEBATCH_ROOTS maps its root on this machine."


class PathOutsideRoot(PermanentError):
    """The path leads out of its root, through `..` or a symbolic link."""

    code = "outside_root"
    advice = "Submit only files that lie under the root, without links that leave it."


class FileUnreadable(TransientError):
    """The file is there but cannot be read: permissions, a stale mount, an input/output error."""

    code = "unreadable"
    advice = "Check the file's permissions and the health of its disk or network share."


class FileChanged(PermanentError):
    """Size or time of the file differ from those at submission, or changed while it was read."""

    code = "file_changed"
    advice = "Submit the file again, once nothing writes to it."


class EmptyFile(PermanentError):
    """The file has no bytes."""

    code = "empty_file"
    advice = "Copy the clip again from the camera; this copy is empty."


class NotAVideo(PermanentError):
    """No container that we know, or none that holds a video stream."""

    code = "not_a_video"
    advice = "Remove the file, or convert it to MP4, MOV, MKV, WebM or AVI."


class NoVideoStream(NotAVideo):
    """The container is sound but holds only sound or data."""

    code = "no_video_stream"
    advice = "This file has no picture; remove it from the archive."


class Truncated(PermanentError):
    """The file ends before its content does: no index, or data missing at the end."""

    code = "truncated"
    advice = "Copy the clip again; the transfer stopped before its end."


class NoFrames(PermanentError):
    """A video stream from which no frame could be decoded."""

    code = "no_frames"
    advice = "The clip holds no pictures; export it again from the camera."


class TooManyDecodeErrors(PermanentError):
    """More of the video is damaged than the stated share."""

    code = "corrupt"
    advice = "Copy the clip again, or repair it with ffmpeg, then submit it again."


class UnsupportedVideo(PermanentError):
    """A codec or pixel format that this build cannot decode."""

    code = "unsupported_codec"
    advice = "Convert the clip to H.264 and submit it again."


class VideoTooLarge(PermanentError):
    """Frame size, duration or frame rate beyond the stated limits."""

    code = "beyond_limits"
    advice = "Cut or scale it with ffmpeg if it is real; a damaged header names such sizes, too."


class DecoderCrashed(TransientError):
    """The decoding process died in the middle of this clip."""

    code = "decoder_crashed"
    advice = "Retried by itself; if it ends discarded, convert the clip with ffmpeg."


class DecoderTimeout(TransientError):
    """The decoding process gave no frame for too long and was ended."""

    code = "decoder_timeout"
    advice = "Retried by itself; if it ends discarded, convert the clip with ffmpeg."


class DecoderUnusable(TransientError):
    """The decoding process cannot read any clip on this machine."""

    code = "decoder_unusable"
    advice = "No clip is at fault: install posebatch anew; `posebatch doctor` tries the decoder."


class EncoderMissing(PermanentError):
    """No encoder of this build can write the overlay."""

    code = "encoder_missing"
    advice = "Install PyAV from its wheels, or run without --overlay."


class NoPerson(PermanentError):
    """The tracker saw nobody in (almost) every frame."""

    code = "no_person"
    advice = "Check that the athlete is in the picture, upright and larger than about 100 px."
