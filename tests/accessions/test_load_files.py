"""Load files and manifests: what is written comes back, in every format and encoding that they come in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.accessions.load_files import (
    DELIMITER,
    LINE_END,
    QUOTE,
    Format,
    ListFile,
    ListUnreadable,
    Meaning,
    columns_said,
)
from iimm_pipelines.accessions.rows import Deviation, GivenText, Maker, NamedFile, Role, Row

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]


def dat(rows: Sequence[Sequence[str]], delimiter: str = DELIMITER) -> str:
    lines = (delimiter.join(QUOTE + c.replace(QUOTE, QUOTE * 2) + QUOTE for c in row) for row in rows)
    return "\r\n".join(lines) + "\r\n"


def rows_of(text: str, encoding: str = "utf-8", **columns: Meaning) -> list[Row]:
    return list(ListFile(lambda: io.BytesIO(text.encode(encoding)), columns).rows())


value = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=LINE_END + "\x85\u2028\u2029"), min_size=1,
                max_size=30).map(str.strip).filter(bool)  # fmt: skip
latin = st.text(st.sampled_from("abc ÀÉþ¶,;\"'\\/.-_0189"), min_size=1, max_size=30).map(str.strip).filter(bool)


@given(st.lists(st.tuples(value, value), min_size=1, max_size=8), st.sampled_from(ENCODINGS[:3]))
@settings(max_examples=60, deadline=None)
def test_a_dat_comes_back_as_it_was_written(pairs: list[tuple[str, str]], encoding: str) -> None:
    found = rows_of(dat([("BEGDOC", "Remark"), *pairs]), encoding)
    assert [(r.nth, r.number, r.fields) for r in found] == [
        (i, n, (("Remark", v),)) for i, (n, v) in enumerate(pairs, 1)
    ]


@given(st.lists(st.tuples(latin, latin), min_size=1, max_size=8), st.sampled_from(ENCODINGS))
@settings(max_examples=60, deadline=None)
def test_a_dat_comes_back_from_any_encoding_with_or_without_a_mark(pairs: list[tuple[str, str]], encoding: str) -> None:
    found = rows_of(dat([("BEGDOC", "Remark"), *pairs]), encoding)
    assert [(r.number, dict(r.fields)["Remark"]) for r in found] == pairs


@given(st.lists(st.tuples(latin, st.lists(latin, min_size=1, max_size=4)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_an_opt_comes_back_as_documents_with_pages(documents: list[tuple[str, list[str]]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    for number, pages in documents:
        for nth, page in enumerate(pages):
            writer.writerow([number if nth == 0 else f"{number}.{nth}", "VOL001", f"IMAGES\\{page}.tif",
                             "" if nth else "Y", "", "", len(pages) if nth == 0 else ""])  # fmt: skip
    read = ListFile(lambda: io.BytesIO(out.getvalue().encode()))
    found = list(read.rows())
    assert [(r.number, r.files) for r in found] == [
        (number, (NamedFile(Role.PAGE, f"IMAGES\\{page}.tif"),)) for number, pages in documents for page in pages
    ]


OPT = "ABC0001,VOL001,IMAGES\\0001\\ABC0001.tif,Y,,,2\r\nABC0002,VOL001,IMAGES\\0001\\ABC0002.tif,,,,\r\n"
EDRM = """<?xml version="1.0"?><Root xmlns="urn:edrm"><Batch><Documents>
<Document DocID="D1" DocType="Message"><Tags><Tag TagName="#Subject" TagValue="A meeting"/>
<Tag TagName="ChainOfCustody" TagValue="Seized, then sealed"/></Tags>
<Files><File FileType="Native"><ExternalFile FilePath="native" FileName="1.msg" Hash="D41D8CD98F00B204E9800998ECF8427E"/></File>
<File FileType="Text"><InlineContent>What was said</InlineContent></File></Files></Document>
<Document DocID="D2"><Files><File FileType="Native"><ExternalFile FilePath="native\\2.doc"/></File></Files></Document>
</Documents><Relationships><Relationship Type="Attachment" ParentDocID="D1" ChildDocID="D2"/></Relationships></Batch></Root>
"""


@pytest.mark.parametrize(("text", "expected"), [
    (dat([("DOCID",), ("1",)]), Format.DAT), (OPT, Format.OPT), (EDRM, Format.EDRM), ("path,md5\na,b\n", Format.CSV),
])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_format_is_known_by_its_beginning(text: str, expected: Format, encoding: str) -> None:
    assert ListFile(lambda: io.BytesIO(text.encode(encoding))).format() is expected


@pytest.mark.parametrize("data", [b"", b"\0\1\2\3" * 100])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(ListUnreadable):
        list(ListFile(lambda: io.BytesIO(data)).rows())


def test_a_real_pilcrow_may_stand_between_values() -> None:
    (row,) = rows_of(dat([("BEGDOC", "Author"), ("A1", "x")], "\u00b6"), "cp1252")
    assert (row.number, row.fields) == ("A1", (("Author", "x"),))


def test_usual_columns_are_understood_and_others_kept() -> None:
    header = ("Beg Doc", "End Doc", "BEGATTACH", "Parent_ID", "MD5 Hash", "NativeLink", "TextPath", "Custodian",
              "Chain of Custody")  # fmt: skip
    (row,) = rows_of(dat([header, ("A1", "A3", "A0", "A0", "D" * 32, ".\\N\\1.msg", "T\\1.txt", "K", "from B to C")]))
    assert row == Row(
        1, "A1", "A3", "A0", "A0", "from B to C", (NamedFile(Role.FILE, ".\\N\\1.msg"),
        NamedFile(Role.TEXT, "T\\1.txt", Maker.OTHER_SYSTEM)), (("md5", "d" * 32),), (), (("Custodian", "K"),),
    )  # fmt: skip


def test_texts_in_the_row_are_taken_over_with_their_line_ends_and_maker() -> None:
    header = ("DOCID", "EXTRACTEDTEXT", "HUMANTRANSLATION", "TRANSLATION")
    (row,) = rows_of(dat([header, ("1", "one\u00aetwo", "by hand", "texts\\1.txt")]))
    assert row.texts == (
        GivenText(Role.TEXT, Maker.OTHER_SYSTEM, "one\ntwo"),
        GivenText(Role.TRANSLATION, Maker.HUMAN, "by hand"),
    )
    assert row.files == (NamedFile(Role.TRANSLATION, "texts\\1.txt", Maker.OTHER_SYSTEM),)


def test_the_operator_says_what_a_column_means() -> None:
    columns = columns_said(["file=Where it lies", "human translation=English"])
    (row,) = rows_of("Where it lies,English\na/b.txt,A letter\n", **columns)
    assert row.files == (NamedFile(Role.FILE, "a/b.txt"),)
    assert row.texts == (GivenText(Role.TRANSLATION, Maker.HUMAN, "A letter"),)


@pytest.mark.parametrize("said", ["colour=x", "file", ""])
def test_a_meaning_that_there_is_not_is_refused(said: str) -> None:
    with pytest.raises(ListUnreadable, match="number"):
        columns_said([said])


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(ListUnreadable, match="no column"):
        rows_of("path\na\n", **columns_said(["digest=sum"]))


@pytest.mark.parametrize("text", ["colour,size\nred,1\n", dat([("Author",), ("x",)])])
def test_a_list_that_names_nothing_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(ListUnreadable, match="--column"):
        rows_of(text)


def test_a_row_of_another_length_is_marked_and_the_rest_read() -> None:
    found = rows_of("path,md5\na,b,c\nx,y\n")
    assert [(r.nth, r.deviation) for r in found] == [(1, Deviation.UNREADABLE), (2, None)]


@pytest.mark.parametrize(
    ("written", "algorithm"), [("a" * 32, "md5"), ("A" * 40, "sha1"), ("SHA256:" + "f" * 64, "sha256"), ("no", "")]
)
def test_a_digest_says_by_its_length_what_it_is(written: str, algorithm: str) -> None:
    (row,) = rows_of(f"path,hash\na,{written}\n")
    assert row.digests[0][0] == algorithm


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_may_have_any_usual_delimiter(delimiter: str) -> None:
    (row,) = rows_of(delimiter.join(("file name", "sha1")) + "\n" + delimiter.join(('"a\nb"', "1" * 40)) + "\n")
    assert (row.files[0].path, row.digests) == ("a\nb", (("sha1", "1" * 40),))


def test_edrm_documents_come_with_files_texts_and_parents() -> None:
    first, second = rows_of(EDRM)
    assert (first.number, first.custody, first.fields) == ("D1", "Seized, then sealed", (("Subject", "A meeting"),))
    assert first.files == (NamedFile(Role.FILE, "native/1.msg"),)
    assert first.digests == (("md5", "d41d8cd98f00b204e9800998ecf8427e"),)
    assert first.texts == (GivenText(Role.TEXT, Maker.OTHER_SYSTEM, "What was said"),)
    assert (second.number, second.parent, second.files) == ("D2", "D1", (NamedFile(Role.FILE, "native\\2.doc"),))


def test_xml_that_breaks_off_is_refused_by_line_and_not_by_content() -> None:
    with pytest.raises(ListUnreadable, match="line") as refused:
        rows_of(EDRM[:600])
    assert "meeting" not in str(refused.value)


def test_xml_whose_entities_grow_is_refused() -> None:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "x" * 100}">' for i in range(12))
    with pytest.raises(ListUnreadable):
        rows_of(f'<!DOCTYPE Root [{entities}]><Root><Document DocID="1"><Tags>&e11;</Tags></Document></Root>')


def test_bytes_of_no_character_do_not_stop_the_reading() -> None:
    data = b"BEGDOC,PATH\n" + b"x" * 70_000 + b",a\n1,\xff\xfe.txt\n"
    *_, row = ListFile(lambda: io.BytesIO(data)).rows()
    assert row.files[0].path.encode("utf-8", "surrogateescape") == b"\xff\xfe.txt"
