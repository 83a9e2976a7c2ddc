"""Where members are written, and how much of them."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from iimm_pipelines.formats.parsed import Limits
from iimm_pipelines.formats.scratch import LimitReached, MemberTooLarge, Scratch


def test_the_sum_of_members_is_limited_and_not_each_alone(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, Limits(max_bytes=1000), 1000)
    scratch.add([bytes(600)])
    with pytest.raises(LimitReached):
        scratch.add([bytes(600)])
    assert [file.stat().st_size for file in tmp_path.iterdir()] == [600]


def test_when_the_time_is_over_no_member_is_begun_and_none_is_half_there(tmp_path: Path) -> None:
    def slow() -> Iterator[bytes]:
        yield b"first"
        time.sleep(0.2)
        yield b"second"

    scratch = Scratch(tmp_path, Limits(until=time.monotonic() + 0.1), 1000)
    assert scratch.add([b"in time"]).size == 7
    with pytest.raises(LimitReached):
        scratch.add(slow())
    with pytest.raises(LimitReached):
        scratch.add([])
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"in time"]


def test_a_member_that_is_too_large_counts_nothing(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, Limits(max_bytes=1000, max_member_bytes=500), 1000)
    with pytest.raises(MemberTooLarge):
        scratch.add([bytes(600)])
    assert scratch.add([bytes(500)]).size == 500


@pytest.fixture(name="small_files")
def files_of_at_most_4_kb() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("small_files")
def test_the_kernel_s_own_limit_is_one_of_the_member(tmp_path: Path) -> None:
    with pytest.raises(MemberTooLarge):
        Scratch(tmp_path, Limits(), 1000).add([os.urandom(8192)])
    assert not list(tmp_path.iterdir())
