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
        "or use the images worker-cpu, worker-gpu and ops."
    )


def unforeseen(error: Exception) -> InternalError:
    """The defect behind an exception of any kind, with that as its cause."""
    known = InternalError(f"{type(error).__name__}: {error}")
    known.__cause__ = error
    return known
