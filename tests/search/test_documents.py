"""Index documents of an item: its name."""

from __future__ import annotations

import pytest

from iimm_pipelines.engine.outcome import Kind
from iimm_pipelines.engine.stage import Task, Upstream
from iimm_pipelines.search.documents import documents

NUMBER = "A00001-0000-00000"


def name_of(path: bytes) -> object:
    record = {"item": NUMBER, "family": None, "path": path, "parent": None, "relation": "received", "size": 1}
    (item,) = documents(
        Task(item=NUMBER, place=0, object=b"", size=1, record=record,
             upstream={"contents": Upstream(Kind.EMPTY, None, {})})
    )  # fmt: skip
    return item.fields["name"]


@pytest.mark.parametrize(("received", "shown"), [
    ("ေက်ာင္းေဆာင္.pdf", "ကျောင်းဆောင်.pdf"),
    ("ကျောင်းဆောင်/ေက်ာင္းေဆာင္ အေနာက္ဘက္.jpg", "ကျောင်းဆောင်/ကျောင်းဆောင် အနောက်ဘက်.jpg"),
    ("ကျောင်းဆောင်.pdf", "ကျောင်းဆောင်.pdf"),
    ("letters/2021 May.docx", "letters/2021 May.docx"),
])  # fmt: skip
def test_a_name_typed_in_zawgyi_is_indexed_in_unicode(received: str, shown: str) -> None:
    assert name_of(received.encode()) == shown


def test_a_name_in_no_encoding_is_indexed_all_the_same() -> None:
    assert name_of(b"\xff\xfe.txt") == "\ufffd\ufffd.txt"
