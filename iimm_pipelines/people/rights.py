"""Roles and rights: what each kind of person may do.

Here: the one table. To see an item, its marks are needed besides.
Not here: who has which role and marks (accounts), which indices a reader's query names (search/access).
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is here for. One each: who does two things has two accounts."""

    ANALYST = "analyst"
    LINGUIST = "linguist"
    EVIDENCE_MANAGER = "evidence manager"
    DATA_ENGINEER = "data engineer"
    AUDITOR = "auditor"


class Right(StrEnum):
    """One thing that somebody may do."""

    SEARCH = "search"
    OPEN = "open"
    DOWNLOAD = "download"
    TAG = "tag"
    CORRECT_TEXT = "correct texts and translations"
    CHANGE_MARKS = "change marks"
    SEE_CUSTODY = "see custody"
    SEE_PROCESSING = "see processing and failures"
    SEE_MACHINES = "see machines, and the processing of everything"
    RUN = "run and retry"
    MANAGE_ACCOUNTS = "manage accounts"
    READ_ACCESS_LOG = "read the access log"


_READ = frozenset({Right.SEARCH, Right.OPEN, Right.TAG, Right.SEE_CUSTODY})

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ANALYST: _READ | {Right.DOWNLOAD},
    Role.LINGUIST: _READ | {Right.CORRECT_TEXT},
    Role.EVIDENCE_MANAGER: _READ | {Right.DOWNLOAD, Right.CHANGE_MARKS, Right.SEE_PROCESSING, Right.MANAGE_ACCOUNTS},
    Role.DATA_ENGINEER: frozenset({Right.SEE_PROCESSING, Right.SEE_MACHINES, Right.RUN}),
    Role.AUDITOR: frozenset({Right.SEE_CUSTODY, Right.SEE_PROCESSING, Right.SEE_MACHINES, Right.READ_ACCESS_LOG}),
}
"""Who runs machines sees no content, and who checks on others neither searches nor gives rights: both by design. Who may
search does not see the processing of everything, by which they would learn of what is not theirs: they see it of
accessions whose marks they hold."""
