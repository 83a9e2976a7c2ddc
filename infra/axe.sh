#!/usr/bin/env bash
# axe.sh: axe-core, which looks at pages for what keeps people with disabilities out, into the cache folder (IIMM_CACHE,
# ~/.cache/iimm). Development only; MPL-2.0, one script, not part of this repository. Its digest is checked. Without npm, or
# without a way to the package, nothing is installed and the tests that need it are skipped.
set -euo pipefail
version=4.14.1
digest=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
folder=${IIMM_CACHE:-$HOME/.cache/iimm}/axe-core/$version
say() { echo "axe-core $version: $*"; }

if [[ -f $folder/axe.min.js ]]; then say "there"; exit 0; fi
command -v npm > /dev/null || { say "no npm, not installed: its tests are skipped (apt-get install npm)"; exit 0; }
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
(cd "$draft" && npm pack --silent "axe-core@$version" > /dev/null && tar xzf "axe-core-$version.tgz" package/axe.min.js) ||
  { say "cannot be had, not installed: its tests are skipped"; exit 0; }
sha256sum --check --quiet <<< "$digest  $draft/package/axe.min.js" || { say "is not what it should be: not installed"; exit 1; }
mkdir -p "$folder"
mv "$draft/package/axe.min.js" "$folder/axe.min.js"
say "installed"
