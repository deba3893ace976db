"""Why a job, or a command, did not do what was asked: one list, each with what to do about it."""

from __future__ import annotations

from typing import ClassVar


class PosebatchError(Exception):
    """Root of every error that we raise on purpose.

    `code` is stable and goes into ledger, JSON and metrics; `advice` tells a person what to do.
    """

    code: ClassVar[str] = "internal"
    advice: ClassVar[str] = "Run again with --debug and report the traceback."


class TransientError(PosebatchError):
    """May well pass by itself: the job is retried with backoff, up to its attempt limit."""


class PermanentError(PosebatchError):
    """Will fail the same way every time: the job is discarded at once."""


class InternalError(PermanentError):
    """A defect of ours: an exception that nobody foresaw."""

    code = "internal"
    advice = "Report the traceback in the worker's log; the other clips are not affected."


class UsageError(PermanentError):
    """The command line or the configuration is wrong; raised before anything starts."""

    code = "usage"
    advice = "Correct the command or the setting that the message names."


# --- the video ---------------------------------------------------------------------------------


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
    advice = "Cut or scale the clip, or raise the limit in the settings if it is real."


class DecoderCrashed(TransientError):
    """The decoding process died in the middle of this clip."""

    code = "decoder_crashed"
    advice = "Retried by itself; if it ends discarded, convert the clip with ffmpeg."


class DecoderTimeout(TransientError):
    """The decoding process gave no frame for too long and was ended."""

    code = "decoder_timeout"
    advice = "Retried by itself; if it ends discarded, convert the clip with ffmpeg."


class EncoderMissing(PermanentError):
    """No encoder of this build can write the overlay."""

    code = "encoder_missing"
    advice = "Install PyAV from its wheels, or run without --overlay."


class NoPerson(PermanentError):
    """The tracker saw nobody in (almost) every frame."""

    code = "no_person"
    advice = "Check that the athlete is in the picture, upright and larger than about 100 px."


# --- trackers and devices ----------------------------------------------------------------------


class UnknownTracker(UsageError):
    """A tracker name that is on no list."""

    code = "unknown_tracker"
    advice = "Use one of the names that `posebatch doctor` lists."


class ModelMissing(PermanentError):
    """A model file is neither here nor fetchable."""

    code = "model_missing"
    advice = "Put the named file into POSEBATCH_MODEL_DIR, or run `posebatch models fetch`."


class ModelCorrupt(PermanentError):
    """A model file's sha256 is not the registered one."""

    code = "model_corrupt"
    advice = "Delete the named file and fetch it again."


class DeviceUnavailable(PermanentError):
    """The device or execution provider asked for did not really start."""

    code = "device_unavailable"
    advice = "See `posebatch doctor`; pass --allow-fallback to run on what is there."


class DeviceLost(TransientError):
    """The device failed in the middle of a job; the process restarts and the job is retried."""

    code = "device_lost"
    advice = "Retried by itself; if it recurs, look at the driver's log."


# --- the service -------------------------------------------------------------------------------


class StoreUnavailable(TransientError):
    """The ledger's database does not answer or refuses to write."""

    code = "store_unavailable"
    advice = "Check POSEBATCH_STORE_URL and that the database is up and writable."


class BrokerUnavailable(TransientError):
    """Redis does not answer."""

    code = "broker_unavailable"
    advice = "Check POSEBATCH_BROKER_URL and that Redis is up; waiting jobs are kept in the ledger."


class DiskFull(TransientError):
    """No room for an artifact."""

    code = "disk_full"
    advice = "Free some space where POSEBATCH_ARTIFACTS_URL points; the job is retried."


class ArtifactsUnavailable(TransientError):
    """The place for artifacts is missing, not writable or does not answer."""

    code = "artifacts_unavailable"
    advice = "Check that POSEBATCH_ARTIFACTS_URL can be reached and written from here."


class StaleClaim(PermanentError):
    """This worker's claim has been taken over; its late write is refused."""

    code = "stale_claim"
    advice = "Nothing to do: another worker has the job."


class WorkerCrashed(TransientError):
    """The worker died, or fell silent past its lease, while it held the job."""

    code = "worker_crashed"
    advice = "After three crashes the job is discarded; try this clip alone with --debug."


class TimeLimit(PermanentError):
    """The job took longer than its wall-clock limit."""

    code = "time_limit"
    advice = "Cut the clip, or raise POSEBATCH_JOB_TIMEOUT_SECONDS."


def unforeseen(error: Exception) -> InternalError:
    """The defect behind an exception of any kind, with that as its cause."""
    known = InternalError(f"{type(error).__name__}: {error}")
    known.__cause__ = error
    return known
