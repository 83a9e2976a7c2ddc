"""Tables and networks as files for other programs: CSV, Parquet, GraphML.

Here: from rows of the models, and from what items name, to bytes.
Not here: which rows a reader may have (page/api/answers), CSV of the page's own lists (page/search_page).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, get_args
from xml.etree import ElementTree

import pyarrow as pa

from iimm_pipelines.page.api.contracts import Model
from iimm_pipelines.page.cells import as_csv
from iimm_pipelines.search.entities import Kind
from iimm_pipelines.search.named import apart
from iimm_pipelines.storage.parquet_files import parquet_bytes

CSV, PARQUET, GRAPHML = "text/csv; charset=utf-8", "application/vnd.apache.parquet", "application/graphml+xml"
MOST_OF_AN_ITEM = 100
"""Entities of one item that are joined in pairs: a list of a thousand names says nothing of who knows whom."""
MOST_PAIRS = 200_000
"""Some 200 MB while the file is made. Of 5,000 lists of a hundred names each there would be 25 million."""
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"


class TooManyPairs(ValueError):
    """A network of more than `MOST_PAIRS`."""


def as_table(model: type[Model], rows: Iterable[Model]) -> bytes:
    """Rows as CSV for spreadsheets: lists with `; ` between, what holds more as JSON."""
    columns = list(model.model_fields)
    return as_csv(columns, ([_in_a_cell(v) for v in row.model_dump().values()] for row in rows))


def _in_a_cell(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def as_parquet(model: type[Model], rows: Iterable[Model]) -> bytes:
    """Rows as Parquet, with the same columns and types whatever they hold."""
    schema = pa.schema([pa.field(n, _type(f.annotation)) for n, f in model.model_fields.items()])
    plain = [{n: json.dumps(v, ensure_ascii=False) if isinstance(v, dict) else v for n, v in row.model_dump().items()}
             for row in rows]  # fmt: skip
    return parquet_bytes(pa.Table.from_pylist(plain, schema=schema))


def _type(annotation: Any) -> pa.DataType:
    known = next((a for a in get_args(annotation) if a is not type(None)), annotation)
    if annotation == list[str]:
        return pa.list_(pa.string())
    return {int: pa.int64(), float: pa.float64(), bool: pa.bool_()}.get(known, pa.string())


def as_graphml(spellings_of_items: Iterable[Sequence[str]]) -> bytes:
    """Persons, units, places and organisations as nodes, joined where the same items name both; weights count items.

    Raises:
        TooManyPairs: there are too many to be held in memory.
    """
    items: Counter[str] = Counter()
    names: dict[str, Counter[str]] = {}
    pairs: Counter[tuple[str, str]] = Counter()
    kinds = tuple(f"{kind}:" for kind in Kind)
    for spellings in spellings_of_items:
        of_item = set()
        for spelling in spellings:
            entity, text = apart(spelling)
            if entity.startswith(kinds):
                of_item.add(entity)
                names.setdefault(entity, Counter())[text] += 1
        items.update(of_item)
        pairs.update(combinations(sorted(of_item)[:MOST_OF_AN_ITEM], 2))
        if len(pairs) > MOST_PAIRS:
            raise TooManyPairs
    root = ElementTree.Element("graphml", xmlns=_NAMESPACE)
    for key, of, type in (("name", "node", "string"), ("kind", "node", "string"), ("items", "node", "int"),
                          ("weight", "edge", "int")):  # fmt: skip
        ElementTree.SubElement(root, "key", {"id": key, "for": of, "attr.name": key, "attr.type": type})
    graph = ElementTree.SubElement(root, "graph", edgedefault="undirected")
    for entity, count in sorted(items.items()):
        node = ElementTree.SubElement(graph, "node", id=_xml(entity))
        name, _ = min(names[entity].items(), key=lambda told: (-told[1], told[0]))
        for key, value in (("name", name), ("kind", entity.partition(":")[0]), ("items", count)):
            ElementTree.SubElement(node, "data", key=key).text = _xml(str(value))
    for (one, other), count in sorted(pairs.items()):
        edge = ElementTree.SubElement(graph, "edge", source=_xml(one), target=_xml(other))
        ElementTree.SubElement(edge, "data", key="weight").text = str(count)
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _xml(text: str) -> str:
    """Without what XML cannot hold."""
    return _NOT_IN_XML.sub("\ufffd", text)
