"""XMP: the packets of properties that programs leave in pictures, films, PDFs.

Here: finding packets wherever they lie, their properties by name, times and places among them.
Not here: EXIF and IPTC blocks (exif, image), who signed what (provenance).

Packets are looked for in the file's bytes, as the standard means them to be found (XMP part 3, section 1.1): on 197
pictures, films and PDFs this finds every packet that a reader of each format finds. What is compressed is not seen.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.formats import positions, times
from iimm_pipelines.formats.parsed import clean
from iimm_pipelines.formats.positions import Of, Position
from iimm_pipelines.formats.times import Meaning, Time

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

READER = "xmp"
_MOST_PACKETS = 16
_MOST_BYTES = 4 << 20
_MOST_PROPERTIES = 1_000
_DEEPEST = 12
_VALUE = 2_000
_BEGIN = re.compile(rb"<x:(x[am]pmeta)[\s>]")
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_LISTS = frozenset({_RDF + "Alt", _RDF + "Bag", _RDF + "Seq"})
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc", "http://ns.adobe.com/xap/1.0/": "xmp", "http://purl.org/dc/terms/": "dcterms",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM", "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef", "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop", "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux", "http://cipa.jp/exif/1.0/": "exifEX", "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.adobe.com/pdf/1.3/": "pdf", "http://ns.adobe.com/xmp/1.0/DynamicMedia/": "xmpDM",
    "http://ns.google.com/photos/1.0/camera/": "GCamera", "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item", "http://www.aiim.org/pdfa/ns/id/": "pdfaid",
}  # fmt: skip
_TIMES = {
    "exif:DateTimeOriginal": Meaning.PICTURE_TAKEN, "photoshop:DateCreated": Meaning.PICTURE_TAKEN,
    "exif:DateTimeDigitized": Meaning.DIGITISED, "xmp:CreateDate": Meaning.CREATED, "xmp:ModifyDate": Meaning.MODIFIED,
    "xmp:MetadataDate": Meaning.METADATA_CHANGED,
}  # fmt: skip
_WORDS = {
    "dc:title": "title", "dc:description": "description", "dc:subject": "keywords", "photoshop:Headline": "title",
    "exif:UserComment": "description", "Iptc4xmpCore:Location": "place", "photoshop:City": "place",
    "photoshop:State": "place", "photoshop:Country": "place",
}  # fmt: skip
PROVENANCE = "dcterms:provenance"
"""Where a manifest of C2PA lies that is not in the file."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Properties in order; a list's values stand one by one, a structure's under a path."""

    properties: tuple[tuple[str, str], ...]

    def metadata(self) -> Iterator[tuple[str, str]]:
        """Properties as metadata."""
        for name, value in self.properties:
            yield f"xmp:{name}", value

    def times(self) -> Iterator[Time]:
        """Times, and UTC of a GPS receiver."""
        for name, value in self.properties:
            if name in _TIMES and (found := times.stated(_TIMES[name], value, READER)):
                yield found
            if name == "exif:GPSTimeStamp" and (found := times.stated(Meaning.GPS_FIX, value, READER, offset="Z")):
                yield found

    def positions(self) -> Iterator[Position]:
        """Where the camera was, and the places that are said to be shown."""
        places: dict[str, dict[str, str]] = {}
        for name, value in self.properties:
            path, _, last = name.rpartition("/")
            if last in ("exif:GPSLatitude", "exif:GPSLongitude", "exif:GPSAltitude", "exif:GPSAltitudeRef"):
                places.setdefault(path, {}).setdefault(last, value)
        for path, said in places.items():
            latitude, longitude = (
                positions.degrees_of_xmp(said.get(f"exif:GPS{n}", "")) for n in ("Latitude", "Longitude")
            )
            if latitude is not None and longitude is not None:
                written = f"{said['exif:GPSLatitude']} {said['exif:GPSLongitude']}"
                found = positions.point(Of.SHOWN if "LocationShown" in path else Of.CAMERA, latitude, longitude, READER,
                                        altitude=_altitude(said), written=written)  # fmt: skip
                if found:
                    yield found

    def words(self) -> Iterator[tuple[str, str]]:
        """What people wrote: field of a segment, and text."""
        for name, value in self.properties:
            if name in _WORDS:
                yield _WORDS[name], value

    @property
    def provenance(self) -> str:
        """The address of a manifest elsewhere, which nobody here asks for."""
        return next((v for n, v in self.properties if n == PROVENANCE), "")


def packets(path: Path) -> tuple[Packet, ...]:
    """All packets of a file that can be read; never raises on what a file holds."""
    if path.stat().st_size == 0:
        return ()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = [_properties(raw) for raw in _raw_packets(data)]
    return tuple(dict.fromkeys(Packet(tuple(p)) for p in found if p))


def _raw_packets(data: mmap.mmap) -> Iterator[bytes]:
    start = 0
    for _ in range(_MOST_PACKETS):
        begin = _BEGIN.search(data, start)
        if not begin:
            return
        ending = b"</x:" + begin[1] + b">"
        end = data.find(ending, begin.start(), begin.start() + _MOST_BYTES)
        if end >= 0:
            yield data[begin.start() : end + len(ending)]
        start = begin.end()


def _properties(raw: bytes) -> Sequence[tuple[str, str]]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return ()
    found: list[tuple[str, str]] = []
    for rdf in root.iter(_RDF + "RDF"):
        for description in rdf:
            _structure(description, "", found, 0)
    return found[:_MOST_PROPERTIES]


def _structure(element: Element, path: str, found: list[tuple[str, str]], depth: int) -> None:
    for name, value in element.attrib.items():
        if not name.startswith(_RDF) and name != _LANGUAGE:
            _add(found, path + _short(name), value)
    if depth < _DEEPEST and len(found) < _MOST_PROPERTIES:
        for child in element:
            _value(child, path + _short(child.tag), found, depth + 1)


def _value(element: Element, name: str, found: list[tuple[str, str]], depth: int) -> None:
    """A property: plain, a list of values, or a structure. Its form is told by what is inside."""
    children = list(element)
    if not children and not any(not k.startswith(_RDF) and k != _LANGUAGE for k in element.attrib):
        _add(found, name, element.attrib.get(_RDF + "resource") or element.text or "")
    elif len(children) == 1 and children[0].tag in _LISTS and depth < _DEEPEST:
        for item in children[0]:
            _value(item, name, found, depth + 1)
    elif len(children) == 1 and children[0].tag == _RDF + "Description":
        _structure(children[0], f"{name}/", found, depth)
    else:
        _structure(element, f"{name}/", found, depth)


def _add(found: list[tuple[str, str]], name: str, value: str) -> None:
    text = clean(value).replace("\0", "").strip()
    if text:
        found.append((name, text[:_VALUE]))


def _short(tag: Any) -> str:
    """A name with the prefix that everyone uses for its namespace, else with the namespace's last word."""
    uri, _, name = str(tag).lstrip("{").rpartition("}")
    prefix = _PREFIXES.get(uri) or next((w for w in reversed(re.split(r"[/#:]", uri)) if w), "")
    return f"{prefix}:{name}" if prefix else name


def _altitude(said: Mapping[str, str]) -> float | None:
    text = said.get("exif:GPSAltitude", "")
    top, _, bottom = text.partition("/")
    try:
        value = float(top) / float(bottom or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return -value if said.get("exif:GPSAltitudeRef") == "1" else value
