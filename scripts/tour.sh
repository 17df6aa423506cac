#!/usr/bin/env bash
# Writes docs/tour.md and its pictures: a made-up bank from its first file to one person's pay, with what the commands
# really print. Needs chromium for the pictures of pages, and LibreOffice with pdftoppm for that of a workbook; pngquant
# makes them small where it is there. Called by `make tour` after the build.
set -euo pipefail
cd "$(dirname "$0")/.."

banyan="${BANYAN_EXECUTABLE:-$PWD/.build/release/banyan}"
document="$PWD/docs/tour.md"
pictures="$PWD/docs/pictures"
seeds="$PWD/seeds"
for program in chromium soffice pdftoppm; do
  if ! command -v "$program" >/dev/null; then
    echo "The pictures need $program; install chromium, libreoffice-calc and poppler-utils and try again." >&2
    exit 1
  fi
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/banyan-tour.XXXXXX")
chmod 755 "$folder"
unset DATABASE_URL PGHOST PGHOSTADDR PGPORT PGSERVICE PGDATABASE BANYAN_DATA
export LANG=C.UTF-8
stop() {
  (cd "$folder/bank" && "$banyan" server stop >/dev/null 2>&1) || true
  rm -rf "$folder"
}
trap stop EXIT
mkdir -p "$folder/bin" "$folder/bank" "$pictures"
ln -s "$banyan" "$folder/bin/banyan"
# As the commands of the tour name them.
ln -s "$seeds" "$folder/bank/seeds"
if [ "$(id -u)" = 0 ]; then chown postgres "$folder/bank"; fi
cd "$folder/bank"
PATH="$folder/bin:$PATH"

: >"$document"
say() { printf '%s\n' "$*" >>"$document"; }

# Runs a command and shows it with what it prints; its exit code may be what is given first.
show() {
  local expected=$1 code=0
  shift
  printf '\n    $ %s\n' "$1" >>"$document"
  bash -o pipefail -c "$1" >"$folder/output" 2>&1 || code=$?
  if [ "$code" != "$expected" ]; then
    echo "“$1” ended with $code where $expected was expected:" >&2
    cat "$folder/output" >&2
    exit 1
  fi
  sed -e "s|$folder/bank|.|g" -e 's/[[:space:]]*$//' -e 's/^\(.\)/    \1/' "$folder/output" >>"$document"
  say
}

# Puts a picture of a page into the document: name, width, height, page, words.
picture_of_page() {
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
    --user-data-dir="$folder/browser" --window-size="$2,$3" --screenshot="$pictures/$1.png" "file://$PWD/$4" \
    >/dev/null 2>&1
  settle "$1" "$5"
}

# Puts a picture of a sheet into the document: name, number of its page on paper, workbook, words.
picture_of_sheet() {
  soffice --headless -env:UserInstallation="file://$folder/office" --convert-to pdf --outdir "$folder" "$3" >/dev/null 2>&1
  pdftoppm -png -r 110 -x 40 -y 60 -W 1200 -H 460 -f "$2" -l "$2" -singlefile "$folder/$(basename "$3" .xlsx).pdf" "$pictures/$1"
  settle "$1" "$4"
}

settle() {
  if command -v pngquant >/dev/null; then
    pngquant --force --skip-if-larger --ext .png --speed 1 64 "$pictures/$1.png" || true
  fi
  say "![$2](pictures/$1.png)"
  say
}

say "# A tour"
say
say "A bank of eight branches from its first file to the pay of one person. What stands below is what the commands print and"
say "what their pages and workbooks look like; \`make tour\` makes this document anew, pictures and all. The bank is made up from"
say "a seed, so yours looks the same."
say
say "## The files of the branches"
say
say "Some branches write UTF-8 with English headings, some GB 18030 with Chinese ones, and a few rows are wrong on purpose."
show 0 "banyan sample files --seed 11 --branches 8 --managers 20 --clients 600 --months 3 | head -4"
say "A private PostgreSQL in a folder; with \`DATABASE_URL\` set, every command uses that server instead."
show 0 "banyan server start >/dev/null && banyan migrate | tail -1"
say "Each file becomes one batch. A row that is wrong is kept out with its line, its value and every reason; the rest is loaded."
say "The exit code is 3, because something was."
show 3 "banyan import files --mapping seeds/mappings/demo | sed -n '1,8p; \$p'"
say "## A bad row, put right"
say
batch=$(banyan report run batches --format csv | awk -F, '$3 == "B006/transactions-2026-03.csv" { print $1 }')
say "The rows come back as they were sent, in their own layout and encoding, with the reason beside them."
show 0 "banyan batch rejects $batch --lang zh"
show 0 "banyan batch rejects $batch -o wrong.csv"
show 0 "sed 's/120\\.505/120.51/' wrong.csv > corrected.csv && banyan import corrected.csv --mapping seeds/mappings/demo --dataset transactions"
say "## Who has delivered"
show 0 "banyan submissions expect transactions --by-day 5 --from 2026-01"
show 0 "banyan submissions board 2026-03"
say "## The bank, consolidated"
say
say "One row for each unit and month; what lies at a unit counts at every unit above it, and a client of two branches once."
say "The figures are read from a roll-up that every load keeps right."
show 0 "banyan report run branch-month from=2026-03 to=2026-03 level=region --format csv"
show 0 "banyan report run branch-month from=2026-01 to=2026-03 -o consolidated.html"
picture_of_page consolidated 1820 1120 consolidated.html "The consolidated months as a page"
say "## The pack of the board"
say
say "A list of reports becomes one workbook and one page, all of one moment of the database; \`--for-each branch\` makes one for"
say "every branch, several at a time."
show 0 "banyan report pack seeds/packs/board.yaml month=2026-03 -o packs && ls packs"
picture_of_sheet pack 3 packs/board-2026-03.xlsx "A sheet of the pack, as LibreOffice prints it"
say "## The month's pay"
show 0 "banyan pay run 2026-03"
show 0 "banyan pay statement 2026-03 --person RM0001 -o statements"
picture_of_page statement 900 1180 "statements/$(ls statements | head -1)" "The statement of one person"
say "## Every cent, walked back"
say
say "From the line to its rule, to the accounts behind it, to the movements, to the lines of the branches' files."
show 0 "banyan pay explain RM0001 2026-03 --line 2 | head -40"
say "## What was recorded"
say
say "Everything above stands in the audit trail, whose entries are chained."
show 0 "banyan audit verify | tail -3"
say "Where to go on: \`man banyan\`, \`banyan report list\`, and the documents of the [README](../README.md)."
if command -v optipng >/dev/null; then optipng -quiet -o5 "$pictures"/*.png; fi
wc -c "$pictures"/*.png | head -n -1
