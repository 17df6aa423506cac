#!/bin/sh
# Writes docs/data-dictionary.md from the comments of the schema and docs/access-matrix.md from its privileges, on a private server of its own that is
# removed again. Called by `make docs` after the build.
set -eu
cd "$(dirname "$0")/.."

banyan="${BANYAN_EXECUTABLE:-$PWD/.build/release/banyan}"
unset DATABASE_URL PGHOST PGHOSTADDR PGPORT PGSERVICE PGDATABASE

folder="$(mktemp -d /tmp/banyan-docs.XXXXXX)"
# The server's user must pass through the folder when root runs this.
chmod 711 "$folder"
export BANYAN_DATA="$folder/server"
trap '"$banyan" server stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT

"$banyan" server start >/dev/null
"$banyan" migrate >/dev/null
# Through a pipe: the server's user may not be able to read this folder.
"$banyan" server psql -- -XAtq -v ON_ERROR_STOP=1 -f - < SQL/documentation/data-dictionary.sql > "$folder/data-dictionary.md"
"$banyan" server psql -- -Xq -v ON_ERROR_STOP=1 -f - < scripts/access-matrix.sql > "$folder/access-matrix.md"
cp "$folder/data-dictionary.md" "$folder/access-matrix.md" docs/
echo "docs/data-dictionary.md and docs/access-matrix.md are written."
