"""Kills of an intake from S3 to S3, and stops of the S3 server under it; afterwards all is as without them.

Here: a delivery of some hundred objects and a large one, an uninterrupted intake as the reference, the interruptions.
Not here: kills of processing (drills/kills), faults at chosen points (tests/engine), what S3 refuses (tests/storage).

An intake is interrupted again and again until it comes to its end, then compared and begun anew below another prefix,
until all interruptions have happened. Every intake begins with a copy of one holding in which the delivery is
registered, so that keys, numbers and salts are the same. Each second stop of the server is longer than anybody tries.

    python tests/drills/s3_kills.py [--kills 50] [--stops 10] [--seed N]
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "servers"))
from s3_server import S3Server, credentials, program

from iimm_pipelines.accessions.delivery import DeliveryUnreachable
from iimm_pipelines.accessions.register import Basis, Receipt, in_bucket, register
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages.inventory import take_in
from iimm_pipelines.storage.ciphertext import VaultUnavailable

OBJECTS, SMALL_BYTES, LARGE_BYTES = 240, 20_000, 70 << 20
SHARD_ITEMS = 40
SHORT_STOP, LONG_STOP = (0.2, 2.0), (14.0, 16.0)
UNREACHABLE = 75
BESIDE_THE_LEAF = frozenset({"carried", "took_us", "attempts", "detail"})
VAULT, DELIVERY = "vault", "delivery"


@dataclass(slots=True)
class State:
    """What stands after an intake: outcomes, objects of the vault by key, faults."""

    rows: Mapping[tuple[str, str, int], Mapping[str, Any]]
    objects: Mapping[str, int]
    faults: list[str]


@dataclass(slots=True)
class Intake:
    """One intake with its interruptions, and what is not as it should be."""

    number: int
    starts: int = 0
    met: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        met = "  ".join(f"{self.met[k]:>10}" for k in ("kill", "short stop", "long stop"))
        said = "; ".join(self.wrong) or "same rows, same objects, once each, valid"
        return f"{self.number:>6}  {self.starts:>6}  {met}  {self.met['gave up']:>7}  {self.seconds:>7.1f}  {said}"


def main() -> int:
    """Do the drill; 1 when anything differs."""
    arguments = argparse.ArgumentParser(description="interruptions of an intake from S3 to S3")
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--stops", type=int, default=10)
    arguments.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    arguments.add_argument("--take-in", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.take_in:
        return _take_in(chosen.take_in)
    if program() is None:
        print("there is no S3 server: infra/versitygw.sh installs it")
        return 1
    os.environ.update(credentials())
    chance = random.Random(chosen.seed)
    print(f"seed {chosen.seed}: --seed {chosen.seed} interrupts at the same shares of the reference's time", flush=True)
    with tempfile.TemporaryDirectory(prefix="iimm-drill-s3-") as folder:
        server = S3Server(Path(folder) / "s3")
        server.start()
        try:
            return _drill(Path(folder), server, chance, chosen.kills, chosen.stops)
        finally:
            server.kill()


def _drill(folder: Path, server: S3Server, chance: random.Random, kills: int, stops: int) -> int:
    registered = _registered(folder, server, chance)
    data = _copy(registered, server, "reference")
    began = time.monotonic()
    ended = _start(data)
    said, _ = ended.communicate()
    whole = time.monotonic() - began
    reference = _state(data, server, "reference")
    print(f"reference: {whole:.1f} s, {len(reference.rows)} outcomes, {len(reference.objects)} objects, {said.strip()}",
          *reference.faults, sep="\n  ", flush=True)  # fmt: skip
    left = ["kill"] * kills + [("short stop", "long stop")[n % 2] for n in range(stops)]
    chance.shuffle(left)
    print("intake  starts        kill  short stop   long stop  gave up  seconds  verdict", flush=True)
    intakes: list[Intake] = []
    while left:
        intakes.append(_interrupted(len(intakes) + 1, registered, server, left, chance, whole, reference))
        print(intakes[-1], flush=True)
    met = sum((i.met for i in intakes), Counter[str]())
    stale = len(server.client().list_multipart_uploads(Bucket=VAULT).get("Uploads", ()))
    wrong = sum(bool(i.wrong) for i in intakes)
    print(f"{stale} uploads of killed processes are left for the bucket's rule for stale uploads")
    print(f"{met['kill']} kills and {met['short stop'] + met['long stop']} stops in {len(intakes)} intakes, "
          f"{wrong} with differences")  # fmt: skip
    return 1 if wrong or reference.faults or ended.returncode else 0


def _interrupted(number: int, registered: Path, server: S3Server, left: list[str], chance: random.Random,
                 whole: float, reference: State) -> Intake:  # fmt: skip
    """One intake; interruptions that happened are taken from `left`."""
    intake = Intake(number)
    prefix = f"intake-{number}"
    data = _copy(registered, server, prefix)
    began = time.monotonic()
    while True:
        process = _start(data)
        intake.starts += 1
        if left:
            _wait(process, chance.uniform(0, whole))
        if left and process.poll() is None:
            intake.met[left[-1]] += 1
            _interrupt(process, server, left.pop(), chance)
        said, errors = process.communicate()
        if process.returncode == 0:
            break
        if process.returncode == UNREACHABLE:
            intake.met["gave up"] += 1
        elif process.returncode != -9:
            intake.wrong.append(f"ended with {process.returncode}: {errors.strip()[-300:]}")
            break
    intake.seconds = time.monotonic() - began
    found = _state(data, server, prefix)
    intake.wrong += found.faults + _differences(reference, found)
    shutil.rmtree(data)
    return intake


def _interrupt(process: subprocess.Popen[str], server: S3Server, how: str, chance: random.Random) -> None:
    if how == "kill":
        process.kill()
        return
    server.kill()
    _wait(process, chance.uniform(*(SHORT_STOP if how == "short stop" else LONG_STOP)))
    server.start()


def _wait(process: subprocess.Popen[str], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _start(data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--take-in", str(data)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _take_in(data: Path) -> int:
    """What is interrupted: the intake of the one accession."""
    try:
        with _opened(data) as holding:
            (accession,) = holding.catalogue.accessions()
            with holding.catalogue.lease(accession.number):
                take_in(holding, accession.number)
            holding.record.drain()
    except (DeliveryUnreachable, VaultUnavailable) as wrong:
        print(wrong, file=sys.stderr)
        return UNREACHABLE
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB of memory at most")
    return 0


def _registered(folder: Path, server: S3Server, chance: random.Random) -> Path:
    """A holding in which the delivery is registered and nothing was taken in."""
    server.make_bucket(VAULT)
    server.make_bucket(DELIVERY, locking=False)
    client = server.client()
    for number in range(OBJECTS):
        body = chance.randbytes(chance.randrange(SMALL_BYTES)) if number % 10 else b"the same in many files"
        client.put_object(Bucket=DELIVERY, Key=f"phone/{number % 7}/file {number}", Body=body)
    client.put_object(Bucket=DELIVERY, Key="phone/3/large", Body=chance.randbytes(LARGE_BYTES))
    data = folder / "registered"
    data.mkdir()
    _write_settings(data, server, "registered")
    with _opened(data) as holding:
        receipt = Receipt("S-1", Basis.CONSENT, ("restricted",))
        register(holding, in_bucket(holding, f"s3://{DELIVERY}/phone"), receipt)
        assert holding.keys  # made now, so that all intakes have the same
    return data


def _write_settings(data: Path, server: S3Server, prefix: str) -> None:
    lines = [f'vault = "s3://{VAULT}/{prefix}"', f"shard_items = {SHARD_ITEMS}"]
    for service in ("vault_s3", "deliveries_s3"):
        lines += [f"[{service}]", f'endpoint = "{server.endpoint}"']
    (data / "iimm.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _copy(registered: Path, server: S3Server, prefix: str) -> Path:
    data = registered.with_name(prefix)
    shutil.copytree(registered, data)
    _write_settings(data, server, prefix)
    return data


def _state(data: Path, server: S3Server, prefix: str) -> State:
    with _opened(data) as holding:
        rows = {(part.stage, part.shard, outcome.place):
                {n: getattr(outcome, n) for n in outcome.__slots__ if n not in BESIDE_THE_LEAF}
                for part in holding.catalogue.parts() for outcome in holding.parts.outcomes(part)}  # fmt: skip
        faults = [
            f"{n} times {said}" for said, n in Counter(f"{f.kind}: {f.what}" for f in verify(holding).faults).items()
        ]
        states = {a.state for a in holding.catalogue.accessions()}
    faults += [f"the accession is {s}" for s in states - {"sealed"}]
    return State(rows, _versions(server, f"{prefix}/objects/"), faults)


def _versions(server: S3Server, below: str) -> dict[str, int]:
    """Every key below a prefix, with the number of its versions."""
    pages = server.client().get_paginator("list_object_versions").paginate(Bucket=VAULT, Prefix=below)
    return dict(Counter(v["Key"].removeprefix(below) for page in pages for v in page.get("Versions", ())))


def _differences(reference: State, found: State) -> list[str]:
    rows = sum(reference.rows.get(r) != found.rows.get(r) for r in reference.rows.keys() | found.rows.keys())
    objects = sum(reference.objects.get(o) != found.objects.get(o)
                  for o in reference.objects.keys() | found.objects.keys())  # fmt: skip
    return ([f"{rows} rows differ"] if rows else []) + ([f"{objects} objects differ"] if objects else [])


def _opened(data: Path) -> closing[Holding]:
    return closing(Holding(load_settings(data)))


if __name__ == "__main__":
    raise SystemExit(main())
