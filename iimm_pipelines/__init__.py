"""The work of the pipeline: everything worth explaining to a colleague in the field.

Here: what arrived, how it is read, processed, proven, stored and searched.
Not here: Dagster (assets/, resources/; `definitions.py` is where all meets).
"""

import os

# onnxruntime, on which Magika and speech run, reports to its maker unless told otherwise before it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
