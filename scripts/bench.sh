#!/usr/bin/env bash
# Our benchmarks, each after its floor in the same run: `bench.sh own|peers`. Ends with 1 when one
# of ours missed what it must reach, all being printed. WRITE=1 keeps the table of a run that missed
# nothing as docs/benchmarks.md. Floors and peers are the scripts of ../shared/bench, unchanged.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

WHOSE=${1:?own or peers}
FLOORS=${ORBITRAGE_SHARED_BENCH:-$ROOT/../shared/bench}
SECONDS_EACH=${SECONDS_EACH:-3}

[ -d "$FLOORS" ] || fail "The floors are absent: $FLOORS (ORBITRAGE_SHARED_BENCH)."
[ "$WHOSE" = own ] || [ -x "${PEERS_PYTHON:-}" ] || fail \
    "Peers live in an environment of their own: make it as ../shared/bench/README.md says," \
    "then PEERS_PYTHON=/path/to/its/python make bench-peers."

"$ROOT/scripts/setup.sh" lint
prepare_state
"$ROOT/scripts/services.sh" start bench
RUN=$(sed -n 's/^ORBITRAGE_PRIVATE_DATABASE_URL=.*host=//p' "$VAR/bench/services.env")
trap '"$ROOT/scripts/services.sh" stop bench >&2' EXIT
export PROTO=$STATE/tmp/bench BSOCK=$RUN BPORT=5432 PGHOST=$RUN PGPORT=5432 PGUSER=orb
export DJANGO_SETTINGS_MODULE=orbitrage.settings.test
export ORBITRAGE_DATABASE_URL="postgis://orb@/orbitrage?host=$RUN"
export ORBITRAGE_BROKER_URL="redis+socket://$RUN/redis.sock"
mkdir -p "$PROTO"
own "$PROTO"
unprivileged psql -X -q -U postgres -d postgres -c 'CREATE ROLE orb SUPERUSER LOGIN' 2>/dev/null || true

heading() { printf '\n## %s\n\n' "$1"; }

floor() { unprivileged "$PYTHON" "$FLOORS/$1" "${@:2}"; }

missed=0
ours() { unprivileged "$PYTHON" "bench/$1.py" "${@:2}" || missed=1; }

own_benchmarks() {
    heading "Quota debits"
    unprivileged bash "$FLOORS/quota_pgbench.sh" "$SECONDS_EACH" | grep -E '^(hot|spread) clients=(1|8) '
    floor quota_django.py "$SECONDS_EACH" | grep '^sfu'
    ours ledger --seconds "$SECONDS_EACH"
    heading "The ledger as it grows"
    ours ledger_growth
    heading "Licences"
    floor pdf_bench.py weasy_a3a 25
    ours licence --count 25 --bulk 10 100 1000
    heading "Coverage of an area by a catalogue"
    ours coverage
    heading "A list of requests"
    # It prints its statements and rows, then wants a template that does not lie beside it.
    floor queue_bench.py setup 2>/dev/null | grep -E '^(SQL page1|SQL keyset|SQL count|ORM)' || true
    ours requests_list
    heading "An area of many vertices"
    ours upload
    heading "The price while a form is filled in"
    ours live_panel
    return "$missed"
}

peers_benchmarks() {
    heading "Licences by other engines"
    for engine in typst reportlab fpdf2; do
        unprivileged "$PEERS_PYTHON" "$FLOORS/pdf_bench.py" "$engine" 25
    done
    ours licence --count 25
    return "$missed"
}

report() {
    printf '# Benchmarks\n\nWritten by `WRITE=1 make bench` on %s, %s cores. Every line of ours stands under its floor,\n' \
        "$(date +%F)" "$(nproc)"
    printf 'measured in the same run, in one PostgreSQL with fsync on.\n'
    "${WHOSE}_benchmarks" | sed -e 's/^\([^#]..*\)$/    \1/'
}

say "measuring (a few minutes)"
if [ "${WRITE:-0}" = 1 ]; then
    report | tee "$PROTO/benchmarks.md"
    cp "$PROTO/benchmarks.md" "$ROOT/docs/benchmarks.md"
else
    report
fi
