#!/bin/sh
# Runs the tests of the rooms that handle raw bytes and threads under the address and the thread
# sanitizer. Arguments: `address`, `thread` or neither for both; then, if wanted, a filter of tests.
set -eu
cd "$(dirname "$0")/.."
# Memory that lives as long as the process is no leak; what matters here is wrong access.
# Tests that watch how much memory is used are skipped where one of these variables is set.
asan=detect_leaks=0:abort_on_error=1
kinds="address thread"
case "${1:-}" in
  address | thread) kinds=$1; shift ;;
esac
filter=${1:-LibPQTests|QuantitiesTests|ExchangeTests}

for kind in $kinds; do
  case $kind in
    address) place=.build-asan; export ASAN_OPTIONS=$asan ;;
    thread) place=.build-tsan; export TSAN_OPTIONS=halt_on_error=0:exitcode=66 ;;
  esac
  define=-D$(echo "$kind" | tr a-z A-Z)_SANITIZER
  echo "Tests under the $kind sanitizer (in $place)."
  swift build --build-tests --sanitize "$kind" --scratch-path "$place" -Xswiftc "$define"
  SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 swift test --skip-build --disable-xctest --sanitize "$kind" --scratch-path "$place" \
    -Xswiftc "$define" --filter "$filter"
done
