"""A container as the compose file runs it, every system call of which may be watched."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from network_calls import tracing_into
from servers import wait_until

HARDENED = (
    *("--init", "--read-only", "--tmpfs=/tmp:mode=1777,size=1g", "--cap-drop=ALL"),
    *("--security-opt=no-new-privileges:true", "--pids-limit=512"),
)
HELD = 'echo held && read -r go && exec "$@"'


def run_traced(image: str, words: Sequence[str], *, options: Sequence[str], trace: Path) -> str:
    """What the words print inside a new container of the image, traced into the folder.

    The container waits for strace, which watches it from outside, so the image stays as it is.
    """
    name = f"posebatch-traced-{uuid4().hex}"
    command = ["docker", "run", "--rm", "--interactive", "--name", name, *HARDENED, *options]
    container = subprocess.Popen(
        [*command, "--entrypoint=sh", image, "-c", HELD, "held", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert container.stdout is not None
        assert container.stdout.readline() == "held\n", "the container did not start"
        with _tracing(_processes(name), trace):
            output, _ = container.communicate("go\n", timeout=240)
    finally:
        subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)
    assert container.returncode == 0, output
    return output


def _processes(name: str) -> list[int]:
    """Their ids outside the container."""
    listed = subprocess.run(
        ["docker", "top", name, "-eo", "pid"], capture_output=True, text=True, check=True
    )
    return [int(line) for line in listed.stdout.splitlines()[1:]]


def _tracing(process_ids: Sequence[int], folder: Path) -> subprocess.Popen[bytes]:
    """strace, once it holds all of them; it ends with them."""
    words = [word for process_id in process_ids for word in ("-p", str(process_id))]
    strace = subprocess.Popen([*tracing_into(folder), *words], stderr=subprocess.DEVNULL)
    wait_until(lambda: strace.poll() is not None or all(map(_is_traced, process_ids)))
    assert strace.poll() is None, "strace may not watch the container: it takes root"
    return strace


def _is_traced(process_id: int) -> bool:
    return "TracerPid:\t0\n" not in Path(f"/proc/{process_id}/status").read_text()
