"""The interface for programs, asked by schemathesis for long: what its description allows, forbids, and does not say.

Here: a page over a small holding of its own, the run, and its verdict. `make drill-api`; EXAMPLES=2000 asks for more.
Not here: the short run that is part of the tests (tests/page/api/test_described.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
from served_page import served_page


def main() -> int:
    """Ask, and give the exit code of schemathesis."""
    examples = os.environ.get("EXAMPLES", "300")
    with tempfile.TemporaryDirectory(prefix="iimm-drill-") as folder, served_page(Path(folder)) as page:
        (Path(folder) / "schemathesis.toml").write_text(
            f'[auth.openapi.token]\nbearer = "{page.token}"\n', encoding="utf-8"
        )
        command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", f"{folder}/schemathesis.toml", "run",
                   f"{page.address}/api/v1/openapi.json", "--max-examples", examples, "--continue-on-failure",
                   "--exclude-checks", "positive_data_acceptance"]  # fmt: skip
        return subprocess.run(command, check=False, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main())
