"""Models on disk: their files, cards and digests.

Here: what a card says (card), which models can be had and from where (catalogue), fetching one (pull), the folder that
holds them (store).
Not here: loading weights into an engine (resources.models), using them (stages), training (training/).
"""
