"""How to run foreign code so that neither it nor any thread it starts can open a socket."""

from __future__ import annotations

import ctypes
import platform
import struct
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from errno import EACCES
from typing import TypeVar

from posebatch_shared.errors import DeviceUnavailable

T = TypeVar("T")

#: machine → (AUDIT_ARCH of linux/audit.h, number of the system call socket)
_ARCHITECTURES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}

# linux/prctl.h, linux/seccomp.h
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_RET_ALLOW, _RET_ERRNO = 0x7FFF0000, 0x00050000
# linux/bpf_common.h: load a word, jump if equal, return; offsets into struct seccomp_data
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_OFFSET_SYSCALL, _OFFSET_ARCHITECTURE = 0, 4


def call_offline(function: Callable[[], T]) -> T:
    """What `function` returns, called on a thread of its own that cannot open a socket.

    Linux hands a thread's seccomp filter on to the threads that it starts, and to no other. Where
    there is no seccomp (macOS, Windows) the function runs unfenced.
    Raises DeviceUnavailable if Linux refuses the filter.
    """
    fence = _deny_sockets if sys.platform == "linux" else None
    with ThreadPoolExecutor(max_workers=1) as pool:
        if fence:
            pool.submit(fence).result()
        return pool.submit(function).result()


def _deny_sockets() -> None:
    """From here on socket() fails with EACCES in this thread and its future threads."""
    instructions = _program()
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(len(instructions) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program)
    ):
        raise DeviceUnavailable(
            f"The kernel refuses to fence a thread off the network (errno {ctypes.get_errno()})."
        )


class _Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _program() -> bytes:
    """Classic BPF: the native architecture's socket() → EACCES, everything else is allowed."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise DeviceUnavailable(f"No network fence is known for {machine}.")
    architecture, socket_call = _ARCHITECTURES[machine]
    steps = (
        (_LOAD, 0, 0, _OFFSET_ARCHITECTURE),
        (_JUMP_IF_EQUAL, 0, 2, architecture),
        (_LOAD, 0, 0, _OFFSET_SYSCALL),
        (_JUMP_IF_EQUAL, 1, 0, socket_call),
        (_RETURN, 0, 0, _RET_ALLOW),
        (_RETURN, 0, 0, _RET_ERRNO | EACCES),
    )
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
