"""Dagster wrappers of what the work needs open: ten lines each.

Here: configuration as Dagster knows it.
Not here: anything worth explaining without Dagster (iimm_pipelines/).
"""
