#!/usr/bin/env bash
# Puts faults into a copy of the tree; every one must be caught: `faults.sh [part of a fault's name]`.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/setup.sh" test
prepare_state
"$ROOT/scripts/services.sh" status test || {
    "$ROOT/scripts/services.sh" start test
    trap '"$ROOT/scripts/services.sh" stop test' EXIT
}
cd "$ROOT"
"$PYTHON" -m tests.faults.run "$@"
