"""Custody: what can be proven about the evidence and about each step done with it.

Here: canonical JSON, Merkle trees, keys, attestations, the log with its checkpoints.
Not here: what a part holds (iimm_pipelines.storage), when one is committed (iimm_pipelines.engine).
"""
