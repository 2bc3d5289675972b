#!/usr/bin/env bash
# Locks requirements/*.in, with hashes and without the address of any index.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/setup.sh" lint
cd requirements
for name in base dev; do
    say "locking $name"
    "$ROOT/.venv/bin/uv" pip compile --quiet --universal --python-version "$MINIMUM_PYTHON" \
        --generate-hashes --no-emit-index-url --no-header --no-annotate "$name.in" -o "$name.txt"
done
