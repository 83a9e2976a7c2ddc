"""Workbooks that calamine reads: XLS written by Apache POI, which comes with Tika; XLSB of the pack; ODS written here."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from iimm_pipelines.formats import detect, tika, workbook
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed, Segment
from iimm_pipelines.formats.records import RecordKind

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
XLSB_FILE = "tika_formats/files/tika-parser-microsoft-module/src/test/resources/test-documents/testEXCEL_various.xlsb"
XLS, XLSB = "application/vnd.ms-excel", "application/vnd.ms-excel.sheet.binary.macroenabled.12"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
TIKA_SAYS = (Segment("comment", "annotation"), Segment("a row\t\tof Tika's", "sheet row", sheet="S", row=1))
NAMES = "urn:oasis:names:tc:opendocument:xmlns"
DOCUMENT = f"""<?xml version="1.0"?><office:document-content xmlns:office="{NAMES}:office:1.0" office:version="1.2"
 xmlns:table="{NAMES}:table:1.0" xmlns:text="{NAMES}:text:1.0" xmlns:style="{NAMES}:style:1.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><office:automatic-styles><style:style style:name="gone"
 style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
 <office:body><office:spreadsheet>%s</office:spreadsheet></office:body></office:document-content>"""
MANIFEST = f"""<?xml version="1.0"?><m:manifest xmlns:m="{NAMES}:manifest:1.0"><m:file-entry m:full-path="/"
 m:media-type="{ODS}"/></m:manifest>"""
WRITER = """
import java.io.*; import java.util.*; import org.apache.poi.hssf.usermodel.*; import org.apache.poi.ss.usermodel.*;
import org.apache.poi.ss.util.CellRangeAddress;

public class Writer {
    public static void main(String[] arguments) throws IOException {
        try (HSSFWorkbook book = new HSSFWorkbook(); OutputStream output = new FileOutputStream(arguments[0])) {
            CellStyle day = book.createCellStyle();
            day.setDataFormat((short) 14);
            HSSFSheet sheet = book.createSheet("Names");
            Row head = sheet.createRow(1);
            String[] names = {"\\u1021\\u1019\\u100a\\u103a", "Day", "Sum", "Yes", "Twice"};
            for (int column = 0; column < 5; column++) { head.createCell(column + 1).setCellValue(names[column]); }
            Row row = sheet.createRow(2);
            row.createCell(1).setCellValue("Daw Mya");
            row.createCell(2).setCellValue(new GregorianCalendar(2021, 1, 1));
            row.getCell(2).setCellStyle(day);
            row.createCell(3).setCellValue(959123456789.0);
            row.createCell(4).setCellValue(true);
            row.createCell(5).setCellFormula("2*21");
            book.getCreationHelper().createFormulaEvaluator().evaluateFormulaCell(row.getCell(5));
            sheet.createRow(4).createCell(1).setCellValue("merged");
            sheet.addMergedRegion(new CellRangeAddress(4, 5, 1, 3));
            book.createSheet("Hidden").createRow(0).createCell(0).setCellValue("secret");
            book.setSheetHidden(1, true);
            book.write(output);
        }
    }
}
"""


def read(path: Path, media_type: str, limits: Limits | None = None) -> Parsed:
    tika_found = Parsed(FileKind.DOCUMENT, frozenset({"tika"}), segments=TIKA_SAYS)
    return workbook.with_rows(path, media_type, tika_found, limits or Limits())


def ods(path: Path, *tables: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", ODS)
        made.writestr("META-INF/manifest.xml", MANIFEST)
        made.writestr("content.xml", DOCUMENT % "".join(tables))
    return path


def table(*rows: str, name: str = "S", style: str = "") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(rows)}</table:table>'


def row(*cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def cell(text: str = "", kind: str = "string", value: str = "", times: int = 1, inside: str = "") -> str:
    attribute = {"date": "date-value", "boolean": "boolean-value"}.get(kind, "value")
    stated = f' office:value-type="{kind}"' if text else ""
    stated += f' office:{attribute}="{value}"' if value else ""
    return (f'<table:table-cell table:number-columns-repeated="{times}"{stated}>{inside}'
            f"{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>")  # fmt: skip


HEAD = row(cell("အမည်"), cell("Day"), cell("Seen"), cell("Sum"), cell("Yes"))
FIRST = row(cell("မြမြ"), cell("1.2.21", "date", "2021-02-01"), cell("14:05", "date", "2021-02-01T14:05:00"),
            cell("0,10", "float", "0.1"), cell("WAHR", "boolean", "true"))  # fmt: skip


@pytest.fixture(name="xls", scope="module")
def an_xls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("xls")
    (folder / "Writer.java").write_text(WRITER)
    jar = next(tika.lay_out().glob("tika-server-*.jar"))
    subprocess.run(["java", "-Duser.timezone=UTC", "-cp", jar, "Writer.java", "made"], cwd=folder, check=True)
    return folder / "made"


def test_an_xls_gives_names_of_columns_dates_and_results_of_formulas(xls: Path) -> None:
    found = read(xls, XLS)
    assert [s.text for s in found.segments] == [
        "comment", "အမည်\nDay\nSum\nYes\nTwice", "Daw Mya\n2021-02-01\n959123456789\nTRUE\n42", "merged", "secret",
    ]  # fmt: skip
    assert found.records[0].columns == ("", "အမည်", "Day", "Sum", "Yes", "Twice")
    assert [(s.sheet, s.row) for s in found.segments[1:]] == [("Names", 2), ("Names", 3), ("Names", 5), ("Hidden", 1)]
    assert found.segments[3].cells == (2, 0)
    assert found.metadata == (("hidden sheet", "Hidden"),)


def test_an_ods_gives_the_same(tmp_path: Path) -> None:
    hidden = table(row(cell("secret")), name="Hidden", style="gone")
    found = read(ods(tmp_path / "o", table(row(cell(), times=2), HEAD, FIRST), hidden), ODS)
    assert [s.text for s in found.segments] == [
        "comment", "အမည်\nDay\nSeen\nSum\nYes", "မြမြ\n2021-02-01\n2021-02-01T14:05:00\n0.1\nTRUE", "secret",
    ]  # fmt: skip
    assert [(s.sheet, s.row) for s in found.segments[1:]] == [("S", 3), ("S", 4), ("Hidden", 1)]
    assert [r.kind for r in found.records] == [RecordKind.HEADER, RecordKind.ROW, RecordKind.ROW]
    assert found.metadata == (("hidden sheet", "Hidden"),)
    assert found.used == {"tika", "table"}


def test_comments_on_cells_of_an_ods_stay_with_their_row(tmp_path: Path) -> None:
    note = "<office:annotation><dc:creator>Mya</dc:creator><text:p>seen by <text:span>two</text:span></text:p></office:annotation>"
    found = read(ods(tmp_path / "o", table(HEAD, row(cell(), times=3), row(cell("value", inside=note)))), ODS)
    assert ("seen by two", "annotation", 5) in [(s.text, s.field, s.row) for s in found.segments]
    assert ("value", 5) in [(s.text, s.row) for s in found.segments]


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_an_xlsb_is_told_from_an_xlsx_and_gives_dates_and_results_of_formulas() -> None:
    tools = detect.load()
    assert detect.detect(PACK / XLSB_FILE, b"name", tools.magic, tools.magika).media_type == XLSB
    found = read(PACK / XLSB_FILE, XLSB)
    rows = {s.text.split("\n")[0]: s.text.split("\n")[1:] for s in found.segments if s.field == "sheet row"}
    assert (rows["date"], rows["formula"], rows["percent"]) == (["2017-03-09"], ["4", "2"], ["0.2"])
    assert rows["longer int"] == ["1234567890123450"]


def test_a_sheet_too_large_for_memory_ends_its_process_and_tikas_rows_stay(tmp_path: Path) -> None:
    corner = row(cell(times=16_383), cell("last"))
    found = read(ods(tmp_path / "o", table(row(cell("first")), row(cell(), times=5_000), corner)), ODS)
    assert [(s.text, s.record) for s in found.segments] == [("comment", None), ("a row\t\tof Tika's", 0)]


@pytest.mark.parametrize("damage", [b"", b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)])
def test_where_calamine_cannot_read_tikas_rows_stay(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "blob").write_bytes(damage)
    for media_type in (XLS, XLSB, ODS):
        assert [s.text for s in read(tmp_path / "blob", media_type).segments] == ["comment", "a row\t\tof Tika's"]


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_where_calamine_takes_letters_of_two_bytes_for_two_letters_tikas_rows_stay() -> None:
    works = next((PACK / "tika_formats").rglob("testWORKSSpreadsheet7.0.xlr"))
    assert [s.text for s in read(works, XLS).segments] == ["comment", "a row\t\tof Tika's"]


def test_a_limit_keeps_the_rows_before_it_and_ends_the_process(tmp_path: Path) -> None:
    many = ods(tmp_path / "o", table(*(row(cell(str(n))) for n in range(5_000))))
    found = read(many, ODS, Limits(max_records=20))
    assert (len(found.records), found.problem) == (20, "limit reached")


def test_one_process_reads_workbook_after_workbook_until_one_ends_it_or_makes_it_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = ods(tmp_path / "small", table(row(cell("one"))))
    corner = ods(
        tmp_path / "corner", table(row(cell("1")), row(cell(), times=5_000), row(cell(times=16_383), cell("2")))
    )

    def used_for(path: Path) -> int | None:
        assert read(path, ODS).segments
        return workbook._kept[0].pid if workbook._kept else None

    first = used_for(small)
    assert first is not None
    assert used_for(small) == first
    assert used_for(corner) is None
    second = used_for(small)
    assert second not in (None, first)
    (tmp_path / "blob").write_bytes(b"PK")
    assert used_for(tmp_path / "blob") == second
    monkeypatch.setattr(workbook, "_SMALL", 0)
    assert used_for(small) is None
