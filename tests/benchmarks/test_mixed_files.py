"""Copies that are other objects and read the same."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from benchmarks.mixed_files import varied


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", b"alpha")
    return made.getvalue()


@pytest.mark.parametrize("data", [_zip(), b"%PDF-1.4\n%%EOF", b"From: a\n\nbody\n", b"\xff\xd8\xff\xe0picture\xff\xd9",
                                  b"\xd0\xcf\x11\xe0".ljust(1024, b"\0")])  # fmt: skip
def test_each_copy_is_another_object_that_begins_alike(data: bytes) -> None:
    copies = [varied(data, nth) for nth in (1, 2, 3)]
    assert len({data, *copies}) == 4
    assert all(copy is not None and copy.startswith(data[:-2]) for copy in copies)


def test_a_copy_of_a_zip_opens_and_has_the_same_members() -> None:
    with zipfile.ZipFile(io.BytesIO(varied(_zip(), 3) or b"")) as archive:
        assert archive.read("a.txt") == b"alpha"
        assert archive.testzip() is None


@pytest.mark.parametrize("data", [b"", gzip.compress(b"words", mtime=0), "ကို".encode("utf-16"), b"BZh91AY"])
def test_what_has_no_place_for_more_is_not_copied(data: bytes) -> None:
    assert varied(data, 1) is None
