#!/bin/sh
# Checks the form of the sources. Only the Swift toolchain's own formatter is required by the rules;
# a tool that is not installed is left out, and said so.
set -eu
cd "$(dirname "$0")/.."

if swift format --version >/dev/null 2>&1; then
  swift format lint --strict --parallel --recursive Package.swift Sources Tests
else
  echo "lint: this Swift toolchain has no 'swift format'; Swift files were not checked." >&2
fi

if command -v shellcheck >/dev/null 2>&1; then
  shellcheck scripts/*.sh .ci/run
fi
