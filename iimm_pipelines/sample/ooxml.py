"""Minimal DOCX and XLSX, the same bytes every time.

Here: the parts of Office Open XML (ECMA-376) that a reader needs, packed without compression so that no zlib build
changes the bytes. Not here: what the documents say (letters).
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from iimm_pipelines.sample.containers import zipped

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
# 914,400 English metric units are an inch; 3 by 2.25 inches fit between the margins.
_PICTURE_SIZE = 'cx="2743200" cy="2057400"'


def docx(paragraphs: Sequence[str], *, author: str, picture: bytes | None = None) -> bytes:
    """A Word document of plain paragraphs, at its end the picture (JPEG) if there is one."""
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>' for text in paragraphs)
    members = {"word/_rels/document.xml.rels": _relations([])}
    if picture is not None:
        body += _drawn_picture()
        members["word/_rels/document.xml.rels"] = _relations([("rId1", f"{_OFFICE}/image", "media/image1.jpeg")])
        members["word/media/image1.jpeg"] = picture
    document = f'{_HEAD}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return _package("word/document.xml", kind, {"word/document.xml": document.encode(), **members}, author)


def xlsx(name: str, rows: Sequence[Sequence[str | int]], *, author: str) -> bytes:
    """A workbook with one sheet; words stand in the cells themselves, not in a shared table."""
    lines = "".join(f'<row r="{number}">{_cells(number, row)}</row>' for number, row in enumerate(rows, start=1))
    sheet = f'{_HEAD}<worksheet xmlns="{_SHEET}"><sheetData>{lines}</sheetData></worksheet>'
    book = (
        f'{_HEAD}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    members = {
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": _relations([("rId1", f"{_OFFICE}/worksheet", "worksheets/sheet1.xml")]),
        "xl/worksheets/sheet1.xml": sheet.encode(),
    }
    return _package("xl/workbook.xml", kind, members, author)


def _cells(number: int, row: Sequence[str | int]) -> str:
    cells: list[str] = []
    for column, value in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", row, strict=False):
        if isinstance(value, int):
            cells.append(f'<c r="{column}{number}"><v>{value}</v></c>')
        else:
            cells.append(f'<c r="{column}{number}" t="inlineStr"><is><t>{escape(value)}</t></is></c>')
    return "".join(cells)


def _package(main: str, kind: str, members: dict[str, bytes], author: str) -> bytes:
    sheets = (
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        if main.startswith("xl/")
        else ""
    )
    types = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="jpeg" ContentType="image/jpeg"/>'
        f'<Override PartName="/{main}" ContentType="{kind}"/>{sheets}'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
    )
    roots = _relations(
        [
            ("rId1", f"{_OFFICE}/officeDocument", main),
            ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ]
    )
    core = (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>{escape(author)}</dc:creator>'
        '<dcterms:created xsi:type="dcterms:W3CDTF">2022-03-01T08:00:00Z</dcterms:created></cp:coreProperties>'
    )
    return zipped(
        {
            "[Content_Types].xml": types.encode(),
            "_rels/.rels": roots,
            "docProps/core.xml": core.encode(),
            **members,
        }
    )


def _relations(entries: Sequence[tuple[str, str, str]]) -> bytes:
    lines = "".join(f'<Relationship Id="{name}" Type="{kind}" Target="{to}"/>' for name, kind, to in entries)
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'.encode()


def _drawn_picture() -> str:
    return (
        f'<w:p><w:r><w:drawing><wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing"><wp:extent {_PICTURE_SIZE}/>'
        f'<wp:docPr id="1" name="Picture 1"/><a:graphic xmlns:a="{_DRAWING}/main">'
        f'<a:graphicData uri="{_DRAWING}/picture"><pic:pic xmlns:pic="{_DRAWING}/picture">'
        '<pic:nvPicPr><pic:cNvPr id="1" name="Picture 1"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip xmlns:r="{_OFFICE}" r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {_PICTURE_SIZE}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
