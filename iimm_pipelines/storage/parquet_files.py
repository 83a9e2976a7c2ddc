"""A table as the bytes of a Parquet file, for those who take it away.

Here: writing, with digests of pages so that a damaged copy is noticed.
Not here: parts, which are Parquet too (storage/parts).
"""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq


def parquet_bytes(table: pa.Table) -> bytes:
    """The file of a table."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", write_page_checksum=True)
    return out.getvalue()
