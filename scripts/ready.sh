#!/usr/bin/env bash
# The private services, migrated and with the policy loaded, left running.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/setup.sh" demo
prepare_state
"$ROOT/scripts/services.sh" start dev
export DJANGO_SETTINGS_MODULE=orbitrage.settings.dev
unset ORBITRAGE_DATABASE_URL ORBITRAGE_BROKER_URL ORBITRAGE_CACHE_URL
say "migrating the database"
manage migrate --verbosity 0
say "loading the policy"
manage load_policy
say "ready (make stop stops them)"
