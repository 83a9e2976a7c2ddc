"""Pages of office documents, as LibreOffice lays them out where it is installed.

Here: one PDF made of a document, by the program in a profile of its own that runs no macro and follows no link.
Not here: drawing the pages (pages), a document's text, which Tika reads (tika), when it is made (page/conversions).

It is an optional Debian program (MPL): packages libreoffice-writer-nogui, -calc-nogui and -impress-nogui. It runs below a
worker, without network; what a document names beside itself (pictures by address, other files) is not loaded.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from iimm_pipelines.engine.isolation import preexec
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.pages import Unreadable

_START_AGAIN = 81
"""What it ends with where it has set up a new profile and wants to be started once more."""
_OPEN = "application/vnd.oasis.opendocument"
_NEW = "application/vnd.openxmlformats-officedocument"
ENDINGS = {
    "application/msword": "doc", "application/rtf": "rtf", "text/rtf": "rtf", f"{_NEW}.wordprocessingml.document": "docx",
    f"{_OPEN}.text": "odt", "application/vnd.ms-excel": "xls", f"{_NEW}.spreadsheetml.sheet": "xlsx",
    f"{_OPEN}.spreadsheet": "ods", "application/vnd.ms-powerpoint": "ppt",
    f"{_NEW}.presentationml.presentation": "pptx", f"{_OPEN}.presentation": "odp",
}  # fmt: skip
"""What is laid out, by type, with the ending by which the program knows it."""
_SETTINGS = (
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
)
"""No macros; nothing is loaded from elsewhere on behalf of a document; links are never brought up to date (in Calc, 2 says so)."""


def program() -> Path | None:
    """Where the program is, if it is there: itself, and not the script before it, which would outlive its end."""
    script = shutil.which("soffice")
    found = Path(script).resolve().with_name("soffice.bin") if script else None
    return found if found and found.is_file() else None


def lay_out(document: Path, media_type: str, scratch: Path, seconds: float) -> Path:
    """The PDF of a document, in scratch.

    Raises:
        Unreadable: `unsupported` where there is no such program or it does not take the type, `timed out`, `damaged`
            where it makes nothing of the document.
    """
    there = program()
    if media_type not in ENDINGS or there is None:
        raise Unreadable(Reason.UNSUPPORTED)
    profile, made = scratch / "profile", scratch / "made"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_registry(), encoding="utf-8")
    named = scratch / f"document.{ENDINGS[media_type]}"
    named.hardlink_to(document)
    command = [str(there), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo",
               "--nolockcheck", "--convert-to", "pdf", "--outdir", str(made), str(named)]  # fmt: skip
    until = time.monotonic() + seconds
    try:
        while _ended(command, until - time.monotonic()) == _START_AGAIN:
            pass
    except subprocess.TimeoutExpired:
        raise Unreadable(Reason.TIMED_OUT) from None
    found = made / "document.pdf"
    if not found.is_file():
        raise Unreadable(Reason.DAMAGED)
    return found


def _ended(command: list[str], seconds: float) -> int:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          timeout=max(seconds, 0.1), check=False, preexec_fn=preexec)  # fmt: skip
    return done.returncode


def _registry() -> str:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    kinds = 'xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<oor:items {kinds}>{items}</oor:items>\n'
