#!/usr/bin/env bash
# versitygw.sh: the S3 server that tests run against, built from source into the cache folder (IIMM_CACHE, ~/.cache/iimm).
# Development only. The machine's Go builds it; one that is too old first fetches the Go that is pinned here, as a module
# with its checksum. Without any Go, or without a way to the modules, nothing is installed and tests on S3 are skipped.
set -euo pipefail
version=v1.8.0
needed=1.25
toolchain=go1.25.14
folder=${IIMM_CACHE:-$HOME/.cache/iimm}/versitygw/$version
say() { echo "versitygw $version: $*"; }

if [[ -x $folder/versitygw ]]; then say "there"; exit 0; fi
go=$(command -v go) || { say "no Go, not installed: tests on S3 are skipped (apt-get install golang-go)"; exit 0; }
export GOFLAGS=-modcacherw
found=$("$go" env GOVERSION)
not_older() { [[ $(printf '%s\n' "$1" "$2" | sort -V | head -1) == "$1" ]]; }
if ! not_older "$needed" "${found#go}"; then
  module=golang.org/toolchain@v0.0.1-$toolchain.linux-$("$go" env GOARCH)
  "$go" mod download "$module" || { say "$toolchain cannot be had, not installed: tests on S3 are skipped"; exit 0; }
  root=$("$go" env GOMODCACHE)/$module
  chmod -R u+x "$root/bin" "$root/pkg/tool" # modules hold no modes
  go=$root/bin/go
  unset GOROOT # of the older one
fi
mkdir -p "$folder"
draft=$(mktemp -d "$folder/.draft-XXXXXX")
trap 'rm -rf "$draft"' EXIT
if GOBIN=$draft "$go" install "github.com/versity/versitygw/cmd/versitygw@$version" 2> "$draft/log"; then
  mv "$draft/versitygw" "$folder/versitygw"
  say "installed"
else
  tail -3 "$draft/log"
  say "not installed: tests on S3 are skipped"
fi
