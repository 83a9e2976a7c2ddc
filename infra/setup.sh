#!/usr/bin/env bash
# setup.sh [dev]: everything that the pipeline needs on a Debian or Ubuntu machine, as root or with sudo.
# Each step says what it does, does nothing where it was done, and touches nothing that is not its own:
# Debian packages, .tools and .venv beside this repository, and the cache folder (IIMM_CACHE, ~/.cache/iimm).
set -euo pipefail
cd "$(dirname "$0")/.."
locked=requirements.txt
say() { printf '\033[1m== %s\033[0m\n' "$*"; }

java=openjdk-17-jdk-headless
packages=(ca-certificates python3-venv tesseract-ocr tesseract-ocr-mya libarchive13 libmagic1 maven espeak-ng fonts-sil-padauk
  fonts-noto-core # Kayah Li, Hanifi Rohingya and Chakma on the page; what benchmarks of recognition are set in
  7zip) # encrypted 7z, UDF, WIM, squashfs, xar (LGPL)
if [[ ${1:-} == dev ]]; then
  locked=requirements-dev.txt
  # what tests make discs and disk images with; how they see from outside what a run writes and connects to
  packages+=(e2fsprogs mtools qemu-utils ewf-tools genisoimage strace
    zip # ZIPs in several pieces
    python3-icu # the converter from Zawgyi that ours is measured against
    chromium # what the page's tests look at it with
    libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui # (MPL) optional: pages of office documents
    clamav-daemon) # (GPL) scans with a signature of the tests'; what Debian starts with it, they do not use
  command -v go > /dev/null || packages+=(golang-go) # builds their S3 server
fi
present() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }
installable() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'; }
privileged() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi; }
renamed() { # libarchive13 became libarchive13t64 with the 64-bit time transition of Debian 13 and Ubuntu 24.04
  if ! present "$1" && ! installable "$1" && installable "$1t64"; then echo "$1t64"; else echo "$1"; fi
}

say "Debian packages"
missing=()
for package in "${packages[@]}"; do present "$package" || present "${package}t64" || missing+=("$package"); done
jdk() { present openjdk-17-jdk-headless || present openjdk-21-jdk-headless; }
if ((${#missing[@]})) || ! jdk; then
  privileged apt-get update -qq
  jdk || { installable "$java" || java=openjdk-21-jdk-headless; missing+=("$java"); }
  wanted=()
  for package in "${missing[@]}"; do wanted+=("$(renamed "$package")"); done
  privileged env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${wanted[@]}" > /dev/null
  echo "installed: ${wanted[*]}"
else
  echo "all there"
fi

say "Python packages, as locked in $locked"
if [[ ! -x .tools/bin/uv ]]; then
  python3 -m venv .tools
  .tools/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r infra/uv.txt
fi
uv() { UV_NO_PROGRESS=1 .tools/bin/uv -q "$@"; }
[[ -x .venv/bin/python ]] || uv venv --python "$(command -v python3)" .venv
stamp=$(cat "$locked" pyproject.toml | sha256sum)
if [[ $(cat .venv/locked 2>/dev/null) != "$stamp" ]]; then
  # compiled now: a run writes nothing outside its data folder
  uv pip sync --python .venv --require-hashes --compile-bytecode "$locked"
  uv pip install --python .venv --no-deps -e .
  .venv/bin/python -m compileall -q iimm_pipelines assets resources
  printf '%s' "$stamp" > .venv/locked
else
  echo "all there"
fi

say "OpenSearch node, Tika worker, models (digests checked)"
.venv/bin/iimm setup

if [[ ${1:-} == dev ]]; then
  say "S3 server for tests (built once, 2 to 3 minutes)"
  infra/versitygw.sh

  say "axe-core for tests of the page"
  infra/axe.sh
fi
