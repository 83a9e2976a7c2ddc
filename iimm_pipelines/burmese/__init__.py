"""The Burmese language: what the pipeline knows about Burmese text, as pure functions over strings.

Here: encodings and the normal form of text, the Zawgyi code page, the grammar of the syllable, digits.
Not here: reading files (iimm_pipelines.formats), which segment is in which language (iimm_pipelines.stages), how the
search engine is set up (iimm_pipelines.search).
"""
