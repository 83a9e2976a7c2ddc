"""Hash lists in the forms in which they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from iimm_pipelines.accessions.hash_list import HashListInvalid, read_hash_list

SHA256, SHA1, MD5 = "ab" * 32, "cd" * 20, "ef" * 16


@pytest.mark.parametrize(("text", "found"), [
    (f"{SHA256}\n{MD5.upper()}\n", {SHA256, MD5}),
    (f"\ufeffName,SHA-1\r\nx,{SHA1}\r\n\r\n", {SHA1}),
    (f'# of 2021\n"SHA-1","MD5","FileName"\n"{SHA1}","{MD5}","a,b"\n"","{MD5}","c"\n', {SHA1, MD5}),
    (f"{SHA256},found in 2021\n{SHA256},again\n", {SHA256}),
], ids=["no columns", "named, with byte order mark", "several digests of a file: the strongest", "twice"])  # fmt: skip
def test_a_list_is_read(tmp_path: Path, text: str, found: set[str]) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(text.encode())
    assert {d.hex() for d in read_hash_list(file)} == found


@pytest.mark.parametrize(("data", "said"), [
    (b"", "no digest"), (b"sha256,note\n", "no digest"), (f"{SHA1}\nxyz\n".encode(), "line 2"),
    (f"sha256\n{SHA256[:-1]}\n".encode(), "line 2"), (b"\xff\xfe" + SHA1.encode("utf-16-le"), "UTF-8"),
], ids=["empty", "only a heading", "no hex", "one digit short", "UTF-16"])  # fmt: skip
def test_what_is_no_list_is_refused_by_its_line(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(data)
    with pytest.raises(HashListInvalid, match=said):
        read_hash_list(file)
