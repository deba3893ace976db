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


#: What the system says of a path that is not of the kind, or not of the owner, that is needed.
_WRONG_PATH = (FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)


def of_command(error: PosebatchError | OSError) -> PosebatchError:
    """What an error that ends a command is to whoever typed it: wrong use, if a path is wrong."""
    if isinstance(error, PosebatchError):
        return error
    known = unforeseen(error)
    return UsageError(str(known)) if isinstance(error, _WRONG_PATH) else known


def unforeseen(error: Exception) -> InternalError | SystemFailure:
    """What an exception of any kind is to us, with that as its cause: a defect, or the machine."""
    kind = SystemFailure if isinstance(error, OSError | MemoryError) else InternalError
    known = kind(f"{type(error).__name__}: {error}".removesuffix(": "))
    known.__cause__ = error
    return known
