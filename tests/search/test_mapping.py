"""What a mapping must not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from iimm_pipelines.search.mapping import KINDS, index_body


@pytest.mark.parametrize("kind", KINDS)
def test_no_document_has_documents_inside_it(kind: str) -> None:
    """Document-level security would look at every document of the index for every search: half of its time."""
    assert "nested" not in set(types(index_body(kind)["mappings"]))


def types(mapping: Mapping[str, Any]) -> Iterator[str]:
    for field in mapping["properties"].values():
        yield field.get("type", "")
        if "properties" in field:
            yield from types(field)
