#!/usr/bin/env bash
# The demonstration, from a bare checkout to an address. Ctrl-C stops what it started.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/serving.sh
. "$ROOT/scripts/serving.sh"

export DJANGO_SETTINGS_MODULE=orbitrage.settings.dev ORBITRAGE_DEMO=1 ORBITRAGE_DEBUG=0
unset ORBITRAGE_DATABASE_URL ORBITRAGE_BROKER_URL ORBITRAGE_CACHE_URL

trap stop_all EXIT
trap 'exit 0' INT TERM # the usual end

"$ROOT/scripts/setup.sh" demo
start_demonstration
say "starting worker and beat"
sealing background worker "$PYTHON" -m celery -A orbitrage worker \
    --concurrency 1 --without-gossip --without-mingle --loglevel INFO
ORBITRAGE_PROCESS=worker background beat "$PYTHON" -m celery -A orbitrage beat \
    --schedule "$STATE/tmp/beat-schedule" --pidfile= --loglevel INFO
wait_for "$ORBITRAGE_PUBLIC_URL/healthz"

printf '\n%s\n\n' "$ACCOUNTS"
say "Orbitrage answers at $ORBITRAGE_PUBLIC_URL/   (Ctrl-C stops it; logs in ${STATE#"$ROOT"/}/log/)"
set +e
wait -n "${PROCESSES[@]}"
fail "A process stopped by itself: see ${STATE#"$ROOT"/}/log/."
