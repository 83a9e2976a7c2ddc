"""Formats that libmagic does not tell apart, by the bytes that their specifications fix.

Here: web archives, mailboxes, disk images, single compressed streams.
Not here: ZIPs and XML, which are told by what is inside (detect), and reading any of them.
"""

from __future__ import annotations

import zlib

WARC, ARC = "application/warc", "application/x-ia-arc"

_AT_THE_START = (
    (b"!BDN", "application/vnd.ms-outlook-pst"),
    (b"WARC/", WARC),
    (b"filedesc://", ARC),
    (b"MSWIM\0\0\0", "application/x-ms-wim"),
    (b"hsqs", "application/vnd.squashfs"),
)


def by_signature(head: bytes) -> str | None:
    """The type that the first bytes of a file fix, or `None`."""
    if head.startswith(b"\x1f\x8b"):
        head = _inflated(head)
        return WARC if head.startswith(b"WARC/") else ARC if head.startswith(b"filedesc://") else None
    return next((media_type for bytes_, media_type in _AT_THE_START if head.startswith(bytes_)), None)


def _inflated(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, 64)
    except zlib.error:
        return b""
