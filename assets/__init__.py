"""All Dagster code: partitions, the factory of stage assets, checks, jobs, sensors, schedules.

Here: how the work looks to Dagster's users.
Not here: the work (iimm_pipelines/), connections (resources/).
"""
