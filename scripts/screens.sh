#!/usr/bin/env bash
# Every page of the demonstration at two widths in two languages, as contact sheets in var/screens/.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/serving.sh
. "$ROOT/scripts/serving.sh"

export DJANGO_SETTINGS_MODULE=orbitrage.settings.dev ORBITRAGE_DEMO=1 ORBITRAGE_DEBUG=0
unset ORBITRAGE_DATABASE_URL ORBITRAGE_BROKER_URL ORBITRAGE_CACHE_URL

trap stop_all EXIT
trap 'exit 130' INT TERM
"$ROOT/scripts/setup.sh" test
start_demonstration
wait_for "$ORBITRAGE_PUBLIC_URL/healthz"
mkdir -p "$STATE/screens"
own "$STATE/screens"
say "taking the screens"
unprivileged "$PYTHON" scripts/screens.py "$ORBITRAGE_PUBLIC_URL" "$STATE/screens" "$@"
