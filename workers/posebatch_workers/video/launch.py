"""Starting a decoding process and talking to it; whatever goes wrong with it gets a name here."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict

from posebatch_shared import errors
from posebatch_shared.errors import DecoderCrashed, DecoderTimeout, PosebatchError
from posebatch_workers.video.options import ProcessLimits
from posebatch_workers.video.wire import Channel, Message, Silence

_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
#: Nothing of ours: no addresses, no credentials. One thread, for libraries that ask.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
#: What says which GPU is ours and where its driver lies.
_OF_THE_DEVICE = ("CUDA_DEVICE_ORDER", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH")


class Child:
    """A running decoding process.

    Constructing returns at once; the process gets ready in the background. It ends with the thread
    that constructed it.
    """

    def __init__(self, limits: ProcessLimits) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            arguments = [str(number), json.dumps(asdict(limits)), str(os.getpid())]
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "posebatch_workers.video.child", *arguments],
                pass_fds=(number,),
                env=_environment(limits),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the worker, which may finish its clip
            )
        self._channel = Channel(ours)
        self._timeout_seconds = limits.frame_timeout_seconds
        self._ready = False

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, message: Message, descriptor: int | None = None) -> None:
        """Errors: DecoderCrashed."""
        if not self._ready:
            self._receive(_START_SECONDS)
            self._ready = True
        try:
            self._channel.send(message, descriptor)
        except OSError:
            raise self._ended() from None

    def receive(self) -> Message:
        """The next message.

        Errors: DecoderCrashed, DecoderTimeout, and whatever error the process reports.
        """
        return self._receive(self._timeout_seconds)

    def stop(self) -> None:
        """Have the process drop its clip; end it if it does not."""
        try:
            self.send({"do": "stop"})
            while self._receive(_STOP_SECONDS, raise_reported=False)["is"] != "stopped":
                pass
        except (DecoderCrashed, DecoderTimeout):
            self.kill()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        self._channel.close()

    def _receive(self, timeout_seconds: float, *, raise_reported: bool = True) -> Message:
        try:
            message = self._channel.receive(timeout_seconds)
            kind = message["is"]
        except Silence:
            self.kill()
            raise DecoderTimeout(
                f"no answer from the decoder for {timeout_seconds:.0f} s"
            ) from None
        except (EOFError, OSError):
            raise self._ended() from None
        except (ValueError, TypeError, KeyError) as error:
            self.kill()
            raise DecoderCrashed(f"the decoder talks nonsense: {error!r}") from error
        if kind == "error" and raise_reported:
            raise _reported(message)
        return message

    def _ended(self) -> PosebatchError:
        """The error for a process that is gone or has closed its end."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self.kill()
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return DecoderTimeout("the decoder used up its CPU time")
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return DecoderCrashed(f"the decoder ended: {how}")


def _environment(limits: ProcessLimits) -> dict[str, str]:
    passed_on = _OF_THE_DEVICE if limits.device else ()
    return _ENVIRONMENT | {name: os.environ[name] for name in passed_on if name in os.environ}


def _reported(message: Message) -> PosebatchError:
    """The error that the process reports, as the class with that code."""
    known = {
        kind.code: kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, PosebatchError)
    }
    return known.get(str(message.get("code")), DecoderCrashed)(str(message.get("message")))
