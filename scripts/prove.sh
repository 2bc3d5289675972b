#!/usr/bin/env bash
# The proofs at the counts of the issues: `prove.sh [pytest arguments]`. All of them, having passed,
# are docs/proofs.md; a part of them, or a failure, leaves that page as it was.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The tests run as a user who may not write in docs/.
export ORBITRAGE_PROVE=1 ORBITRAGE_PROOFS=$VAR/cache/proofs.md
rm -f "$ORBITRAGE_PROOFS"
passed=0
"$ROOT/scripts/test.sh" -m prove "$@" || passed=$?
[ $# -gt 0 ] || [ "$passed" -ne 0 ] || cp "$ORBITRAGE_PROOFS" "$ROOT/docs/proofs.md"
exit "$passed"
