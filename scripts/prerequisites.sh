#!/bin/sh
# Sees that everything Banyan needs to build, test and run is here. On Debian and Ubuntu it installs
# what is missing with apt-get (with sudo unless root) and says so; elsewhere it names what to install.
# When nothing is missing it changes nothing and needs no network.
set -eu

missing_packages=""
missing_words=""

# Notes a package as missing, with what it is for.
lacks() {
  missing_packages="$missing_packages $1"
  missing_words="$missing_words
  $1: $2"
}

# The folder of the PostgreSQL server's programs, found as `banyan server` finds it.
postgresql_programs() {
  if [ -n "${BANYAN_PG_BIN:-}" ]; then
    printf '%s\n' "$BANYAN_PG_BIN"
    return 0
  fi
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t / -k 5 -n -r); do
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/psql" ]; then
      printf '%s\n' "$folder"
      return 0
    fi
  done
  if command -v initdb >/dev/null 2>&1; then dirname "$(command -v initdb)"; fi
}

# Asks for a C library by its pkg-config name.
needs_library() {
  if ! command -v pkg-config >/dev/null 2>&1 || ! pkg-config --exists "$1"; then lacks "$2" "$3"; fi
}

look() {
  missing_packages=""
  missing_words=""
  programs=$(postgresql_programs)
  if [ -z "$programs" ]; then
    lacks postgresql "the PostgreSQL server and psql"
    lacks postgresql-contrib "the extensions that come with PostgreSQL"
  elif [ -x "$programs/pg_config" ] &&
    [ ! -f "$("$programs/pg_config" --sharedir)/extension/btree_gist.control" ]; then
    lacks postgresql-contrib "the extensions that come with PostgreSQL"
  fi
  command -v pkg-config >/dev/null 2>&1 || lacks pkg-config "finds the C libraries"
  command -v git >/dev/null 2>&1 || lacks git "fetches the Swift packages"
  if command -v apt-get >/dev/null 2>&1 && [ ! -f /etc/ssl/certs/ca-certificates.crt ]; then
    lacks ca-certificates "lets git trust the servers of the Swift packages"
  fi
  command -v script >/dev/null 2>&1 || lacks bsdutils "terminals for the tests"
  command -v groff >/dev/null 2>&1 || lacks groff-base "typesets the manual pages for the tests"
  needs_library libpq libpq-dev "PostgreSQL's C library"
  needs_library libcrypto libssl-dev "checksums"
  needs_library libutf8proc libutf8proc-dev "character widths and normal forms"
  needs_library libarchive libarchive-dev "compressed files"
  needs_library libzip libzip-dev "the archives that workbooks are"
  needs_library expat libexpat1-dev "the XML inside workbooks"
}

need_swift() {
  if ! command -v swift >/dev/null 2>&1; then
    echo "Swift 6.2 or newer is needed and there is no command swift on the PATH;" \
      "install it from https://www.swift.org/install/ and try again." >&2
    exit 1
  fi
  if ! answer=$(swift --version 2>&1); then
    echo "Swift is on the PATH but does not run ($(printf '%s' "$answer" | head -n 1));" \
      "install what it needs, as https://www.swift.org/install/ lists it, and try again." >&2
    exit 1
  fi
  version=$(printf '%s\n' "$answer" | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
  major=${version% *}
  minor=${version#* }
  if [ -n "$version" ] && [ "$((major * 100 + minor))" -lt 602 ]; then
    echo "Swift 6.2 or newer is needed and this is Swift $major.$minor;" \
      "install a newer one from https://www.swift.org/install/ and try again." >&2
    exit 1
  fi
}

# A folder that is named wrongly is not mended by installing something.
need_named_programs() {
  if [ -z "${BANYAN_PG_BIN:-}" ]; then return 0; fi
  for program in initdb postgres pg_ctl psql; do
    if [ ! -x "$BANYAN_PG_BIN/$program" ]; then
      echo "BANYAN_PG_BIN names $BANYAN_PG_BIN, where there is no $program; name the folder of" \
        "PostgreSQL's programs, such as /usr/lib/postgresql/15/bin, or unset it." >&2
      exit 1
    fi
  done
}

need_swift
need_named_programs
look
if [ -n "$missing_packages" ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "These are missing (by their Debian names), and this system has no apt-get to install them:" >&2
    echo "${missing_words#?}" >&2
    echo "Install them with your system's own tool and try again." >&2
    exit 1
  fi
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "These are missing, and installing them needs root or sudo:$missing_words" >&2
      echo "Run as root: apt-get install$missing_packages" >&2
      exit 1
    fi
    as_root="sudo"
  fi
  echo "Installing with apt-get:$missing_words"
  case "$missing_packages" in
  *" postgresql "*) echo "(Debian's package may make its own empty cluster; Banyan does not use it.)" ;;
  esac
  # Old package lists may do: a failed update alone is no reason to give up.
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq ||
    echo "apt-get update failed; trying with the package lists that are here." >&2
  # The names are separate words on purpose.
  # shellcheck disable=SC2086
  if ! $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing_packages; then
    echo "apt-get could not install:$missing_packages; its message above says why." >&2
    exit 1
  fi
  look
  if [ -n "$missing_packages" ]; then
    echo "Still missing after installing:$missing_words" >&2
    exit 1
  fi
fi
