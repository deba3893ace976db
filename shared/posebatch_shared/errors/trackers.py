"""What can be wrong with a tracker, a model or a device."""

from __future__ import annotations

from posebatch_shared.errors.base import PermanentError, TransientError, UsageError


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
    advice = (
        "Cure what the message names, or do without: a run with another --tracker, "
        "`posebatch worker` with --allow-fallback."
    )


class DeviceLost(TransientError):
    """The device failed in the middle of a job; the process restarts and the job is retried."""

    code = "device_lost"
    advice = "Retried by itself; if it recurs, look at the driver's log."
