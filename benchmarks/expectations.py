"""What the evidence pack says that must be found in it, folder by folder, held against a holding.

Here: what came of each received file, and one function for each form that expectations take.
Not here: bringing the pack through the graph, the aims and the table (benchmarks.coverage).

Each function gives one truth value for each thing expected, by the name of the file. It looks for what people would
look for (a message's words, a type, a name), wherever in the outcomes it stands, so that a reader that says more than
it did before is no worse for it.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iimm_pipelines.accessions.items import Item, read_items
from iimm_pipelines.holding import Holding

_WORD = re.compile(r"[^\W\d_]{2,}")
TIKA_IS_WRONG = {
    "testHTML_charset_utf16le.html": "takes the tags for text",
    "test_ignore_IBM420.html": "takes a Latin page for Arabic from a mainframe",
    "ks_c_5601-1987.eml": "reads the Korean subject as Latin",
    "testMID.mid": "names what has no name `Untitled`",
    "testMP3_twoCovers.mp3": "writes `null` for tags that are missing",
    "testMP3v23_twoCovers.mp3": "writes `null` for tags that are missing",
    "testNakedUTF16BOM.mp3": "writes `null` for tags that are missing",
}
"""Files in which what Tika finds and we do not is not in the file; they are left out where it is the reference."""
_SAME_CHARSET = {"ascii": "utf-8"}
GOOD = 0.6
"""Share of the words that Tika finds in a file and in all files inside, from which on a file counts as read."""


@dataclass(slots=True)
class Seen:
    """One received file and all that came out of it."""

    path: str
    """Below the pack: `folder/files/…`."""
    item: Item
    outcomes: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Kind and reason by stage, of the received file itself."""
    document: Mapping[str, Any] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    """Every stretch of text of the file itself."""
    inside: list[str] = field(default_factory=list)
    """Every word that any outcome holds, of the file and of all that was found in it."""
    members: list[bytes] = field(default_factory=list)
    """Raw names of all files inside."""
    near: set[str] = field(default_factory=set)
    """Paths of received files that look the same."""

    @property
    def words(self) -> set[str]:
        """Distinct words in it, in small letters."""
        return set(words(" ".join(self.inside)))

    def fact(self, name: str) -> str | None:
        """A property of the document by name."""
        return next((m["value"] for m in self.document.get("metadata") or () if m["name"] == name), None)


Pack = Mapping[str, Sequence[Seen]]
"""What was seen, by folder of the pack."""
Met = Mapping[str, bool]


def words(text: str) -> Iterator[str]:
    """Words of two letters or more, in small letters; figures are none: Tika writes durations into the text."""
    return (m[0].casefold() for m in _WORD.finditer(text))


def seen_in(holding: Holding, stages: Sequence[str]) -> dict[str, list[Seen]]:
    """All received files of all accessions, by folder."""
    found: dict[str, list[Seen]] = {}
    by_number: dict[str, Seen] = {}
    pairs: list[tuple[Seen, str]] = []
    for shard in holding.catalogue.shards():
        items = {i.place: i for i in read_items(holding.parts, shard.number)}
        for item in items.values():  # by place: parents stand before their members
            if item.parent is None:
                one = Seen(item.path.decode("utf-8", "surrogateescape"), item)
                found.setdefault(one.path.split("/", 1)[0], []).append(one)
            else:
                one = by_number[item.parent]
                one.members.append(item.path)
                one.inside.append(item.path.decode("utf-8", "replace"))
            by_number[item.number] = one
        for stage in ("inventory", *stages):
            for part in holding.catalogue.parts(shard.number, stage):
                for outcome in holding.parts.outcomes(part):
                    one = by_number[outcome.item]
                    own = items[outcome.place].parent is None
                    if own:
                        one.outcomes[stage] = (outcome.kind, outcome.reason)
                    if stage in ("inventory", "near_pairs"):
                        pairs.extend((one, row["other"]) for row in outcome.tables.get("pairs", ()))
                        continue
                    for name, rows in outcome.tables.items():
                        if own and name == "document" and rows:
                            one.document = rows[0]
                        if own and name == "segments":
                            one.text.extend(row["text"] for row in rows)
                        one.inside.extend(s for row in rows for s in _strings(row))
    for one, other in pairs:
        if other in by_number:
            one.near.add(by_number[other].path)
            by_number[other].near.add(one.path)
    return found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)


# for every folder


def identity(pack: Path, folder: str, files: Sequence[Seen]) -> Met:
    """Each file that the manifest names is there, with its digest."""
    with (pack / folder / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
        wanted = {f"{folder}/{row['file']}": row["sha256"] for row in csv.DictReader(lines)}
    have = {s.path: s.item.object.hex() for s in files if s.item.object is not None}
    return {path: have.get(path) == digest for path, digest in wanted.items()}


def as_tika(pack: Path, files: Sequence[Seen], tikas: Mapping[str, set[str]]) -> Met:
    """Of the words that Tika's server finds in a file and in all files inside, most are found.

    Of JSON that was read as messages, the names of fields are not words of it: they are columns.
    """
    met = {}
    for one in files:
        if Path(one.path).name in TIKA_IS_WRONG:
            continue
        wanted = tikas.get(one.path, set())
        if one.document.get("kind") == "message" and one.path.endswith(".json"):
            wanted = wanted & set(words(" ".join(_strings(json.loads((pack / one.path).read_bytes())))))
        if wanted:
            met[one.path] = len(one.words & wanted) >= GOOD * len(wanted)
    return met


# for one folder each


def charsets(pack: Path, files: Sequence[Seen]) -> Met:
    """The folder's name is the encoding; another one that gives the same characters is as good."""
    met = {}
    for one in files:
        way = one.path.split("/")
        claimed = next(_encodings(way[2]), None) if len(way) == 4 else None
        if claimed is None:
            continue
        data = (pack / one.path).read_bytes()
        said = one.fact("encoding") or "ascii"
        met[one.path] = _codec(said) is not None and _same(data, said, claimed)
    return met


def _encodings(folder: str) -> Iterator[str]:
    parts = folder.split("-")
    for end in range(len(parts), 0, -1):
        if _codec("-".join(parts[:end])):
            yield "-".join(parts[:end])


def _codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _same(data: bytes, said: str, claimed: str) -> bool:
    ours, theirs = data.decode(said, "replace"), data.decode(claimed, "replace")
    differ = sum(a != b for a, b in zip(ours, theirs, strict=False)) + abs(len(ours) - len(theirs))
    return differ <= len(theirs) // 200  # quotation marks and the like, in which neighbouring encodings differ


def types(pack: Path, files: Sequence[Seen]) -> Met:
    """The folder's name is Magika's label; its media type, or any of text where the label is one of text, is right."""
    import magika

    known = json.loads((Path(magika.__file__).parent / "config" / "content_types_kb.min.json").read_text("utf-8"))
    met = {}
    for one in files:
        way = one.path.split("/")
        if len(way) < 5 or way[3] not in known:
            continue
        label, said = known[way[3]], str(one.document.get("media_type", ""))
        text = (
            said.startswith("text/")
            or said.endswith(("xml", "json", "javascript"))
            or one.document.get("kind") == "document"
        )
        met[one.path] = _alike(said, str(label["mime_type"])) or (bool(label["is_text"]) and text)
    return met


_ALIKE = (
    {"application/x-empty", "inode/x-empty"}, {"audio/x-wav", "audio/wav"}, {"audio/flac", "audio/x-flac"},
    {"application/rtf", "text/rtf"}, {"application/x-outlook-pst", "application/vnd.ms-outlook"},
    {"image/vnd.adobe.photoshop", "image/x-photoshop"}, {"audio/ogg", "application/ogg", "video/ogg"},
    {"multipart/related", "message/rfc822", "application/x-mimearchive"}, {"application/zip", "application/octet-stream"},
    {"application/x-bytecode.python", "application/octet-stream"}, {"application/epub+zip", "application/epub"},
)  # fmt: skip
"""Names of one and the same type. PyTorch files are ZIPs, and Python's bytecode is for no reader."""


def _alike(said: str, wanted: str) -> bool:
    return said == wanted or any(said in same and wanted in same for same in _ALIKE)


def messages(pack: Path, files: Sequence[Seen]) -> Met:
    """Each message of a target stands in each export beside it, with its author's name."""
    met = {}
    for one in files:
        target = (pack / one.path).parent / "target.json"
        if not target.exists() or one.path.endswith("target.json"):
            continue
        everything = _plain(" ".join(one.inside))
        wanted = json.loads(target.read_text("utf-8"))
        met[one.path] = all(_plain(m["message"]) in everything and _plain(m["author"]) in everything for m in wanted)
    return met


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def slips(pack: Path, files: Sequence[Seen]) -> Met:
    """`good.txt` is an item, and so is the file that wants to be elsewhere, under the name that it claims."""
    return {s.path: b"good.txt" in s.members and any(b".." in m and m.endswith(b"evil.txt") for m in s.members)
            for s in files if not s.path.endswith((".md", ".csv", ".json"))}  # fmt: skip


def speech(pack: Path, files: Sequence[Seen]) -> Met:
    """Nine in ten of the words that are said are heard."""
    expected = json.loads((pack / "audio_asr" / "EXPECTED.json").read_text("utf-8"))
    said = list(words(expected["jfk.*"]))
    return {s.path: sum(w in s.words for w in said) >= 0.9 * len(said) for s in files if "/files/jfk." in s.path}


def places(pack: Path, files: Sequence[Seen]) -> Met:
    """Each name of a place in a KML, GPX or TCX file stands in its text; what is bad ends without a bug."""
    met = {}
    for one in files:
        file = pack / one.path
        if file.suffix not in (".kml", ".gpx", ".tcx"):
            continue
        if file.name.startswith("bad."):
            met[one.path] = all(reason != "bug" for _, reason in one.outcomes.values())
            continue
        names = re.findall(r"<name>([^<&]+)</name>", file.read_text("utf-8", "replace"))
        everything = _plain(" ".join(one.inside))
        met[one.path] = all(_plain(n) in everything for n in names)
    return met


def credentials(pack: Path, files: Sequence[Seen]) -> Met:
    """What content credentials say: none, valid or invalid, in a property of the document."""
    expected = json.loads((pack / "c2pa" / "EXPECTED.json").read_text("utf-8"))["files"]
    met = {}
    for one in files:
        wanted = expected.get(one.path.removeprefix("c2pa/files/"))
        if wanted is None:
            continue
        facts = [f"{m['name']} {m['value']}".casefold() for m in one.document.get("metadata") or ()]
        said = [f for f in facts if "c2pa" in f or "credential" in f]
        state = str(wanted.get("state", "")).casefold()
        met[one.path] = (
            any(re.search(rf"\b{state}\b", f) for f in said) if state else not any("valid" in f for f in said)
        )
    return met


def captures(pack: Path, files: Sequence[Seen]) -> Met:
    """Each capture gives its records as members."""
    return {s.path: bool(s.members) for s in files
            if re.search(r"\.(warc|arc|wacz)(\.gz)?(\.bad)?$", s.path)}  # fmt: skip


def look_alikes(pack: Path, files: Sequence[Seen]) -> Met:
    """A picture within 31 bits of the bridge, by Meta's hash, is a near-duplicate of it; others are not."""
    expected = json.loads((pack / "images_pdq" / "EXPECTED.json").read_text("utf-8"))["files"]
    bridge = "images_pdq/files/data/bridge-mods/aaa-orig.jpg"
    same = {s.path for s in files if s.item.object == next((f.item.object for f in files if f.path == bridge), b"")}
    met = {}
    for one in files:
        wanted = expected.get(one.path.removeprefix("images_pdq/files/"))
        if wanted is not None and one.path not in same:
            met[one.path] = (wanted["bits_from_bridge_original"] <= 31) == bool(one.near & same)
    return met


BY_FOLDER: Mapping[str, tuple[str, Callable[[Path, Sequence[Seen]], Met]]] = {
    "archives_zipslip": ("members kept, none written outside", slips),
    "audio_asr": ("words heard", speech),
    "c2pa": ("state of credentials", credentials),
    "filetype_magika": ("type", types),
    "geo_kml": ("names of places", places),
    "images_pdq": ("near-duplicates of the bridge", look_alikes),
    "social_chatminer": ("messages with authors", messages),
    "text_charset": ("encoding", charsets),
    "web_wacz": ("records", captures),
    "web_warc": ("records", captures),
}


def digest_of_pack(pack: Path) -> str:
    """SHA-256 over the manifests, which hold every file's."""
    hasher = hashlib.sha256()
    for manifest in sorted(pack.glob("*/MANIFEST.csv")):
        hasher.update(manifest.read_bytes())
    return hasher.hexdigest()
