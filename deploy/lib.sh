# Shared by the scripts in deploy/; sourced, not run.
# shellcheck shell=bash

set -euo pipefail

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # read by the scripts that source this file
cache=${UPDRAFT_CACHE:-$repository/.cache}
# shellcheck disable=SC2034
deploy=$repository/deploy

fail() {
    printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2
    exit 1
}

warn() {
    printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2
}

# A section heading with the time since the script began.
heading() {
    printf '\n━━ %02d:%02d ━━ %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"
}

# Runs a command as root, through sudo where needed.
as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        fail "'$1' needs root; run this as root or install sudo."
    fi
}

port_is_open() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Sets the named variables to loopback ports that nothing listens on.
# The range lies below 32768, where Linux takes the local ports of outgoing connections from.
choose_ports() {
    local range=${UPDRAFT_TEST_PORTS:-20000-32767} name candidate taken=' '
    local low=${range%-*} high=${range#*-}
    for name in "$@"; do
        candidate=$low
        for _ in {1..200}; do
            candidate=$((low + (RANDOM * 32768 + RANDOM) % (high - low + 1)))
            [[ $taken == *" $candidate "* ]] || port_is_open "$candidate" || break
        done
        taken+="$candidate "
        printf -v "$name" '%s' "$candidate"
    done
}

# await_port PORT PID SECONDS: until the port accepts, as long as the process lives.
await_port() {
    local deadline=$((SECONDS + $3))
    until port_is_open "$1"; do
        kill -0 "$2" 2>/dev/null || return 1
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

need_swift() {
    command -v swift >/dev/null ||
        fail "no 'swift' on the PATH. Install Swift 6.2 or newer: https://www.swift.org/install/linux"
}
