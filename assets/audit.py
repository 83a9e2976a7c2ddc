"""Audit: promises held against the whole holding.

Here: the asset that adds up every accession and verifies custody, as checks.
Not here: what is checked (iimm_pipelines.custody.verify, iimm_pipelines.accessions.accounts).
"""

import dagster as dg

from assets.factory import OWNERS
from iimm_pipelines.accessions.accounts import account
from iimm_pipelines.accessions.legal_locks import Place, lock_what_is_held
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.stages.graph import STAGES
from iimm_pipelines.storage.ciphertext import VaultUnlocked
from resources.holding import HoldingResource


@dg.asset(
    group_name="custody", owners=OWNERS, kinds={"python"}, code_version="1",
    check_specs=[
        dg.AssetCheckSpec("accessions_add_up", asset="custody_audit",
                          description="for each accession: received = processed + empty + excluded + failed"),
        dg.AssetCheckSpec("custody_holds", asset="custody_audit",
                          description="log, attestations, parts, events, listings and vault agree"),
        dg.AssetCheckSpec("vault_keeps_what_is_locked", asset="custody_audit",
                          description="a bucket refuses to delete a locked version; passed where the vault is a folder"),
        dg.AssetCheckSpec("legal_holds_are_locked", asset="custody_audit",
                          description="a bucket holds every object that a legal hold is about; passed where the vault is a folder"),
    ],
    description="Every accession added up, and log, attestations, parts and vault held against each other.",
)  # fmt: skip
def custody_audit(context: dg.AssetExecutionContext, holding: HoldingResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Audit the holding."""
    names = [s.name for s in STAGES]
    with holding.opened() as opened:
        wrong = []
        total = 0
        for row in opened.catalogue.accessions():
            if row.state != "sealed":
                continue
            received, _ = account(opened, names, [s.number for s in opened.catalogue.shards(row.number)])
            total += received.total
            if not received.adds_up or received.total != row.received:
                wrong.append(row.number)
        verdict = verify(opened)
        unlocked = ""
        try:
            opened.probe_vault()
        except VaultUnlocked as wrong:
            unlocked = str(wrong)
        locked = lock_what_is_held(opened).get(Place.VAULT)
    return dg.MaterializeResult(
        metadata={"received files": total, "faults": len(verdict.faults), **dict(verdict.checked),
                  "objects under legal hold": locked.held if locked else 0},
        check_results=[
            dg.AssetCheckResult(check_name="accessions_add_up", passed=not wrong, metadata={"not adding up": wrong}),
            dg.AssetCheckResult(check_name="custody_holds", passed=verdict.valid,
                                metadata={"faults": [f"{f.kind} {f.where}: {f.what}" for f in verdict.faults[:50]]}),
            dg.AssetCheckResult(check_name="vault_keeps_what_is_locked", passed=not unlocked,
                                metadata={"said": unlocked}),
            dg.AssetCheckResult(check_name="legal_holds_are_locked", passed=locked is None or not locked.missing,
                                metadata={"not there": locked.missing if locked else 0}),
        ],
    )  # fmt: skip
