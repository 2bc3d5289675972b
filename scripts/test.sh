#!/usr/bin/env bash
# The whole suite: `test.sh [pytest arguments]`. The last line is pytest's.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

STARTED_SERVICES=0

stop_services() { [ $STARTED_SERVICES -eq 0 ] || "$ROOT/scripts/services.sh" stop test >/dev/null; }

processes() {
    local cores
    cores=$(nproc)
    echo "${ORBITRAGE_TEST_PROCESSES:-$((cores > 4 ? 4 : cores))}"
}

trap 'exit 130' INT TERM
"$ROOT/scripts/setup.sh" test
prepare_state
if ! "$ROOT/scripts/services.sh" status test; then
    STARTED_SERVICES=1
    "$ROOT/scripts/services.sh" start test
fi
trap stop_services EXIT
unset ORBITRAGE_DATABASE_URL ORBITRAGE_BROKER_URL ORBITRAGE_CACHE_URL ORBITRAGE_STORAGE_URL ORBITRAGE_DEMO
export DJANGO_SETTINGS_MODULE=orbitrage.settings.test PYTHONDONTWRITEBYTECODE=1
say "running the tests"
unprivileged "$PYTHON" -m pytest --numprocesses "$(processes)" --dist loadgroup --create-db \
    --override-ini "cache_dir=$VAR/cache/pytest" "$@"
