#!/usr/bin/env bash
# Every page of the demonstration, by width, language and role: one contact sheet and the pictures it
# is made of, in var/screens/. On a database of its own, made anew each time.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/serving.sh
. "$ROOT/scripts/serving.sh"

export DJANGO_SETTINGS_MODULE=orbitrage.settings.dev ORBITRAGE_DEMO=1 ORBITRAGE_DEBUG=0
unset ORBITRAGE_DATABASE_URL ORBITRAGE_PRIVATE_DATABASE_URL ORBITRAGE_BROKER_URL ORBITRAGE_CACHE_URL

start_services() {
    prepare_state
    if ! "$ROOT/scripts/services.sh" status dev; then
        STARTED_SERVICES=1
        "$ROOT/scripts/services.sh" start dev
    fi
}

# Beside the demonstration's database, in the same private cluster.
use_scratch_database() {
    local usual
    usual=$(sed -n 's/^ORBITRAGE_PRIVATE_DATABASE_URL=//p' "$VAR/dev/services.env")
    unprivileged "$PYTHON" - "${usual#*host=}" <<'PY'
import sys
import psycopg
with psycopg.connect(host=sys.argv[1], user="orbitrage", dbname="postgres", autocommit=True) as server:
    server.execute("DROP DATABASE IF EXISTS orbitrage_screens WITH (FORCE)")
    server.execute("CREATE DATABASE orbitrage_screens")
PY
    export ORBITRAGE_PRIVATE_DATABASE_URL=${usual/orbitrage\?/orbitrage_screens?}
    export ORBITRAGE_DATABASE_URL=$ORBITRAGE_PRIVATE_DATABASE_URL
    export ORBITRAGE_STORAGE_URL=file://$STATE/tmp/screens/storage ORBITRAGE_QUEUE=orbitrage-screens
    rm -rf "$STATE/tmp/screens"
    mkdir -p "$STATE/tmp/screens/storage" "$STATE/screens"
    own "$STATE/tmp/screens" "$STATE/tmp/screens/storage" "$STATE/screens"
}

trap stop_all EXIT
trap 'exit 130' INT TERM
"$ROOT/scripts/setup.sh" test
start_services
use_scratch_database
start_demonstration
wait_for "$ORBITRAGE_PUBLIC_URL/healthz"
say "taking the screens"
unprivileged "$PYTHON" scripts/screens.py "$ORBITRAGE_PUBLIC_URL" "$STATE/screens" "$@"
say "done: ${STATE#"$ROOT"/}/screens/contact-sheet.png"
