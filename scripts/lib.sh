# shellcheck shell=bash
# What the other scripts share: where things are, who runs them, how progress is told.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VAR=$ROOT/var
PYTHON=$ROOT/.venv/bin/python
# shellcheck disable=SC2034
SOCKET_FOLDER_MAXIMUM=85 # of the 107 bytes of a socket's path; the rest is its name
# shellcheck disable=SC2034
MINIMUM_PYTHON="3.11"

export LC_ALL=C.UTF-8
umask 022
cd "$ROOT" || exit

say() { printf '[%3ds] %s\n' "$SECONDS" "$*"; }

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" -eq 0 ]; }

# --- Who runs the service ---------------------------------------------------------------------------
# PostgreSQL refuses root and so do we: as root, everything that serves runs as `postgres`.
#   plain    we are a plain user already
#   switch   root; `postgres` can reach this folder
#   mapped   root; it cannot, and a user namespace shows us as `postgres` with root's own files
#   apart    root; no user namespace either: state lives in /var/tmp and our own processes keep one
#            capability, that of reading this folder

RUN_MODE=""
SERVICE_USER=postgres

service_user_reaches_tree() {
    setpriv --reuid="$SERVICE_USER" --regid="$SERVICE_USER" --init-groups -- \
        sh -c 'test -r "$0/manage.py" && test -x "$0"' "$ROOT" 2>/dev/null
}

mapped() {
    unshare --user --map-user="$(id -u "$SERVICE_USER")" --map-group="$(id -g "$SERVICE_USER")" -- "$@"
}

choose_run_mode() {
    [ -z "$RUN_MODE" ] || return 0
    if ! is_root; then
        RUN_MODE=plain
    elif ! id "$SERVICE_USER" >/dev/null 2>&1; then
        fail "The user '$SERVICE_USER' is missing: run 'make setup' first."
    elif service_user_reaches_tree; then
        RUN_MODE=switch
    elif mapped true 2>/dev/null; then
        RUN_MODE=mapped
    else
        RUN_MODE=apart
    fi
}

# Replaces the current (sub)shell, so that its process id is the command's.
exec_unprivileged() {
    choose_run_mode
    export HOME=$STATE/home TMPDIR=$STATE/tmp # nothing is left in the folders of others
    local switch=(setpriv --reuid="$SERVICE_USER" --regid="$SERVICE_USER" --init-groups)
    case $RUN_MODE in
        plain) exec "$@" ;;
        switch) exec "${switch[@]}" --no-new-privs -- "$@" ;;
        mapped) exec unshare --user --map-user="$(id -u "$SERVICE_USER")" \
            --map-group="$(id -g "$SERVICE_USER")" -- "$@" ;;
        apart) exec "${switch[@]}" --inh-caps=+dac_read_search \
            --ambient-caps=+dac_read_search -- "$@" ;;
    esac
}

unprivileged() { (exec_unprivileged "$@"); }

# The servers of others: never a capability, never this folder as current folder.
server() {
    choose_run_mode
    if [ "$RUN_MODE" = apart ]; then
        (cd / && setpriv --reuid="$SERVICE_USER" --regid="$SERVICE_USER" --init-groups \
            --no-new-privs -- "$@")
    else
        unprivileged "$@"
    fi
}

manage() { unprivileged "$PYTHON" manage.py "$@"; }

# --- Where state is kept ----------------------------------------------------------------------------

STATE=$VAR

own() {
    case $RUN_MODE in
        switch | apart) chown "$SERVICE_USER:" "$@" ;;
    esac
}

prepare_state() {
    choose_run_mode
    mkdir -p "$VAR/stamps" "$VAR/cache"
    if [ "$RUN_MODE" = apart ]; then
        [ -s "$VAR/state-folder" ] && [ -d "$(cat "$VAR/state-folder")" ] \
            || mktemp -d /var/tmp/orbitrage.XXXXXX >"$VAR/state-folder"
        STATE=$(cat "$VAR/state-folder")
        own "$STATE"
    fi
    mkdir -p "$STATE/home" "$STATE/storage" "$STATE/mail" "$STATE/log" "$STATE/tmp"
    own "$STATE/home" "$STATE/storage" "$STATE/mail" "$STATE/log" "$STATE/tmp"
    chmod 1777 "$VAR/cache"
}

# --- One at a time ----------------------------------------------------------------------------------

# Runs a function while no other script of ours changes the same thing.
locked() {
    local name=$1
    shift
    mkdir -p "$VAR"
    exec 9>"$VAR/$name.lock"
    flock -n 9 || { say "waiting for another run to finish its $name" && flock -w 900 9; } \
        || fail "Another run has held var/$name.lock for 15 minutes."
    "$@"
    exec 9>&-
}
