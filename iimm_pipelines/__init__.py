"""The work of the pipeline: everything worth explaining to a colleague in the field.

Here: what arrived, how it is read, processed, proven, stored and searched.
Not here: Dagster (assets/, resources/; `definitions.py` is where all meets).
"""
