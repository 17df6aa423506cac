#!/usr/bin/env bash
# The demo: makes a small bank up, takes its files in, pays its relationship managers and proves one of them.
# It keeps everything in one folder and stops its server at the end. Called by `make demo` after the build.
set -euo pipefail
cd "$(dirname "$0")/.."

banyan="${BANYAN_EXECUTABLE:-$PWD/.build/release/banyan}"
folder="${BANYAN_DEMO:-$PWD/demo-bank}"
# The demo has its own server, whatever the environment says.
unset DATABASE_URL PGHOST PGHOSTADDR PGPORT PGSERVICE PGDATABASE

# It begins anew each time, in the two folders that it makes itself.
"$banyan" server stop --data "$folder/server" >/dev/null 2>&1 || true
rm -rf "$folder/files" "$folder/server"
mkdir -p "$folder"
export BANYAN_DATA="$folder/server"
# Root's home and the like are closed to the user that PostgreSQL drops to: keep the server elsewhere then.
if [ "$(id -u)" = 0 ] && ! runuser -u postgres -- test -x "$folder"; then
  BANYAN_DATA="$(runuser -u postgres -- mktemp -d /tmp/banyan-demo.XXXXXX)/server"
fi

step() { printf '\n\033[1m%s\033[0m\n' "$1"; }
show() { printf '$ %s\n' "$1"; }

stop() { "$banyan" server stop >/dev/null 2>&1 || true; }
trap stop EXIT

step "1. A bank: 8 branches in 2 regions, 20 relationship managers, 600 clients, three months"
show "banyan sample demo-bank/files --seed 7 --branches 8 --managers 20 --clients 600 --months 3"
"$banyan" sample "$folder/files" --seed 7 --branches 8 --managers 20 --clients 600 --months 3

step "2. A private PostgreSQL server in a folder, with the platform's schema"
show "banyan server start && banyan migrate"
"$banyan" server start
"$banyan" migrate | tail -n 1

step "3. The branches' files: UTF-8 and GB 18030, English and Chinese, a few rows wrong"
show "banyan import demo-bank/files --mapping seeds/mappings/demo"
code=0
"$banyan" import "$folder/files" --mapping seeds/mappings/demo || code=$?
echo "(exit code $code: rows were rejected, each with its line and reason; the rest is loaded)"
if [ "$code" != 0 ] && [ "$code" != 3 ]; then exit "$code"; fi

step "4. The same files again: nothing is loaded twice"
show "banyan import demo-bank/files --mapping seeds/mappings/demo | tail -n 1"
"$banyan" import "$folder/files" --mapping seeds/mappings/demo 2>/dev/null | tail -n 1

step "5. The month's pay"
show "banyan pay run 2026-03"
"$banyan" pay run 2026-03
show "banyan report run pay-statements month=2026-03"
"$banyan" report run pay-statements month=2026-03

step "6. One person's pay, from the total down to the lines of the files (shortened here)"
show "banyan pay explain RM0001 2026-03"
"$banyan" pay explain RM0001 2026-03 > "$folder/RM0001-2026-03.txt"
sed -n "1,36p" "$folder/RM0001-2026-03.txt"
echo "  ... and so on, down to every account and movement"

step "7. The consolidated bank"
show "banyan report run branch-month from=2026-03 to=2026-03"
"$banyan" report run branch-month from=2026-03 to=2026-03

step "Where to go next"
cat <<EOF
  The bank stays in $folder; its server is stopped now. To go on:
    export PATH="$PWD/.build/release:\$PATH" BANYAN_DATA="$BANYAN_DATA"
    banyan server start
    banyan report list
    banyan server psql
  The whole explanation is in $folder/RM0001-2026-03.txt, the plan in seeds/plans/demo-2026.yaml.
  README.md has a tour; docs/ explains mappings, imports, plans and reports.
EOF
