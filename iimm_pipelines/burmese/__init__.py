"""The Burmese language: what the pipeline knows about Burmese text, as pure functions over strings.

Here: encodings and the normal form of text, the Zawgyi code page, the grammar of the syllable, what has a form of its
own (numbers, money, dates, cards, plates, positions), names with their spellings, units, posts, bodies, who was what. It
could stand alone: it imports nothing else of the project.
Not here: reading files (iimm_pipelines.formats), which segment is in which language (iimm_pipelines.stages), how the
search engine is set up (iimm_pipelines.search).
"""
