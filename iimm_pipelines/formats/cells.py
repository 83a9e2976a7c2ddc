"""Cells of old, binary and OpenDocument workbooks, by calamine in a process of its own.

Here: that process, which writes sheets and rows as lines of JSON, `null` at the end of a workbook and `false` where one
cannot be read; how a value is written.
Not here: who starts it and what becomes of the rows (workbook).

calamine holds a sheet as one block from its first to its last cell. Where that does not fit into memory the process
ends at once, which two cells in opposite corners are enough for. It is run as a file and imports nothing of ours.

One process reads workbook after workbook, since its start takes 43 ms of processor time and most workbooks a few.
"""

from __future__ import annotations

import datetime
import resource
import sys
from typing import Any

import orjson

_MEMORY = 1 << 30
"""Bytes that a workbook may take: 300,000 rows of 10 values take 0.4 GB."""
_EXACT = 2**53


def written(value: Any) -> str:
    """A value as text: numbers as they are stored, dates in ISO 8601, of midnight the day alone."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        only_date = not (value.hour or value.minute or value.second)
        return value.date().isoformat() if only_date else value.isoformat(timespec="seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def _whole(value: Any) -> Any:
    """These formats know no whole numbers: 13 is stored as 13.0."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else value


def main() -> None:
    """Answer each path on standard input."""
    from python_calamine import CalamineError

    for line in sys.stdin.buffer:
        _limit_memory()
        try:
            _write(line[:-1].decode())
            ended = b"null\n"
        except (CalamineError, OSError, ValueError):
            ended = b"false\n"
        sys.stdout.buffer.write(ended)
        sys.stdout.buffer.flush()


def _limit_memory() -> None:
    """Let each workbook take as much, whatever those before it left."""
    with open("/proc/self/status", "rb") as status:  # noqa: PTH123 (pathlib takes 3 ms to import)
        kibibytes = next(int(line.split()[1]) for line in status if line.startswith(b"VmData:"))
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = kibibytes * 1024 + _MEMORY
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _write(path: str) -> None:
    """A line for each sheet, one for each filled row below it."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    output = sys.stdout.buffer
    with CalamineWorkbook.from_path(path) as book:
        for described in book.sheets_metadata:
            if described.typ not in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet):
                continue
            hidden = described.visible is not SheetVisibleEnum.Visible
            output.write(orjson.dumps({"sheet": described.name, "hidden": hidden}) + b"\n")
            sheet = book.get_sheet_by_name(described.name)
            before = [""] * (
                sheet.start[1] if sheet.start else 0
            )  # rows begin with the first, columns with a filled one
            for number, values in enumerate(sheet.iter_rows(), 1):
                row = [written(_whole(value)) for value in values]
                if any(row):
                    output.write(orjson.dumps([number, before + row]) + b"\n")


if __name__ == "__main__":
    main()
