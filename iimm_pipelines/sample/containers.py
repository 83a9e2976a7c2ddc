"""ZIP archives, among them an encrypted one, and a mail with an attachment.

Here: writing them with fixed times and without compression. Not here: what they hold (letters, make).
"""

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

# 1 March 2022, 08:00: ZIP knows no time zone.
_WHEN = (2022, 3, 1, 8, 0, 0)
_DOS_TIME = 8 << 11
_DOS_DATE = (2022 - 1980) << 9 | 3 << 5 | 1
# 2.0, the lowest version that may be encrypted (APPNOTE 4.4.3.2).
_VERSION = 20
_ENCRYPTED = 0x0001
_NAMES_ARE_UTF8 = 0x0800


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A ZIP of the members in their order, stored."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.create_system = 3  # Unix, on every machine
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def encrypted_zip(members: Mapping[str, bytes], password: bytes) -> bytes:
    """A ZIP in traditional PKWARE encryption (APPNOTE 6.1), its random header replaced by fixed bytes.

    Real evidence comes like this; the cipher protects nothing.
    """
    body, directory = b"", b""
    for name, content in members.items():
        raw = name.encode()
        check = zlib.crc32(content)
        # The last header byte is the CRC's high byte: what a reader tests the password with.
        secret = _pkware(bytes(range(11)) + struct.pack(">I", check)[:1] + content, password)
        flags = _ENCRYPTED | _NAMES_ARE_UTF8
        fixed = struct.pack(
            "<HHHHHIIIHH", _VERSION, flags, 0, _DOS_TIME, _DOS_DATE, check, len(secret), len(content), len(raw), 0
        )
        attributes = struct.pack("<HHHII", 0, 0, 0, 0o644 << 16, len(body))
        directory += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | _VERSION) + fixed + attributes + raw
        body += b"PK\x03\x04" + fixed + raw + secret
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def _pkware(plain: bytes, password: bytes) -> bytes:
    key0, key1, key2 = 0x12345678, 0x23456789, 0x34567890

    def crc_step(crc: int, byte: int) -> int:
        # zlib inverts the register before and after; the cipher does not.
        return zlib.crc32(bytes([byte]), crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    def stir(byte: int) -> None:
        nonlocal key0, key1, key2
        key0 = crc_step(key0, byte)
        key1 = ((key1 + (key0 & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        key2 = crc_step(key2, key1 >> 24)

    for byte in password:
        stir(byte)
    secret = bytearray()
    for byte in plain:
        mask = (key2 & 0xFFFF) | 2
        secret.append(byte ^ ((mask * (mask ^ 1)) >> 8 & 0xFF))
        stir(byte)
    return bytes(secret)


def mail(
    *, subject: str, text: str, html: str, inline_png: bytes, attachments: Mapping[str, tuple[str, bytes]]
) -> bytes:
    """A mail (RFC 5322) as text and HTML, with a picture inside the HTML as `cid:seal` and with attachments.

    `attachments` gives media type and content by file name. The parts are laid out by hand because the standard
    library's generator folds lines differently from one Python to the next.
    """
    alternative = _multipart(
        "alternative",
        "a1",
        [_part('text/plain; charset="utf-8"', text.encode()), _part('text/html; charset="utf-8"', html.encode())],
    )
    seal = _part("image/png", inline_png, "Content-ID: <seal>", 'Content-Disposition: inline; filename="seal.png"')
    related = _multipart("related", "r1", [alternative, seal])
    attached = [
        _part(kind, content, f"Content-Disposition: attachment; filename*=utf-8''{_percent(name)}")
        for name, (kind, content) in attachments.items()
    ]
    head = "\r\n".join(
        [
            "From: Village Office <office@village.example>",
            "To: Records Desk <records@desk.example>",
            f"Subject: =?utf-8?B?{base64.b64encode(subject.encode()).decode()}?=",
            "Date: Tue, 01 Mar 2022 08:00:00 +0630",
            "Message-ID: <20220301.1@village.example>",
            "MIME-Version: 1.0",
        ]
    )
    return f"{head}\r\n{_multipart('mixed', 'm1', [related, *attached])}".encode()


def _multipart(kind: str, boundary: str, parts: list[str]) -> str:
    inner = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'


def _part(kind: str, content: bytes, *more: str) -> str:
    head = "\r\n".join([f"Content-Type: {kind}", *more, "Content-Transfer-Encoding: base64"])
    return f"{head}\r\n\r\n" + base64.encodebytes(content).decode().replace("\n", "\r\n")


def _percent(name: str) -> str:
    return "".join(f"%{byte:02X}" if byte > 126 or chr(byte) in " %'\"" else chr(byte) for byte in name.encode())
