"""Formats that libmagic does not tell apart, by the bytes that their specifications fix.

Here: web archives, mailboxes, disk images, archives of disks.
Not here: ZIPs and XML, which are told by what is inside (detect), and reading any of them.
"""

from __future__ import annotations

import struct
import zlib

from iimm_pipelines.formats import disk

WARC, ARC = "application/warc", "application/x-ia-arc"

_AT_THE_START = (
    (b"!BDN", "application/vnd.ms-outlook-pst"),
    (b"WARC/", WARC),
    (b"filedesc://", ARC),
    (b"MSWIM\0\0\0", "application/x-ms-wim"),
    (b"hsqs", "application/vnd.squashfs"),
    (b"EVF\x09\x0d\x0a\xff\0", disk.EWF),
    (b"EVF2\r\n\x81\0", disk.EWF),
    (b"QFI\xfb", disk.QCOW),
    (b"KDMV", disk.VMDK),
    (b"# Disk DescriptorFile", disk.VMDK),
    (b"conectix", disk.VHD),
    (b"vhdxfile", disk.VHDX),
)
_BOOT_MARK, _BOOT_SECTOR = b"\x55\xaa", 512
_SECTOR_SIZES = (512, 1024, 2048, 4096)


def by_signature(head: bytes) -> str | None:
    """The type that the first bytes of a file fix, or `None`."""
    if head.startswith(b"\x1f\x8b"):
        head = _inflated(head)
        return WARC if head.startswith(b"WARC/") else ARC if head.startswith(b"filedesc://") else None
    return next((media_type for bytes_, media_type in _AT_THE_START if head.startswith(bytes_)), None)


def by_disk_layout(head: bytes, size: int) -> str | None:
    """A raw disk image, where the first bytes are those of a file system or of a table of partitions."""
    if size % _BOOT_SECTOR or size < 64 * _BOOT_SECTOR:
        return None
    return disk.RAW if _ext(head) or _boot_sector(head) or head[512:520] == b"EFI PART" or _hfs(head) else None


def _inflated(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, 64)
    except zlib.error:
        return b""


def _ext(head: bytes) -> bool:
    """Superblock of ext2 to ext4: its mark, and a block size of at most 64 KiB."""
    return head[1080:1082] == b"\x53\xef" and int.from_bytes(head[1048:1052], "little") <= 6


def _hfs(head: bytes) -> bool:
    return head[1024:1028] in (b"H+\0\x04", b"HX\0\x05")


def _boot_sector(head: bytes) -> bool:
    if head[510:512] != _BOOT_MARK:
        return False
    if head[3:11] in (b"NTFS    ", b"EXFAT   ", b"-FVE-FS-"):
        return True
    per_sector, per_cluster = struct.unpack_from("<HB", head, 11)
    fat = (
        head[0] in (0xEB, 0xE9) and per_sector in _SECTOR_SIZES and per_cluster and not per_cluster & (per_cluster - 1)
    )
    return bool(fat) or _partitions(head)


def _partitions(head: bytes) -> bool:
    entries = [head[at : at + 16] for at in range(446, 510, 16)]
    if any(entry[0] not in (0, 0x80) for entry in entries):
        return False
    used = [entry for entry in entries if entry[4]]
    return bool(used) and all(int.from_bytes(e[8:12], "little") and int.from_bytes(e[12:16], "little") for e in used)
