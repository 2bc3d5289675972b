#!/usr/bin/env bash
# Starts or stops the private PostGIS and Redis: `services.sh start|stop|status dev|test|bench`.
# Sockets only, no TCP port; a cluster of the system is never touched.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

postgresql_bin() {
    local data=$1 bin version
    if [ -s "$data/PG_VERSION" ]; then
        version=$(cat "$data/PG_VERSION")
        [ -x "/usr/lib/postgresql/$version/bin/postgres" ] \
            || fail "$data was made by PostgreSQL $version, which is no longer installed."
        echo "/usr/lib/postgresql/$version/bin"
        return
    fi
    for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
        version=$(basename "$(dirname "$bin")")
        if [ -x "$bin/initdb" ] && [ -e "/usr/share/postgresql/$version/extension/postgis.control" ]; then
            echo "$bin"
            return
        fi
    done
    fail "PostgreSQL with PostGIS is not installed: run 'make setup'."
}

# Prints the folder of the sockets: var/<name>/run, or a short one when that path is too long.
socket_folder() {
    local folder=$1/run
    if [ ${#folder} -gt $SOCKET_FOLDER_MAXIMUM ] || [[ $folder =~ [^A-Za-z0-9/._-] ]]; then
        if [ ! -s "$1/socket-folder" ] || [ ! -d "$(cat "$1/socket-folder")" ]; then
            mktemp -d /tmp/orbitrage.XXXXXX >"$1/socket-folder"
        fi
        folder=$(cat "$1/socket-folder")
    fi
    mkdir -p "$folder"
    chmod 0700 "$folder"
    own "$folder"
    echo "$folder"
}

write_configuration() {
    local data=$1 run=$2 name=$3
    {
        echo "listen_addresses = ''"
        echo "unix_socket_directories = '$run'"
        echo "unix_socket_permissions = 0700"
        echo "timezone = 'UTC'"
        echo "log_timezone = 'UTC'"
        echo "max_connections = 120"
        echo "shared_buffers = '256MB'"
        echo "jit = off"
        if [ "$name" = test ]; then
            echo "fsync = off"
            echo "synchronous_commit = off"
            echo "full_page_writes = off"
            echo "autovacuum = off"
        fi
    } | server sh -c 'cat >"$0"' "$data/orbitrage.conf"
}

make_cluster() {
    local data=$1 bin=$2 name=$3
    say "making the private $name cluster"
    rm -rf "$data.new"
    local options=(--auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8
        --locale-provider=icu --icu-locale=fr --no-instructions)
    [ "$name" = test ] && options+=(--no-sync)
    server "$bin/initdb" "${options[@]}" --pgdata="$data.new" >"$STATE/log/$name-initdb.log" 2>&1 \
        || fail "initdb failed:" "$(cat "$STATE/log/$name-initdb.log")"
    server sh -c 'echo "include = '"'orbitrage.conf'"'" >>"$0/postgresql.conf"' "$data.new"
    mv "$data.new" "$data"
}

sql() { server "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$run" -U postgres -d "$1" -c "$2"; }

# Every statement may be repeated: an interrupted start is finished by the next one.
make_database() {
    local bin=$1 run=$2
    sql template1 "CREATE EXTENSION IF NOT EXISTS postgis" 2>/dev/null
    sql template1 "DO \$\$ BEGIN CREATE ROLE orbitrage LOGIN CREATEDB;
        EXCEPTION WHEN duplicate_object THEN NULL; END \$\$"
    [ -n "$(server "$bin/psql" -XAtq -h "$run" -U postgres -d postgres \
        -c "SELECT 1 FROM pg_database WHERE datname = 'orbitrage'")" ] \
        || sql postgres "CREATE DATABASE orbitrage OWNER orbitrage"
}

start_postgresql() {
    local folder=$1 run=$2 name=$3 data=$1/pgdata bin
    bin=$(postgresql_bin "$data")
    [ -s "$data/PG_VERSION" ] || make_cluster "$data" "$bin" "$name"
    if ! server "$bin/pg_ctl" status --pgdata="$data" >/dev/null 2>&1; then
        say "starting PostGIS ($name)"
        write_configuration "$data" "$run" "$name"
        server "$bin/pg_ctl" start --wait --timeout=120 --silent --pgdata="$data" \
            --log="$STATE/log/$name-postgresql.log" 9>&- \
            || fail "PostgreSQL did not start:" "$(tail -n 20 "$STATE/log/$name-postgresql.log")"
    fi
    if [ ! -e "$folder/database-made" ]; then
        make_database "$bin" "$run"
        touch "$folder/database-made"
    fi
}

# Is the process of this pid file the Redis of this socket?
redis_runs() {
    local run=$1 pid
    pid=$(cat "$run/redis.pid" 2>/dev/null) || return 1
    [ -n "$pid" ] && grep -aq redis-server "/proc/$pid/cmdline" 2>/dev/null \
        && [ -S "$run/redis.sock" ]
}

start_redis() {
    local folder=$1 run=$2 name=$3
    if redis_runs "$run"; then return; fi
    say "starting Redis ($name)"
    rm -f "$run/redis.sock" "$run/redis.pid"
    server redis-server --port 0 --unixsocket "$run/redis.sock" --unixsocketperm 700 \
        --daemonize yes --pidfile "$run/redis.pid" --dir "$folder" --save "" --appendonly no \
        --logfile "$STATE/log/$name-redis.log" 9>&- >/dev/null
    for _ in $(seq 100); do
        [ -S "$run/redis.sock" ] && redis_runs "$run" && return
        sleep 0.05
    done
    fail "Redis did not start:" "$(tail -n 20 "$STATE/log/$name-redis.log")"
}

write_environment() {
    local run=$1 name=$2
    mkdir -p "$VAR/$name"
    {
        echo "ORBITRAGE_PRIVATE_DATABASE_URL=postgis://orbitrage@/orbitrage?host=$run"
        echo "ORBITRAGE_BROKER_URL=redis+socket://$run/redis.sock?virtual_host=0"
        echo "ORBITRAGE_CACHE_URL=unix://$run/redis.sock?db=1"
        [ "$name" = test ] || echo "ORBITRAGE_STORAGE_URL=file://$STATE/storage"
    } >"$VAR/$name/services.env.new"
    mv "$VAR/$name/services.env.new" "$VAR/$name/services.env"
}

start() {
    local name=$1 folder run
    prepare_state
    folder=$STATE/$name
    mkdir -p "$folder"
    own "$folder"
    run=$(socket_folder "$folder")
    start_postgresql "$folder" "$run" "$name"
    start_redis "$folder" "$run" "$name"
    write_environment "$run" "$name"
}

stop() {
    local name=$1 folder run data pid
    [ -d "$VAR" ] || return 0
    prepare_state
    folder=$STATE/$name
    [ -d "$folder" ] || return 0
    run=$(socket_folder "$folder")
    data=$folder/pgdata
    if [ -e "$data/postmaster.pid" ]; then
        say "stopping PostGIS ($name)"
        server "$(postgresql_bin "$data")/pg_ctl" stop --mode=fast --silent --pgdata="$data" || true
    fi
    if redis_runs "$run"; then
        say "stopping Redis ($name)"
        pid=$(cat "$run/redis.pid")
        kill "$pid"
        while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    fi
}

# Exit 0 when both run.
status() {
    local name=$1 folder run
    [ -d "$VAR/$name" ] || return 1
    prepare_state
    folder=$STATE/$name
    [ -s "$folder/pgdata/PG_VERSION" ] || return 1
    run=$(socket_folder "$folder")
    redis_runs "$run" \
        && server "$(postgresql_bin "$folder/pgdata")/pg_ctl" status --pgdata="$folder/pgdata" >/dev/null 2>&1
}

case ${1:-} in
    start | stop) locked services "$1" "${2:?dev, test or bench}" ;;
    status) status "${2:?dev, test or bench}" ;;
    *) fail "usage: services.sh start|stop|status dev|test|bench" ;;
esac
