#!/bin/sh
# Writes Sources/LibPQ/Errors/SQLState+Conditions.swift from PostgreSQL's own list of error codes.
# Usage: scripts/generate-sqlstates.sh /usr/share/postgresql/15/errcodes.txt
set -eu
list=${1:?"give the path of PostgreSQL's errcodes.txt"}
cd "$(dirname "$0")/.."
awk '
  BEGIN {
    print "// Generated from the errcodes.txt of PostgreSQL by scripts/generate-sqlstates.sh."
    print ""
    print "extension SQLState {"
    print "  /// The condition names of PostgreSQL by their codes."
    print "  static let conditionNames: [String: String] = ["
  }
  # Lines: code, kind (E, W, S), macro, condition name. Several names of one code: the first counts.
  /^[0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][ \t]/ && NF >= 4 && !($1 in seen) {
    seen[$1] = 1
    printf "    \"%s\": \"%s\",\n", $1, $4
  }
  END {
    print "  ]"
    print "}"
  }
' "$list" > Sources/LibPQ/Errors/SQLState+Conditions.swift
