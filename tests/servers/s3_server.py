"""A real S3 server for tests: versitygw over a folder, which infra/versitygw.sh installs.

Here: starting, stopping and killing it, buckets, accounts, and what lies in a bucket.
Not here: assertions. Whoever can write its folder can remove what is locked: it shows how S3 answers, it keeps nothing.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

ACCESS, SECRET = "rootkey", "rootsecret"
REGION = "us-east-1"
START_SECONDS = 30


def program() -> Path | None:
    """The server's program, where it is installed."""
    cache = Path(os.environ.get("IIMM_CACHE", "~/.cache/iimm")).expanduser()
    installed = sorted(cache.glob("versitygw/*/versitygw"))
    found = installed[-1] if installed else shutil.which("versitygw")
    return Path(found) if found else None


def credentials(access: str = ACCESS, secret: str = SECRET) -> Mapping[str, str]:
    """What a process needs in its environment to speak to the server, and what keeps AWS's own settings away."""
    return {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull}  # fmt: skip


class S3Server:
    """One server on loopback, over a folder that outlives its stops."""

    def __init__(self, folder: Path) -> None:
        """Prepare the folder; the port stays the same over all starts."""
        self._folder = folder
        for name in ("data", "versions", "accounts"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        found = program()
        assert found is not None
        command = [found, "--quiet", "--access", ACCESS, "--secret", SECRET, "--region", REGION,
                   "--port", f"127.0.0.1:{self.port}", "--iam-dir", self._folder / "accounts",
                   "posix", "--versioning-dir", self._folder / "versions", self._folder / "data"]  # fmt: skip
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while True:
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as by kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self, access: str = ACCESS, secret: str = SECRET) -> Any:
        """A client of boto3."""
        return boto3.client("s3", endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id=access,
                            aws_secret_access_key=secret)  # fmt: skip

    def make_bucket(self, name: str, *, locking: bool = True) -> str:
        """Make a bucket, by default with Object Lock."""
        self.client().create_bucket(Bucket=name, ObjectLockEnabledForBucket=locking)
        return name

    def add_account(self, access: str, secret: str) -> None:
        """Make an account that may do nothing yet; a bucket's policy says what it may."""
        found = program()
        assert found is not None
        subprocess.run([found, "admin", "--access", ACCESS, "--secret", SECRET, "--endpoint-url", self.endpoint,
                        "create-user", "--access", access, "--secret", secret, "--role", "user"],
                       check=True, capture_output=True)  # fmt: skip

    def stored(self, bucket: str, key: str) -> list[Path]:
        """The files that hold the bytes of an object's newest version, for tests that damage them."""
        return [p for p in [self._folder / "data" / bucket / key] if p.is_file()]

    def place(self, bucket: str, key: str, data: bytes) -> None:
        """Put an object by writing its file, which is faster than by S3, and has no version and no lock."""
        path = self._folder / "data" / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
