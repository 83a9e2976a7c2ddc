"""Which objects the buckets of the vault and of its copy were told to hold: a table in the catalogue.

Here: the table.
Not here: which objects are to be held, and telling the bucket (iimm_pipelines.accessions.legal_locks).

It can be lost with the catalogue: then all that is to be held is told again, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from iimm_pipelines.storage.catalogue import Catalogue

_metadata = sa.MetaData()
_locks = sa.Table("bucket_holds", _metadata, sa.Column("bucket", sa.Text, primary_key=True),
                  sa.Column("sha256", sa.LargeBinary, primary_key=True))  # fmt: skip
_AT_ONCE = 500


class LegalLocks:
    """The table of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Open it, made where it is missing."""
        self._catalogue = catalogue
        with self._catalogue.writing() as c:
            _metadata.create_all(c)

    def held(self, bucket: str) -> set[bytes]:
        """The objects that a bucket, known by its address, holds: 32 bytes each in memory."""
        with self._catalogue.engine.connect() as c:
            return set(c.execute(sa.select(_locks.c.sha256).where(_locks.c.bucket == bucket)).scalars())

    def note(self, bucket: str, objects: Sequence[bytes], *, held: bool) -> None:
        """Note objects that a bucket holds from now on, or does not hold any more."""
        with self._catalogue.writing() as c:
            for begin in range(0, len(objects), _AT_ONCE):
                some = objects[begin : begin + _AT_ONCE]
                c.execute(_locks.delete().where(_locks.c.bucket == bucket, _locks.c.sha256.in_(some)))
                if held:
                    c.execute(_locks.insert(), [{"bucket": bucket, "sha256": d} for d in some])
