"""The page, scanned by wapiti: a public scanner for faults of web pages.

Here: fetching the scanner into an environment of its own, the scan, signed in as an analyst, and its verdict.
Not here: attacks that know the page (tests/page/test_attacks.py).

wapiti is under the GPL: a program that is run, in no way part of this one, and in no lock of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).resolve().parents[1] / "journeys"))
from page_examples import SEEN
from served_page import served_page

from iimm_pipelines.page.answers import SESSION_COOKIE

WAPITI = "wapiti3==3.2.3"
MODULES = "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,sql,timesql,upload,xss"
"""Without those that ask a server of the scanner's makers whether they were called (ssrf, xxe): tests have a canary of their own."""

STARTS = ("/search?q=monastery", f"/items/{SEEN}", f"/items/{SEEN}/history", f"/items/{SEEN}/work", "/entities/unit/LIB-345", "/alerts",
          "/lists", "/watch-lists")  # fmt: skip
"""Where a scanner does not come by itself: it fills all fields at once, and so finds nothing."""
NO_FAULTS = frozenset({"Secure Flag cookie"})
"""On loopback without TLS; with `page_address` cookies have it."""


def main() -> int:
    """Scan, print what was found, and fail where it is anything."""
    tools = Path(os.environ.get("IIMM_CACHE", "~/.cache/iimm")).expanduser() / "wapiti"
    program = tools / "bin" / "wapiti"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", tools], check=True)
        subprocess.run([tools / "bin" / "pip", "install", "-q", WAPITI], check=True)
    with tempfile.TemporaryDirectory(prefix="iimm-drill-") as folder, served_page(Path(folder)) as page:
        report = Path(folder) / "report.json"
        starts = [each for way in STARTS for each in ("-s", page.address + way)]
        command = [str(program), "-u", f"{page.address}/search", *starts, "-m", MODULES, "-f", "json", "-o", str(report), "--flush-session",
                   "--scope", "domain", "--max-scan-time", os.environ.get("SECONDS_AT_MOST", "900"), "-x", f"{page.address}/sign-out",
                   "-H", f"Cookie: {SESSION_COOKIE}={page.session}", "--no-bugreport", "-v", "0", "--dns-endpoint", "127.0.0.1"]  # fmt: skip
        subprocess.run(command, check=True, cwd=folder)
        said = json.loads(report.read_text(encoding="utf-8"))
    named = {**said["vulnerabilities"], **said["anomalies"]}
    found = {of: hits for of, hits in named.items() if hits and of not in NO_FAULTS}
    for of, hits in found.items():
        print(of)
        for hit in hits:
            print("   ", hit["method"], hit["path"], hit.get("parameter") or "", hit["info"][:200])
    print(f"{said['infos']['crawled_pages_nbr']} pages looked at, {sum(map(len, found.values()))} faults found")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
