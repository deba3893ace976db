"""Whether clips can be read here at all is told without any of the archive."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from contract.video_patterns import Pattern, regular, write
from posebatch_shared.errors import DecoderUnusable, SystemFailure
from posebatch_workers.video import child
from posebatch_workers.video.options import ProcessLimits, ReadOptions
from posebatch_workers.video.proof import prove_reading
from posebatch_workers.video.ring import WritableMemory
from posebatch_workers.video.sandbox import DecoderProcess
from posebatch_workers.video.wire import Channel


def test_a_clip_of_our_own_is_read_and_leaves_nothing(tmp_path: Path) -> None:
    decoder = DecoderProcess()
    prove_reading(decoder, tmp_path)
    decoder.close()
    assert not list(tmp_path.iterdir())


def test_a_process_that_can_read_nothing_is_named(tmp_path: Path) -> None:
    decoder = DecoderProcess(ProcessLimits(memory_bytes=1 << 20))
    with pytest.raises(DecoderUnusable, match="not even a clip of our own"):
        prove_reading(decoder, tmp_path)
    decoder.close()


@pytest.mark.parametrize("greys", [(16, 80, 144), (16, 80, 144, 144)])
def test_a_clip_that_comes_back_wrong_is_no_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, greys: tuple[int, ...]
) -> None:
    monkeypatch.setattr("posebatch_workers.video.proof._read", lambda *_: list(greys))
    with pytest.raises(DecoderUnusable, match="came back wrong"):
        prove_reading(DecoderProcess(), tmp_path)


def test_a_clip_that_cannot_be_written_is_the_systems_failure(tmp_path: Path) -> None:
    with pytest.raises(SystemFailure):
        prove_reading(DecoderProcess(), tmp_path / "nowhere")


def test_a_defect_of_the_decoding_process_is_told_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a library's new release has lost an argument."""

    def read(fd: int, options: ReadOptions) -> None:
        raise TypeError("open() got an unexpected keyword argument")

    monkeypatch.setattr(child, "LocalVideo", read)
    ours, theirs = map(Channel, socket.socketpair())
    with write(tmp_path / "clip.mp4", Pattern(times=regular(1, 30))).open("rb") as clip:
        ours.send({}, clip.fileno())
        theirs.receive()
        child._read_clip(theirs, ReadOptions(), WritableMemory())
    told = ours.receive(1)
    assert told["code"] == "decoder_crashed"
    assert told["message"] == "TypeError: open() got an unexpected keyword argument"
