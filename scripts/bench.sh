#!/bin/sh
# Measures the optimised command, which `make bench` has built, against its references. An argument
# chooses the entries whose names hold it.
set -eu
cd "$(dirname "$0")/.."
swift build -c release --package-path Benchmarks --scratch-path .build/benchmarks \
  --product banyan-benchmarks
exec .build/benchmarks/release/banyan-benchmarks "$@"
