"""Work: what people decide about evidence while they read it, and how the index learns of it.

Here: tags, notes, corrections of texts, watch-lists with their alerts, saved searches and lists, all as signed rows.
Not here: custody events, which go with the evidence (custody), marks and holds (accessions), pages (page), who may do what
(people).
"""
