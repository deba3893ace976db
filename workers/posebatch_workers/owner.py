"""Who holds a lease: a process, named so that another on its machine can tell whether it lives."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, cast, get_args

from posebatch_shared.jobs import Device

#: running: it can beat for itself or be vouched for; stopped: it lives but does nothing;
#: dead: it will never write again; unknown: it runs, or ran, where we cannot look.
Life = Literal["running", "stopped", "dead", "unknown"]

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process on a host. `birth` tells it from a later process of the same pid, and from one
    of the same pid in another container or on another machine that shares the host's name."""

    device: Device
    host: str
    pid: int
    birth: str

    @classmethod
    def current(cls, device: Device) -> Self:
        """This process."""
        pid = os.getpid()
        return cls(device=device, host=socket.gethostname(), pid=pid, birth=_birth(pid))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The owner written as `cpu@host:pid:birth`; None for any other text."""
        head, _, birth = text.rpartition(":")
        head, _, pid = head.rpartition(":")
        device, _, host = head.partition("@")
        if device not in get_args(Device) or not pid.isdigit() or not birth:
            return None
        return cls(device=cast(Device, device), host=host, pid=int(pid), birth=birth)

    def __str__(self) -> str:
        return f"{self.device}@{self.host}:{self.pid}:{self.birth}"

    def life(self) -> Life:
        """What this machine's process table says."""
        if self.host != socket.gethostname() or self.birth.partition("-")[2] != _namespace():
            return "unknown"
        state = _state(self.pid)
        if state in (None, "Z", "X") or _birth(self.pid) != self.birth:
            return "dead"
        return "stopped" if state in ("T", "t") else "running"


def life_of(text: str) -> Life:
    """The same for an owner as it is written in the ledger."""
    owner = Owner.parse(text)
    return "unknown" if owner is None else owner.life()


def _birth(pid: int) -> str:
    """Clock ticks from boot to the start of the process, its pid namespace and boot (proc(5))."""
    fields = _stat(pid)
    return f"{fields[19] if fields else 0}-{_namespace()}"


def _state(pid: int) -> str | None:
    fields = _stat(pid)
    return fields[0] if fields else None


def _stat(pid: int) -> list[str]:
    # The name in brackets may hold anything; what follows its last bracket is regular.
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _namespace() -> str:
    """Of process ids, and which boot it is of: the first namespace has one number everywhere."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text()[:8]
        return str((_PROC / "self/ns/pid").readlink()).strip("pid:[]") + f"-{boot}"
    except OSError:
        return f"unseen-{secrets.token_hex(4)}"  # no /proc: leases alone decide
