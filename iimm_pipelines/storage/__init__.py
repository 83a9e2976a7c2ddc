"""What lies on disk: the vault of encrypted bytes, the keys, the tables of parts, the catalogue.

Here: plain classes over folders and databases, and the rule for writing so that a crash leaves all or nothing.
Not here: what a table's columns mean (iimm_pipelines.schema), what is done with the bytes (iimm_pipelines.stages), proof of
what was done (iimm_pipelines.custody).
"""
