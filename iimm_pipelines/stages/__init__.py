"""The steps: one module for each, pure functions from bytes or rows to one outcome.

Here: what each step does, its parameters, and `graph`, which says which steps there are and in which order.
Not here: how steps are run (engine/), Dagster (assets/).
"""
