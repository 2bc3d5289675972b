#!/usr/bin/env bash
# The main job over one file, without a browser: `walkthrough.sh FILE [CASE]`.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

AOI=${1:-}
CASE=${2:-}
CALLED_FROM=${OLDPWD:-$ROOT}
[ -n "$AOI" ] || fail "usage: make walkthrough AOI=file [CASE=pleiades-science-archive|institution-tasking|spot-science]"
[ "${AOI:0:1}" = / ] || { [ -e "$ROOT/$AOI" ] && AOI=$ROOT/$AOI; } || AOI=$CALLED_FROM/$AOI
[ -f "$AOI" ] || fail "There is no file $AOI."

"$ROOT/scripts/ready.sh" >&2
prepare_state
if ! unprivileged test -r "$AOI"; then # a file that only root may read
    copy=$(mktemp -d "$STATE/tmp/walkthrough.XXXXXX")
    trap 'rm -rf "$copy"' EXIT
    install -m 0644 "$AOI" "$copy/"
    chmod 0755 "$copy"
    AOI=$copy/$(basename "$AOI")
fi
export DJANGO_SETTINGS_MODULE=orbitrage.settings.dev
unset ORBITRAGE_DATABASE_URL ORBITRAGE_BROKER_URL ORBITRAGE_CACHE_URL

# A database and a folder of its own: the demonstration's queues and numbers stay as they are.
ORBITRAGE_DATABASE_URL=$(unprivileged "$PYTHON" scripts/own_database.py orbitrage_walkthrough)
export ORBITRAGE_DATABASE_URL ORBITRAGE_STORAGE_URL=file://$STATE/walkthrough
mkdir -p "$STATE/walkthrough"
own "$STATE/walkthrough"
manage migrate --verbosity 0
manage load_policy >&2
manage walkthrough "$AOI" ${CASE:+--case "$CASE"}
