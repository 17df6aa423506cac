#!/bin/sh
# Feeds damaged bytes to the decoders and readers with libFuzzer, for FUZZ_SECONDS (60) each. An
# argument chooses one: decoders, csv, json, xlsx or mapping. What a run finds of use it adds to .build-fuzz/corpus; a
# crash leaves its input in .build-fuzz and fails.
set -eu
cd "$(dirname "$0")/.."
place=.build-fuzz
seconds=${FUZZ_SECONDS:-60}
mkdir -p "$place"

flags="-O -g -swift-version 6 -parse-as-library -enable-testing -sanitize=fuzzer,address
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
  -enable-experimental-feature Lifetimes -use-ld=lld -I $place -I Sources/CLibPQ -I Sources/CUTF8Proc
  -I Sources/CArchive -I Sources/CZip -I Sources/CExpat -I Sources/CCrypto
  -I .build/checkouts/Yams/Sources/CYaml/include
  $(pkg-config --cflags-only-I libpq | sed 's/-I/-Xcc -I/g')"

# Compiles a room into a module and an object.
room() {
  # shellcheck disable=SC2086,SC2046
  swiftc $flags -wmo -module-name "$1" -emit-module -emit-module-path "$place/$1.swiftmodule" \
    -c -o "$place/$1.o" $(find "${2:-Sources/$1}" -name '*.swift')
}

# Compiles everything that reads a mapping, from the YAML on.
platform() {
  swift package resolve >/dev/null 2>&1
  yaml=.build/checkouts/Yams/Sources
  for file in "$yaml"/CYaml/src/*.c; do
    clang -O -g -fsanitize=address -DYAML_DECLARE_EXPORT -I "$yaml/CYaml/include" -c -o "$place/yaml-$(basename "$file" .c).o" "$file"
  done
  flags="$flags -strict-concurrency=minimal" room Yams "$yaml/Yams"
  for name in Documents LibPQ CompensationEngine Exchange Banyan; do room "$name"; done
}

# Compiles a target over some rooms, and runs it.
fuzz() {
  name=$1
  objects=$2
  # shellcheck disable=SC2086
  swiftc $flags -module-name "fuzz_$name" -o "$place/$name" "Fuzz/Sources/$name.swift" $objects \
    -lpq -lutf8proc -larchive -lzip -lexpat -lcrypto
  mkdir -p "$place/corpus/$name"
  echo "Fuzzing $name for $seconds seconds."
  "$place/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$place/$name-" "$place/corpus/$name" "Fuzz/Corpus/$name" \
    >"$place/$name.log" 2>&1 || {
    tail -n 40 "$place/$name.log" >&2
    echo "fuzz: $name failed; its input is $place/$name-*, its log $place/$name.log." >&2
    exit 1
  }
  grep -E '^stat::(number_of_executed_units|new_units_added)' "$place/$name.log"
}

exchange="$place/Quantities.o $place/Exchange.o"
mapping="$exchange"
for name in Yams Documents LibPQ CompensationEngine Banyan; do mapping="$mapping $place/$name.o"; done
for name in api emitter parser reader scanner writer; do mapping="$mapping $place/yaml-$name.o"; done
room Quantities
case ${1:-all} in
  decoders) room LibPQ; fuzz decoders "$place/Quantities.o $place/LibPQ.o" ;;
  csv | json | xlsx) room Exchange; fuzz "$1" "$exchange" ;;
  mapping) platform; fuzz mapping "$mapping" ;;
  all)
    platform
    fuzz decoders "$place/Quantities.o $place/LibPQ.o"
    for target in csv json xlsx; do fuzz "$target" "$exchange"; done
    fuzz mapping "$mapping"
    ;;
  *)
    echo "fuzz: there is no target $1; there are decoders, csv, json, xlsx and mapping." >&2
    exit 2
    ;;
esac
