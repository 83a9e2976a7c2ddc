#!/usr/bin/env bash
# The command line without the development packages: what an operator's machine has.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
.tools/bin/uv -q venv .venv-smoke
.tools/bin/uv -q pip sync --python .venv-smoke --require-hashes requirements.txt
.tools/bin/uv -q pip install --python .venv-smoke --no-deps -e .
iimm=.venv-smoke/bin/iimm
export IIMM_DATA=$scratch/data
"$iimm" sample "$scratch/sample" --json
"$iimm" accession add "$scratch/sample/accession-1" --facts "$scratch/sample/accession-1.toml" --sample --json
"$iimm" accession list --json > /dev/null
"$iimm" status --json > /dev/null
"$iimm" verify --json > /dev/null
.venv-smoke/bin/python -c "import iimm_pipelines.definitions"
echo "the command line works without the development packages"
