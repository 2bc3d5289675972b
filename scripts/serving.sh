# shellcheck shell=bash
# What the demonstration and the screens share: the demonstration's data behind a web server, and
# the end of everything that was started. Sourced after lib.sh.

FIRST_PORT=${ORBITRAGE_PORT:-8000}
PROCESSES=()
STARTED_SERVICES=0

# shellcheck disable=SC2317,SC2086
stop_all() {
    local pid
    trap '' INT TERM
    trap - EXIT
    [ ${#PROCESSES[@]} -eq 0 ] || say "stopping"
    for pid in "${PROCESSES[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${PROCESSES[@]}"; do wait "$pid" 2>/dev/null || true; done
    [ $STARTED_SERVICES -eq 0 ] || "$ROOT/scripts/services.sh" stop dev
}

free_port() {
    "$PYTHON" - "$FIRST_PORT" <<'PY'
import socket, sys
first = int(sys.argv[1])
for port in range(first, first + 50):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break
else:
    sys.exit(f"No free port from {first} on.")
PY
}

# In a session of its own, so that Ctrl-C reaches this script alone and it stops them in order.
background() {
    local log=$STATE/log/$1.log
    shift
    : >>"$log"
    own "$log"
    (exec_unprivileged setsid "$@") >>"$log" 2>&1 &
    PROCESSES+=($!)
}

answers() {
    "$PYTHON" -c "import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=2)" "$1" 2>/dev/null
}

wait_for() {
    local address=$1
    for _ in $(seq 120); do
        answers "$address" && return
        kill -0 "${PROCESSES[0]}" 2>/dev/null \
            || fail "The web server stopped:" "$(tail -n 20 "$STATE/log/web.log")"
        sleep 0.25
    done
    fail "The web server does not answer:" "$(tail -n 20 "$STATE/log/web.log")"
}

# What the demonstration seals with: for the process that makes documents, never for the web's.
sealing() {
    ORBITRAGE_SEAL_FILE=$STATE/seal/seal.p12 ORBITRAGE_SEAL_PASSPHRASE_FILE=$STATE/seal/seal-passphrase \
        ORBITRAGE_PROCESS=worker "$@"
}

# Leaves the address in ORBITRAGE_PUBLIC_URL and the accounts in ACCOUNTS.
start_demonstration() {
    local port
    prepare_state
    if ! "$ROOT/scripts/services.sh" status dev; then
        STARTED_SERVICES=1
        "$ROOT/scripts/services.sh" start dev
    fi
    say "migrating the database"
    manage migrate --verbosity 0
    say "loading the policy"
    manage load_policy >"$STATE/log/load_policy.log"
    if [ ! -f "$STATE/seal/seal.p12" ]; then
        say "making a seal that nobody trusts"
        mkdir -p "$STATE/seal"
        own "$STATE/seal"
        manage make_test_seal "$STATE/seal" --verbosity 0
    fi
    say "loading the demonstration"
    # shellcheck disable=SC2034
    ACCOUNTS=$(sealing manage load_demo)
    port=$(free_port)
    export ORBITRAGE_PUBLIC_URL=http://127.0.0.1:$port
    say "starting the web server"
    ORBITRAGE_PROCESS=web background web "$PYTHON" -m gunicorn orbitrage.wsgi \
        --bind "127.0.0.1:$port" --workers 2 --threads 4 --access-logfile - --limit-request-line 8190 \
        --no-control-socket
}
