"""Lets these tests, and the workers that they start, import the small stages and holding of tests/engine."""

import sys
from pathlib import Path

_ENGINE = str(Path(__file__).resolve().parents[1] / "engine")
if _ENGINE not in sys.path:
    sys.path.insert(0, _ENGINE)
