"""Each table's columns: types, units and meaning.

Here: the registry from which the Parquet schema of a part and the data dictionary come.
Not here: how parts are written and read (storage/parts), how the index maps them (search/mapping).

Values are strings without lone surrogates, integers within ±2^53, booleans, bytes, lists and structs with ASCII names,
so that any JSON library gives the same canonical bytes. Probabilities are millionths, times milliseconds. A value that
is not known is null, and null is left out of the canonical form: a column added later leaves old leaves valid.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

TEXT, WHOLE, TRUTH, BYTES, DIGEST = pa.string(), pa.int64(), pa.bool_(), pa.binary(), pa.binary(32)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, what it means, and its unit where it has one."""

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that a stage makes of one item, nested in the item's outcome."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    names: frozenset[str] = field(init=False)
    struct: pa.StructType = field(init=False, repr=False)
    """The Arrow type of one row."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(c.name for c in self.columns))
        object.__setattr__(self, "struct", pa.struct([pa.field(c.name, c.type) for c in self.columns]))


RECEIVED = Table("received", "A file as it was received", (
    Column("path", BYTES, "path below the accession's folder, the raw bytes of the file system"),
    Column("size", WHOLE, "length", "bytes"),
    Column("sha256", DIGEST, "identity of the object"),
    Column("sha1", pa.binary(20), "for hash lists of others"),
    Column("md5", pa.binary(16), "for hash lists of others"),
    Column("modified_ms", WHOLE, "the file system's time of last change", "milliseconds since 1970, UTC"),
    Column("relation", TEXT, "attachment or rendition, where a load file says so; else absent"),
    Column("parent", WHOLE, "place of the file that it belongs to, by a load file"),
    Column("family", WHOLE, "place of the first file of its family, by a load file"),
    Column("leads_to", BYTES, "of a link: where it leads, raw bytes; it is not followed"),
))  # fmt: skip

_DIGESTS = pa.list_(pa.struct([("algorithm", TEXT), ("value", TEXT), ("agrees", TRUTH)]))

CLAIMS = Table("claims", "What a manifest, bag or load file says of a received file", (
    Column("list", WHOLE, "which list says so, from 1 as the registration event names them; 0 is the bag itself"),
    Column("row", WHOLE, "its row there, from 1; 0 where the file is the list or belongs to the bag"),
    Column("role", TEXT, "file, page, extracted text, translation, transcript, list"),
    Column("maker", TEXT, "who made a text: human, other system"),
    Column("number", TEXT, "number of the document in the holding that it comes from"),
    Column("last_number", TEXT, "number of its last page there"),
    Column("parent_number", TEXT, "number of the document that it belongs to there"),
    Column("custody", TEXT, "history of custody as it is written"),
    Column("digests", _DIGESTS, "claimed digests, and whether ours are the same; null where that could not be checked"),
    Column("fields", pa.list_(pa.struct([("name", TEXT), ("value", TEXT)])), "other columns, as they are written"),
    Column("texts", pa.list_(pa.struct([("role", TEXT), ("maker", TEXT), ("text", TEXT)])),
           "texts of the document that stand in the row itself"),
    Column("deviation", TEXT, "how row and file do not fit"),
))  # fmt: skip

DOCUMENT = Table("document", "What an object is, and what is said about it as a whole", (
    Column("media_type", TEXT, "the type that was decided for"),
    Column("kind", TEXT, "container, document, message, picture, sound, film, data, unknown"),
    Column("opinions", pa.list_(pa.struct([("reader", TEXT), ("type", TEXT), ("score", WHOLE)])),
           "what each detector said", "score in millionths"),
    Column("conflict", TRUTH, "whether detectors, or detector and name, disagree"),
    Column("metadata", pa.list_(pa.struct([("name", TEXT), ("value", TEXT)])), "properties as the format states them"),
    Column("expected_members", WHOLE, "how many members the container says it has"),
))  # fmt: skip

MEMBERS = Table("members", "Files found inside an object; each becomes an item", (
    Column("path", BYTES, "name inside the container, raw bytes"),
    Column("relation", TEXT, "member, attachment, embedded, inline"),
    Column("sha256", DIGEST, "identity of the object; absent where its bytes could not be read"),
    Column("sha1", pa.binary(20), "for hash lists of others"),
    Column("md5", pa.binary(16), "for hash lists of others"),
    Column("size", WHOLE, "length", "bytes"),
    Column("modified_ms", WHOLE, "time of last change where its offset is known", "milliseconds since 1970, UTC"),
    Column("modified_text", TEXT, "time of last change as it is written in the container"),
    Column("problem", TEXT, "why its bytes could not be read"),
    Column("url", TEXT, "where it was captured from"),
    Column("captured_ms", WHOLE, "time of capture", "milliseconds since 1970, UTC"),
    Column("captured_text", TEXT, "time of capture as it is written, where that is no instant"),
    Column("metadata", pa.list_(pa.struct([("name", TEXT), ("value", TEXT)])), "what else the container says of it"),
    Column("name", TEXT, "the name as text, where `path` is in another encoding than UTF-8"),
))  # fmt: skip

MALWARE = Table("malware", "What a scanner for malware says", (
    Column("signature", TEXT, "name of what was found; absent where nothing was"),
    Column("scanner", TEXT, "scanner, version, number and day of its signatures"),
))  # fmt: skip

TIMES = Table("times", "Times that a file states of itself; nothing is assumed that it does not say", (
    Column("meaning", TEXT, "what happened then: picture taken, mail sent, created, modified, printed …"),
    Column("of", TEXT, "event or document; when a file was changed, captured and received stands with the occurrence"),
    Column("written", TEXT, "as it stands in the file"),
    Column("iso", TEXT, "the same in ISO 8601, as precise as it was written, without offset"),
    Column("offset_minutes", WHOLE, "offset as the file states it; absent where it states none", "minutes east of UTC"),
    Column("utc_ms", WHOLE, "only where the offset is known", "milliseconds since 1970, UTC"),
    Column("reader", TEXT, "who read it"),
))  # fmt: skip

POSITIONS = Table("positions", "Places on Earth that a file states by coordinates", (
    Column("of", TEXT, "camera, recorder, shown, point, track, line, area"),
    Column("latitude", WHOLE, "of the point, or the first of several; north positive", "millionths of a degree"),
    Column("longitude", WHOLE, "of the point, or the first of several; east positive", "millionths of a degree"),
    Column("altitude_mm", WHOLE, "above what the format takes for zero", "millimetres"),
    Column("accuracy_mm", WHOLE, "error that the receiver stated", "millimetres"),
    Column("name", TEXT, "what the file calls it"),
    Column("written", TEXT, "as it stands in the file, where it is one value"),
    Column("reference", TEXT, "reference system; `not stated` where the numbers could be degrees and nothing says so"),
    Column("points", WHOLE, "how many points it stands for"),
    Column("bounds", pa.list_(WHOLE), "south, west, north, east of more than one point", "millionths of a degree"),
    Column("along", pa.list_(WHOLE), "latitude and longitude in turn, of at most 64 of them", "millionths of a degree"),
    Column("reader", TEXT, "who read it"),
))  # fmt: skip

_WORDS = pa.list_(pa.struct([("start_ms", WHOLE), ("end_ms", WHOLE), ("text", TEXT), ("probability", WHOLE)]))

SEGMENTS = Table("segments", "Stretches of text with their place", (
    Column("text", TEXT, "raw text, at most 2,000 code points"),
    Column("field", TEXT, "text, title, subject, body, sheet row, annotation, line, speech; of a text that was handed over: "
           "extracted text, translation, transcript"),
    Column("page", WHOLE, "page, from 1"),
    Column("paragraph", WHOLE, "paragraph, from 1"),
    Column("sheet", TEXT, "sheet of a workbook"),
    Column("row", WHOLE, "row of a sheet, from 1"),
    Column("record", WHOLE, "the row of `records` whose text it is, from 0"),
    Column("cells", pa.list_(WHOLE), "cells of a row, two numbers each: column, from 1, and where it begins in the text; "
           "a line break parts it from the next", "code points"),
    Column("box", pa.list_(WHOLE), "left, top, right, bottom", "millionths of the page's width and height"),
    Column("start_ms", WHOLE, "begin of speech, or of a subtitle", "milliseconds from the start"),
    Column("end_ms", WHOLE, "end of speech, or of a subtitle", "milliseconds from the start"),
    Column("words", _WORDS, "words of speech with times", "milliseconds; probability in millionths"),
    Column("confidence", WHOLE, "how sure the machine was of its reading", "millionths"),
    Column("reliable", TRUTH, "false where the machine's own figures say that its reading is not to be trusted, or two "
           "readers of a PDF differ"),
    Column("language_hint", TEXT, "language that the recogniser heard", "ISO 639-1 as the model names it"),
    Column("model", TEXT, "which engine or model read it; absent where the text stood in the file"),
    Column("maker", TEXT, "who made a text that was handed over beside the document: human, other system"),
))  # fmt: skip

PAGES_READ = Table("pages_read", "Pages, pictures and frames as a machine looked at them for text", (
    Column("page", WHOLE, "page, from 1; absent where there is but one picture"),
    Column("at_ms", WHOLE, "of a frame: its time", "milliseconds from the start"),
    Column("way", TEXT, "sparse or block: the layout of the best reading; absent where the page plainly holds no text"),
    Column("turned", WHOLE, "how far it had to be turned clockwise to be read, beyond what the file says", "degrees"),
    Column("skew", WHOLE, "by how much its rows fall to the right after that", "thousandths of a degree"),
    Column("legible", WHOLE, "share of its letters that are spelled as writing is", "millionths"),
    Column("handwriting", pa.list_(WHOLE), "rows of pen strokes that the machine could not read, four numbers each: left, "
           "top, right, bottom. For people: handwriting, now and then print in a script that it does not know",
           "millionths of the page's width and height"),
))  # fmt: skip

RECORDS = Table("records", "Messages, posts, comments, calls, mails, rows and subtitles; `segments` name theirs", (
    Column("kind", TEXT, "message, post, comment, call, mail, header, row, cue"),
    Column("sender", TEXT, "who wrote or spoke, as the file names them"),
    Column("account", TEXT, "the sender's number, address or identifier"),
    Column("recipients", pa.list_(TEXT), "to whom, as the file names them"),
    Column("group", TEXT, "name of the chat, group or conversation"),
    Column("time_written", TEXT, "its time as it is written there"),
    Column("time_local", TEXT, "that time on the writer's clock, ISO 8601 without offset"),
    Column("offset_minutes", WHOLE, "offset of that clock, where the file says it", "minutes east of UTC"),
    Column("utc_ms", WHOLE, "the instant, only where the offset is known", "milliseconds since 1970, UTC"),
    Column("time_ambiguous", TRUTH, "day and month, or forenoon and afternoon, could be taken the other way"),
    Column("id", TEXT, "what the file calls it"),
    Column("reply_to", TEXT, "id of what it answers"),
    Column("thread", pa.list_(TEXT), "ids of what came before it in its thread, oldest first"),
    Column("mih", TEXT, "EDRM message identification hash: MD5 of the Message-ID without angle brackets, hexadecimal"),
    Column("mih_in_brackets", TEXT, "the same with its angle brackets: which of the two others mean is not certain"),
    Column("media", pa.list_(TEXT), "names of pictures, recordings and files that belong to it, as written"),
    Column("media_missing", TRUTH, "true where the export says that it left something out"),
    Column("shares", pa.list_(TEXT), "addresses that it shares"),
    Column("forwarded_from", TEXT, "whose words it passes on"),
    Column("event", TEXT, "what happened, where nobody wrote: a member joined, a call was missed"),
    Column("duration_s", WHOLE, "how long a call lasted", "seconds"),
    Column("edited", TRUTH, "true where the file says that it was changed later"),
    Column("deleted", TRUTH, "true where the file says that it was taken back, or deleted on the device"),
    Column("system", TRUTH, "true where the program wrote it and no person"),
    Column("mended", TRUTH, "true where UTF-8 had been written as if it were Latin-1, and was read as it was meant"),
    Column("columns", pa.list_(TEXT), "names of a table's columns, in order; only with a header"),
))  # fmt: skip

NORMAL_SEGMENTS = Table("normal_segments", "Segments in normal form, with their language", (
    Column("origin", TEXT, "stage that made the segment"),
    Column("ordinal", WHOLE, "its row there, from 0"),
    Column("text", TEXT, "normal text: Unicode, NFC, one order of marks; all offsets count its code points"),
    Column("raw", TEXT, "raw text, where it differs"),
    Column("edits", pa.list_(WHOLE), "stretches that differ, four numbers each: start and end in normal and raw text",
           "code points"),
    Column("language", TEXT, "ISO 639-3, `und` when unsure; of a mixed segment that of most letters"),
    Column("script", TEXT, "ISO 15924"),
    Column("encoding", TEXT, "unicode or zawgyi: how it came in"),
    Column("confidence", WHOLE, "of the language", "millionths"),
))  # fmt: skip

STRETCHES = Table("stretches", "Where a mixed segment changes its language; a segment in one language has none", (
    Column("origin", TEXT, "stage that made the segment"),
    Column("ordinal", WHOLE, "its row there, from 0"),
    Column("start", WHOLE, "begin", "code points"),
    Column("end", WHOLE, "end, exclusive: where the next begins", "code points"),
    Column("language", TEXT, "ISO 639-3, `und` when unsure"),
    Column("script", TEXT, "ISO 15924"),
    Column("confidence", WHOLE, "of the language", "millionths"),
))  # fmt: skip

TRANSLATIONS = Table("translations", "English of a segment, made by a machine", (
    Column("origin", TEXT, "stage that made the segment"),
    Column("ordinal", WHOLE, "its row there, from 0"),
    Column("text", TEXT, "English"),
    Column("model", TEXT, "name of the model"),
    Column("status", TEXT, "starter or production"),
    Column("score", WHOLE, "mean log probability of a target token", "millionths"),
    Column("reliable", TRUTH, "whether the score is above the model's own threshold; no proof of being right"),
))  # fmt: skip

MENTIONS = Table("mentions", "Entities found in a segment", (
    Column("origin", TEXT, "stage that made the segment"),
    Column("ordinal", WHOLE, "its row there, from 0"),
    Column("on", TEXT, "text or translation: where the span lies"),
    Column("start", WHOLE, "begin", "code points"),
    Column("end", WHOLE, "end, exclusive", "code points"),
    Column("type", TEXT, "email, phone, url, date, time, money, age, nrc, vehicle, position, map reference, place, person, organisation"),
    Column("text", TEXT, "as it stands there"),
    Column("normal", TEXT, "normal form: E.164, ISO 8601, ISO 4217, degrees, lower case …"),
    Column("link", TEXT, "identifier in a register, e.g. a P-code, LIB-345, KNLA"),
    Column("candidates", pa.list_(TEXT), "P-codes of all places that may be meant, where it is open which"),
    Column("likely", pa.list_(WHOLE), "how likely each of them is, by what the text says they lie in", "millionths"),
    Column("key", TEXT, "sound of a person's name without titles: the same for its spellings in both scripts"),
    Column("confidence", WHOLE, "how sure", "millionths"),
    Column("rule", TEXT, "which rule or model found it"),
))  # fmt: skip

ROLES = Table("roles", "Who was what: a person with rank, unit and post, as one sentence tells it", (
    Column("origin", TEXT, "stage that made the segment"),
    Column("ordinal", WHOLE, "its row there, from 0"),
    Column("start", WHOLE, "begin of all that is linked by its place beside the name", "code points"),
    Column("end", WHOLE, "its end, exclusive", "code points"),
    Column("person", TEXT, "name without titles, in Latin letters too"),
    Column("key", TEXT, "sound of the name, as in `mentions`"),
    Column("person_start", WHOLE, "begin of the mention of the person", "code points"),
    Column("person_end", WHOLE, "its end, exclusive", "code points"),
    Column("rank", TEXT, "identifier in the table of titles"),
    Column("unit", TEXT, "identifier of the unit, as in `mentions`"),
    Column("organisation", TEXT, "identifier in the table of organisations"),
    Column("post", TEXT, "identifier in the table of posts"),
    Column("place", TEXT, "names of the place beside it, else of the nearest in the sentence"),
    Column("place_link", TEXT, "its P-code where the text says which it is"),
    Column("date", TEXT, "the nearest date in the sentence, ISO 8601"),
    Column("confidence", WHOLE, "how sure", "millionths"),
    Column("rule", TEXT, "how the person was found and the rest linked"),
))  # fmt: skip

FINGERPRINTS = Table("fingerprints", "Perceptual hashes", (
    Column("method", TEXT, "phash"),
    Column("value", BYTES, "the hash"),
    Column("width", WHOLE, "after orientation", "pixels"),
    Column("height", WHOLE, "after orientation", "pixels"),
))  # fmt: skip

PAIRS = Table("pairs", "Near-duplicates of an item among what was committed before it", (
    Column("other", TEXT, "item number of the other"),
    Column("method", TEXT, "phash"),
    Column("distance", WHOLE, "how far apart", "bits"),
))  # fmt: skip

DOCUMENTS = Table("documents", "Index documents made of an item", (
    Column("index", TEXT, "items or segments"),
    Column("id", TEXT, "document id"),
    Column("digest", DIGEST, "SHA-256 of the canonical document without marks, generation and the accession's times"),
))  # fmt: skip

TABLES = {t.name: t for t in list(globals().values()) if isinstance(t, Table)}
"""By name: every table above."""

OUTCOME = (
    Column("item", TEXT, "item number"),
    Column("place", WHOLE, "its place in the shard"),
    Column("kind", TEXT, "produced, empty, excluded, failed"),
    Column("reason", TEXT, "from the closed list, where it is not produced"),
    Column("used", pa.list_(TEXT), "ingredients of the stage that had a part in it; null: all"),
    Column("recipe", DIGEST, "SHA-256 over the stage's name, version and the ingredients used"),
    Column("work", DIGEST, "SHA-256 over what it was made from; equal work under an equal recipe is carried over"),
    Column("content", DIGEST, "SHA-256 over kind, reason and rows"),
    Column("inputs", pa.list_(DIGEST), "leaves of the outcomes that it was made from"),
    Column("numbers", pa.list_(WHOLE), "places given to its members, in order; -1 where a member has no bytes"),
    Column("salt", pa.binary(16), "keeps the leaf unguessable outside"),
    Column("leaf", DIGEST, "hash of the leaf (RFC 6962)"),
    Column("carried", TRUTH, "beside the leaf: carried over and not computed for this part"),
    Column("took_us", WHOLE, "beside the leaf: time of the worker", "microseconds"),
    Column("attempts", WHOLE, "beside the leaf: how often it was tried"),
    Column("detail", TEXT, "beside the leaf: exception class and code line of a failure"),
)


def part_schema(tables: tuple[Table, ...]) -> pa.Schema:
    """The Arrow schema of a part whose outcomes nest rows of these tables."""
    fields = [pa.field(c.name, c.type) for c in OUTCOME]
    return pa.schema(fields + [pa.field(t.name, pa.list_(t.struct)) for t in tables])
