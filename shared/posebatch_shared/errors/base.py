"""The root of our errors and its two branches: what may pass, and what will not."""

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


class NotInstalled(PermanentError):
    """A part of posebatch that this machine's installation left out."""

    code = "not_installed"
    advice = (
        "Install posebatch[cpu] or posebatch[gpu] to track, posebatch[dashboard] for pages, "
        "posebatch[s3] for buckets, or use the images worker-cpu, worker-gpu and ops."
    )


class SystemFailure(TransientError):
    """The operating system refused something: memory, a disk, another open file."""

    code = "system"
    advice = "Check memory, disks and limits of the machine that the message comes from."


def unforeseen(error: Exception) -> InternalError | SystemFailure:
    """What an exception of any kind is to us, with that as its cause: a defect, or the machine."""
    kind = SystemFailure if isinstance(error, OSError | MemoryError) else InternalError
    known = kind(f"{type(error).__name__}: {error}".removesuffix(": "))
    known.__cause__ = error
    return known
