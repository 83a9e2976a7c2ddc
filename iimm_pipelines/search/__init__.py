"""The index: mapping, analyser, documents, delivery, query, access, and the embedded node.

Here: everything that knows OpenSearch.
Not here: the rows that documents are made of (stages/), the page that analysts use.
"""
