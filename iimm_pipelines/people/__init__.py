"""People: who works with a holding, what they may do, and what they looked at.

Here: roles and rights, local accounts, the log of access.
Not here: which indices a query may name (search/access), what was decided about evidence (custody events).
"""
