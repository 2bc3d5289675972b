#!/usr/bin/env bash
# Removes everything that the other commands made, and stops the services first.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in dev test bench; do
    "$ROOT/scripts/services.sh" stop "$name"
    [ ! -s "$VAR/$name/socket-folder" ] || rm -rf "$(cat "$VAR/$name/socket-folder")"
done
[ ! -s "$VAR/state-folder" ] || rm -rf "$(cat "$VAR/state-folder")"
rm -rf "$VAR" "$ROOT/.venv" "$ROOT"/.{mypy,ruff,pytest,import_linter}_cache "$ROOT"/.hypothesis
find "$ROOT" -name __pycache__ -type d -prune -exec rm -rf {} +
rm -f "$ROOT"/orbitrage/locale/*/LC_MESSAGES/*.mo
say "clean"
