"""One typed settings object: iimm.toml in the data folder, and the environment.

Here: what an operator may decide, with its default.
Not here: what a stage's parameters mean (the stage says), secrets (storage/keys and the search node's private folder).
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

CLAMD = Path("/run/clamav/clamd.ctl")
"""Where Debian's clamav-daemon listens."""
ObjectLock = Literal["governance", "compliance"]


class S3Server(BaseModel):
    """An S3 service. What is not said here, AWS's own environment variables and files say; credentials always."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str | None = Field(default=None, description="address of the service; else AWS, or what the profile says")
    region: str | None = Field(default=None, description="region of the service")
    profile: str | None = Field(default=None, description="profile in AWS's own configuration files")


class SettingsInvalid(ValueError):
    """iimm.toml or the environment holds a value that cannot be used."""


class StageLimits(BaseModel):
    """What one item may cost in a stage. No part of any recipe: what stands is not done again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float | None = Field(default=None, gt=0, description="seconds for each item, however small")
    seconds_per_mb: float | None = Field(default=None, ge=0, description="seconds for each MiB of it besides")
    memory: int | None = Field(default=None, gt=0, description="bytes that a worker may take beyond its tools")


class Settings(BaseSettings):
    """Everything that differs between two installations. Environment variables are IIMM_ and the upper-case name."""

    model_config = SettingsConfigDict(env_prefix="IIMM_", extra="forbid", frozen=True)

    data: Path = Field(
        description="folder of this holding: keys, vault, parts, log, catalogue, index, Dagster's storage"
    )
    cache: Path = Field(
        default_factory=lambda: Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "iimm",
        description="what holdings share: models, the search server's program, the Tika worker",
    )
    holding: str = Field(default="holding", pattern=r"^[a-z][a-z0-9]{0,30}$", description="name, and index prefix")
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, description="worker processes")
    vault: str | None = Field(
        default=None,
        description="where ciphertext lies: s3://bucket/prefix, or a folder; else `vault` in the data folder",
    )
    vault_s3: S3Server = Field(default=S3Server(), description="the S3 service of the vault")
    deliveries_s3: S3Server = Field(default=S3Server(), description="the S3 service of deliveries yet to be registered")
    object_lock: ObjectLock = Field(
        default="governance", description="how S3 locks objects: by two people's decision or by nobody's they can go"
    )
    object_lock_days: int = Field(default=3650, ge=1, description="how long S3 locks an object, from its put")
    worker_memory: int = Field(default=2 << 30, description="bytes of memory that a worker may take beyond its tools")
    crash_loop: int = Field(
        default=25, ge=1, description="items in a row that may end their workers before a stage stops"
    )
    shard_items: int = Field(default=2_000, ge=1, description="received files in a shard, for accessions yet to come")
    shard_bytes: int = Field(default=20 << 30, ge=1, description="bytes in a shard, for accessions yet to come")
    search_port: int = Field(default=9250, description="port of the embedded search node, on loopback")
    search_folder: Path | None = Field(
        default=None, description="where the embedded node keeps the index, if the server's account cannot reach `data`"
    )
    vault_copy: str | None = Field(
        default=None, description="a second vault, as `vault`: `iimm vault copy` fills it, `iimm fixity` mends from it"
    )
    vault_copy_s3: S3Server = Field(default=S3Server(), description="the S3 service of the vault's copy")
    fixity_days: int = Field(default=90, ge=1, description="days within which every object of the vault is read again")
    fixity_minutes: int = Field(default=300, ge=1, description="minutes after which a fixity run begins no more")
    clamd: Path = Field(default=CLAMD, description="Unix socket of ClamAV's daemon; without it, nothing is scanned")
    sign_in_failures: int = Field(default=10, ge=1, description="failed sign-ins in a row that lock an account")
    sign_in_lock_minutes: int = Field(default=15, ge=1, description="how long an account is locked then")
    synonyms: Path | None = Field(
        default=None, description="a file of names for one thing, a line for each, commas between; beside those shipped"
    )
    codes: Path | None = Field(
        default=None, description="the list of codes that analysts tag with, as TOML; else a plain one"
    )
    starter_models: bool = Field(default=False, description="let starter models work on real accessions")
    stages: dict[str, dict[str, dict[str, Any]]] = Field(
        default_factory=dict, description="parameters by stage and ingredient that differ from their defaults"
    )

    limits: dict[str, StageLimits] = Field(
        default_factory=dict, description="time and memory of an item by stage, where they differ from the defaults"
    )

    page_port: int = Field(default=8650, ge=1, le=65535, description="port of the analysts' page, on loopback")
    page_address: str | None = Field(
        default=None, pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?$",
        description="address of the page behind a proxy with TLS; else it answers to 127.0.0.1 and localhost alone",
    )  # fmt: skip

    @property
    def scratch(self) -> Path:
        """Where decrypted bytes live while they are worked on; swept at start."""
        return self.data / "scratch"


def load_settings(data: Path | None = None, **overrides: Any) -> Settings:
    """Settings of the holding in `data` (else IIMM_DATA, else ./iimm-data).

    Raises:
        SettingsInvalid: naming the file and the value.
    """
    folder = (data or Path(os.environ.get("IIMM_DATA", "iimm-data"))).expanduser().resolve()
    file = folder / "iimm.toml"
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        from_environment = {k for k in Settings.model_fields if f"IIMM_{k.upper()}" in os.environ}
        kept = {k: v for k, v in written.items() if k not in from_environment}
        return Settings(**{**kept, **overrides, "data": folder})
    except (tomllib.TOMLDecodeError, ValueError) as wrong:
        raise SettingsInvalid(f"{file}: {wrong}") from wrong
