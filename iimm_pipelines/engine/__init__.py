"""The engine for items: runs a stage over a shard in parts, resumes, carries over, isolates, commits.

Here: outcomes, stages, workers, the run of one stage over one shard.
Not here: what a stage does (stages/), how a part is stored (storage/parts), how it is proven (custody/).
"""
