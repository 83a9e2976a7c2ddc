"""PDF files: with a text layer, from a picture, encrypted.

Here: just enough of PDF 1.4 (PDF Reference, third edition) to write pages that every reader opens, with bytes that
never change. Not here: Burmese text layers, which need an embedded font: Burmese comes as a scan.
"""

import hashlib
import struct
from collections.abc import Callable, Sequence

_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_OWNER = b"owner of the sample"
_FILE_ID = hashlib.md5(b"iimm sample", usedforsecurity=False).digest()
# Bits 1 and 2 are 0 by the format, everything else is allowed.
_PERMISSIONS = struct.pack("<i", -4)
_LINES_ON_A_PAGE = 40


def text_pdf(lines: Sequence[str], *, title: str) -> bytes:
    """Lines of English (Latin-1) in Helvetica, 40 on a page."""
    return _text_pdf(lines, title, None)


def encrypted_pdf(lines: Sequence[str], *, title: str, password: bytes, bits: int) -> bytes:
    """The same behind a user password: RC4 with 40 bits (revision 2) or 128 bits (revision 3)."""
    if bits not in (40, 128):
        raise ValueError("RC4 in PDF 1.4 has 40 or 128 bits")
    return _text_pdf(lines, title, (password, bits))


def picture_pdf(jpeg: bytes, width: int, height: int) -> bytes:
    """One page that is nothing but a greyscale picture of width by height pixels, A4 wide."""
    tall = 595 * height // width
    image = (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray "
        "/BitsPerComponent 8 /Filter /DCTDecode"
    )
    page = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 {tall}] /Contents 5 0 R "
        "/Resources << /XObject << /P 4 0 R >> >> >>"
    )
    return _assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            page.encode(),
            _stream(image, jpeg),
            _stream("", f"595 0 0 {tall} 0 0 cm /P Do".encode()),
        ],
        trailer="",
    )


def _text_pdf(lines: Sequence[str], title: str, lock: tuple[bytes, int] | None) -> bytes:
    pages = [lines[at : at + _LINES_ON_A_PAGE] for at in range(0, len(lines), _LINES_ON_A_PAGE)]
    encrypt, dictionary = _security(*lock) if lock else (_as_it_is, None)
    # 1 catalogue, 2 page tree, 3 font, 4 title, then a page and its content by turns.
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title <" + encrypt(title.encode("latin-1"), 4).hex().encode() + b"> >>",
    ]
    for number, page in enumerate(pages):
        content = 6 + 2 * number
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R "
            "/Resources << /Font << /F 3 0 R >> >> >>".encode()
        )
        objects.append(_stream("", encrypt(_shown(page), content)))
    trailer = "/Info 4 0 R "
    if dictionary is not None:
        objects.append(dictionary)
        trailer += f"/Encrypt {len(objects)} 0 R "
    return _assembled(objects, trailer)


def _shown(lines: Sequence[str]) -> bytes:
    text = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    return f"BT /F 11 Tf 60 780 Td 17 TL\n{text}ET".encode("latin-1")


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _stream(entries: str, content: bytes) -> bytes:
    return f"<< {entries} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _assembled(objects: Sequence[bytes], trailer: str) -> bytes:
    # The second line's high bytes tell file transfers that this is no text (3.4.1).
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places: list[int] = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for place in places:
        out += f"{place:010d} 00000 n \n".encode()
    name = _FILE_ID.hex()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer}/ID [<{name}> <{name}>] >>\n".encode()
    return bytes(out + f"startxref\n{start}\n%%EOF\n".encode())


def _as_it_is(content: bytes, _number: int) -> bytes:
    return content


def _security(password: bytes, bits: int) -> tuple[Callable[[bytes, int], bytes], bytes]:
    """How each object is encrypted, and the encryption dictionary (algorithms 3.1 to 3.5 of the reference)."""
    length, revision = bits // 8, 2 if bits == 40 else 3
    rounds = range(1) if revision == 2 else range(20)
    owner_key = _md5(_padded(_OWNER))
    if revision == 3:
        owner_key = _md5_often(owner_key, 16)
    owner = _rc4_rounds(owner_key[:length], _padded(password), rounds)
    key = _md5(_padded(password) + owner + _PERMISSIONS + _FILE_ID)
    if revision == 3:
        key = _md5_often(key, length)
    key = key[:length]
    user = _rc4(key, _PADDING) if revision == 2 else _rc4_rounds(key, _md5(_PADDING + _FILE_ID), rounds) + bytes(16)

    def encrypt(content: bytes, number: int) -> bytes:
        object_key = _md5(key + number.to_bytes(3, "little") + bytes(2))
        return _rc4(object_key[: min(length + 5, 16)], content)

    dictionary = (
        f"<< /Filter /Standard /V {revision - 1} /R {revision} /Length {bits} /P -4 "
        f"/O <{owner.hex()}> /U <{user.hex()}> >>"
    )
    return encrypt, dictionary.encode()


def _padded(password: bytes) -> bytes:
    return (password + _PADDING)[:32]


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


def _md5_often(digest: bytes, length: int) -> bytes:
    for _ in range(50):
        digest = _md5(digest[:length])
    return digest


def _rc4_rounds(key: bytes, content: bytes, rounds: range) -> bytes:
    for number in rounds:
        content = _rc4(bytes(byte ^ number for byte in key), content)
    return content


def _rc4(key: bytes, content: bytes) -> bytes:
    """RC4 (Schneier, Applied Cryptography, 17.1): no library in the lock offers it any more."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
