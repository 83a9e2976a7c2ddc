"""Partitions: accessions and shards, both dynamic.

Here: their names, and keeping them in step with the catalogue.
Not here: cutting shards (iimm_pipelines.accessions.register).

Dagster maps one set onto the other by name, and no shard is called like an accession: nothing is automated across them,
sensors that read the catalogue are.
"""

import dagster as dg

from iimm_pipelines.holding import Holding

accessions = dg.DynamicPartitionsDefinition(name="accessions")
shards = dg.DynamicPartitionsDefinition(name="shards")


def add_partitions(instance: dg.DagsterInstance, holding: Holding) -> None:
    """Let Dagster know every accession, and every shard of those that are sealed."""
    rows = holding.catalogue.accessions()
    sealed = {a.number for a in rows if a.state == "sealed"}
    instance.add_dynamic_partitions("accessions", [a.number for a in rows])
    instance.add_dynamic_partitions("shards", [s.number for s in holding.catalogue.shards() if s.accession in sealed])
