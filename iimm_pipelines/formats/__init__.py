"""Bytes to members, text and metadata.

Here: what a file is (detect), which reader reads it (read), and one module for each family of formats; all of it runs in a
worker without network and vault, on a path without extension.
Not here: what becomes of the rows (stages/contents), how a worker is kept in bounds (engine), normal text and its offsets
(burmese, stages/languages), text from pixels and from speech (stages).
"""
