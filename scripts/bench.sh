#!/bin/sh
# Measures the optimised command, which `make bench` has built, against its references. An argument
# chooses the entries whose names hold it. However it ends, its server is stopped and its data removed.
set -eu
cd "$(dirname "$0")/.."
swift build -c release --package-path Benchmarks --scratch-path .build/benchmarks

BANYAN_BENCHMARK_FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/banyan-benchmarks.XXXXXX")
export BANYAN_BENCHMARK_FOLDER
# The server's own user must reach its folder in it.
chmod 755 "$BANYAN_BENCHMARK_FOLDER"

clear_away() {
  if [ -d "$BANYAN_BENCHMARK_FOLDER/server" ]; then
    .build/release/banyan server stop --data "$BANYAN_BENCHMARK_FOLDER/server" >/dev/null || true
  fi
  rm -rf "$BANYAN_BENCHMARK_FOLDER"
}
trap clear_away EXIT
trap 'exit 130' INT TERM
.build/benchmarks/release/banyan-benchmarks "$@"
