"""The README names every command."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.main import get_command

from iimm_pipelines.cli import app

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(get_command(app).commands))  # type: ignore[attr-defined]
def test_a_command_is_named_in_the_readme(command: str) -> None:
    assert f"`iimm {command}" in README or f"`{command}`" in README
