#!/usr/bin/env bash
# Brings a bare Debian or Ubuntu to where the service runs: `setup.sh demo|lint|test`.
# What is already there is left alone; an interrupted run is finished by the next one.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PURPOSE=${1:?demo, lint or test}
POLICY=/usr/sbin/policy-rc.d
NO_CLUSTER=/etc/postgresql-common/createcluster.d/orbitrage-setup.conf
MARK="# made by Orbitrage's set-up for its duration"

# --- Packages of the system -------------------------------------------------------------------------

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

available() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

has_postgis() { compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null; }

has_python() {
    "$1" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (${MINIMUM_PYTHON/./, }))" 2>/dev/null
}

has_chromium() {
    [ -n "${ORBITRAGE_CHROMIUM:-}" ] || have chromium-headless-shell || have chromium \
        || have chromium-browser || have google-chrome
}

chromium_package() {
    if available chromium-headless-shell; then echo chromium-headless-shell; else echo chromium; fi
}

# The newest PostGIS this distribution offers.
postgis_package() {
    local package
    for package in $(apt-cache pkgnames postgresql- | grep -E '^postgresql-[0-9]+-postgis-3$' | sort -rV); do
        if available "$package"; then
            echo "$package"
            return
        fi
    done
    echo postgresql-15-postgis-3
}

missing_packages() {
    local library
    has_python /usr/bin/python3 || has_python python3 || echo python3 python3-venv
    has_postgis || postgis_package
    have redis-server || echo redis-server
    have msgfmt || echo gettext
    for library in libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libseccomp2; do
        installed "$library" || echo "$library"
    done
    if [ "$PURPOSE" = test ]; then
        has_chromium || chromium_package
        have pdftotext || echo poppler-utils
    fi
}

privileged() {
    if is_root; then "$@"; else sudo "$@"; fi
}

may_install() { is_root || { have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }; }

# Nothing that apt installs for us may start by itself, nor make a cluster of the system.
guard_services() {
    if [ ! -e $POLICY ]; then
        printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" | privileged tee $POLICY >/dev/null
        privileged chmod 0755 $POLICY
    fi
    privileged mkdir -p "$(dirname $NO_CLUSTER)"
    printf '%s\ncreate_main_cluster = false\n' "$MARK" | privileged tee $NO_CLUSTER >/dev/null
}

lift_guard() {
    privileged rm -f $NO_CLUSTER
    privileged rmdir --ignore-fail-on-non-empty "$(dirname $NO_CLUSTER)" 2>/dev/null || true
    if grep -qF "$MARK" $POLICY 2>/dev/null; then privileged rm -f $POLICY; fi
}

apt() {
    privileged env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 \
        -o Dpkg::Use-Pty=0 "$@"
}

install_packages() {
    local packages=("$@")
    say "installing: ${packages[*]}"
    trap lift_guard EXIT
    guard_services
    # Ends what a killed run left half-way; fails while another apt holds the lock, for which apt waits.
    privileged dpkg --configure -a >"$VAR/apt.log" 2>&1 || true
    apt install --no-install-recommends "${packages[@]}" >"$VAR/apt.log" 2>&1 \
        || fail "apt-get failed:" "$(tail -n 20 "$VAR/apt.log")"
    lift_guard
    trap - EXIT
}

set_up_packages() {
    local packages
    have dpkg-query || fail "This set-up knows Debian and Ubuntu only; see docs/operations.md."
    if grep -qF "$MARK" $POLICY $NO_CLUSTER 2>/dev/null; then lift_guard; fi # of a run that was killed
    mapfile -t packages < <(missing_packages | tr ' ' '\n')
    [ ${#packages[@]} -gt 0 ] || return 0
    may_install || fail "Missing packages, and neither root nor sudo to install them. Run:" \
        "    apt-get install --no-install-recommends ${packages[*]}" "then try again."
    if ! available "${packages[-1]}" || ! available redis-server; then
        say "reading the list of packages"
        apt update >"$VAR/apt.log" 2>&1 || fail "apt-get update failed:" "$(tail -n 5 "$VAR/apt.log")"
        mapfile -t packages < <(missing_packages | tr ' ' '\n')
    fi
    install_packages "${packages[@]}"
}

# --- Python -----------------------------------------------------------------------------------------

set_up_python() {
    local lock=$ROOT/requirements/dev.txt stamp python=/usr/bin/python3
    [ "$PURPOSE" = demo ] && lock=$ROOT/requirements/base.txt
    stamp=$ROOT/.venv/.installed-$(sha256sum "$lock" | cut -c1-16)
    [ ! -e "$stamp" ] || ! "$PYTHON" -c '' 2>/dev/null || return 0
    has_python $python || python=python3
    has_python $python || fail "Python $MINIMUM_PYTHON or later, with venv, is needed."
    if ! "$PYTHON" -m pip --version >/dev/null 2>&1; then
        say "making .venv with $($python --version)"
        rm -rf "$ROOT/.venv"
        $python -m venv "$ROOT/.venv"
    fi
    say "installing the locked packages of requirements/$(basename "$lock")"
    "$PYTHON" -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r "$lock" \
        || fail "pip could not install requirements/$(basename "$lock")."
    touch "$stamp"
    # What runs the service needs is part of what tests it needs.
    touch "$ROOT/.venv/.installed-$(sha256sum "$ROOT/requirements/base.txt" | cut -c1-16)"
}

# --- Messages ---------------------------------------------------------------------------------------

compile_messages() {
    local source
    for source in "$ROOT"/orbitrage/locale/*/LC_MESSAGES/*.po; do
        [ -e "$source" ] || continue
        [ "${source%.po}.mo" -nt "$source" ] && continue
        say "compiling ${source#"$ROOT"/}"
        msgfmt --check-format -o "${source%.po}.mo.new" "$source"
        mv "${source%.po}.mo.new" "${source%.po}.mo"
    done
}

set_up() {
    set_up_packages
    set_up_python
    compile_messages
}

locked setup set_up
