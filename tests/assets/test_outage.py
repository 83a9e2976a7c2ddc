"""Dagster runs while the vault's service is away: they fail, say why, and a later one finishes."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
from s3_server import S3Server

from iimm_pipelines import settings
from iimm_pipelines.accessions.register import Basis, Receipt, in_bucket, register
from iimm_pipelines.definitions import build_defs
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings


def test_an_intake_without_its_vault_fails_with_what_to_do_and_a_later_one_finishes(
    own_s3: S3Server, tmp_path: Path
) -> None:
    service = settings.S3Server(endpoint=own_s3.endpoint)
    own_s3.client().put_object(Bucket=own_s3.make_bucket("handover"), Key="phone/a", Body=b"a text")
    (tmp_path / "iimm.toml").write_text(
        f'vault = "s3://{own_s3.make_bucket("vault")}/h"\n[vault_s3]\nendpoint = "{own_s3.endpoint}"\n',
        encoding="utf-8",
    )
    holding = Holding(load_settings(tmp_path, deliveries_s3=service))
    register(holding, in_bucket(holding, "s3://handover/phone"), Receipt("S-1", Basis.CONSENT, ("restricted",)))
    holding.close()
    job = build_defs(load_settings(tmp_path)).resolve_job_def("intake")
    own_s3.kill()
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("accessions", ["A00001"])
        failed = job.execute_in_process(instance=instance, partition_key="A00001", raise_on_error=False)
        own_s3.start()
        assert job.execute_in_process(instance=instance, partition_key="A00001").success
    said = failed.failure_data_for_node("inventory").user_failure_data
    assert not failed.success and said is not None
    assert "cannot be reached" in str(said.description) and "phone" not in str(said.description)
