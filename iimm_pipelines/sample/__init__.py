"""The sample: invented evidence on which the pipeline is shown and tested.

Here: the texts, pictures, sounds and containers themselves, how their bytes are written, and the six searches shown on
them. Every person, village and event is invented; townships are real, so that place names can be found.
Not here: reading any of these formats (iimm_pipelines.formats), and taking the sample in (iimm_pipelines.accessions).
"""
