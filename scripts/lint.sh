#!/usr/bin/env bash
# Every linter, all of them even when one fails; exit 1 when one did.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BIN=$ROOT/.venv/bin
FAILED=()

step() {
    local name=$1
    shift
    say "$name"
    "$@" || FAILED+=("$name")
}

templates() { git ls-files -co --exclude-standard '*.html' | xargs -r "$BIN/djlint" --quiet --lint; }

"$ROOT/scripts/setup.sh" lint
prepare_state
"$ROOT/scripts/services.sh" status test || {
    "$ROOT/scripts/services.sh" start test
    trap '"$ROOT/scripts/services.sh" stop test' EXIT
}
export DJANGO_SETTINGS_MODULE=orbitrage.settings.test
mkdir -p "$VAR/cache"
step "ruff check" "$BIN/ruff" check --cache-dir "$VAR/cache/ruff" .
step "ruff format" "$BIN/ruff" format --check --quiet --cache-dir "$VAR/cache/ruff" .
step "mypy" "$BIN/mypy" --no-error-summary
step "import-linter" "$BIN/lint-imports" --cache-dir "$VAR/cache/import-linter"
step "djlint" templates
step "system checks" "$PYTHON" manage.py check --fail-level WARNING
step "migrations are complete" "$PYTHON" manage.py makemigrations --check --dry-run
step "migrations are safe" "$PYTHON" manage.py lintmigrations --quiet ok ignore
step "messages are complete" "$PYTHON" scripts/check_messages.py
[ ${#FAILED[@]} -eq 0 ] || fail "failed: $(printf '%s; ' "${FAILED[@]}")"
say "all linters pass"
