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

# A daemon must keep nothing open of whoever asked for it: a caller may wait for the end of what it passed on.
close_inherited() {
    local descriptor
    for descriptor in "/proc/$BASHPID/fd"/*; do
        descriptor=${descriptor##*/}
        ((descriptor <= 2 || descriptor == 255)) || eval "exec $descriptor>&-"
    done
}

# was_started_with PID VARIABLE=VALUE: true if the process has this in its environment, as what we started has.
# In the midst of an exec a process shows no environment at all, so an empty one is read again.
was_started_with() {
    local environment
    for _ in {1..20}; do
        environment=$(tr '\0' '\n' <"/proc/$1/environ") || return
        [[ -z $environment ]] || break
        sleep 0.01
    done
    grep -qxF "$2" <<<"$environment"
} 2>/dev/null

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

# debian_root DIRECTORY PACKAGE…: makes a Debian 13 root file system with the packages, once, and says where it is.
# Nothing is started in it. One caller at a time; an interrupted one leaves nothing that the next would take.
debian_root() {
    local suite=trixie root=$1 log=$1.log
    shift
    mkdir -p "$(dirname -- "$root")"
    # The demo, the tests and several pools may ask for it together.
    exec 8>"$root.lock"
    flock 8
    if [[ ! -e $root/.complete ]]; then
        [[ $(id -u) -eq 0 ]] || command -v sudo >/dev/null ||
            fail "a Debian 13 root needs root: run this as root or install sudo."
        PATH=$PATH:/usr/sbin command -v debootstrap >/dev/null ||
            fail "debootstrap is missing; run deploy/install-packages first."
        as_root rm -rf "$root" # what an interrupted run left
        # minbase: dpkg, apt and little else. The downloaded packages are removed afterwards.
        if ! as_root env PATH="$PATH:/usr/sbin" debootstrap --variant=minbase "$suite" "$root" >"$log" 2>&1; then
            tail -n 20 "$log" >&2
            fail "debootstrap of Debian '$suite' failed; the whole output is in $log"
        fi
        # Package scripts see no services here: the policy forbids starting them.
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$root/usr/sbin/policy-rc.d" >/dev/null
        as_root chmod 755 "$root/usr/sbin/policy-rc.d"
        printf '127.0.0.1 localhost\n' | as_root tee "$root/etc/hosts" >/dev/null
        # A mount namespace of its own: the mounts are gone when the command ends, however it ends.
        # shellcheck disable=SC2016 # expanded by the inner shell
        if ! as_root unshare --mount --propagation private bash -ec '
            mount --bind /proc "$0/proc"
            mount --bind /dev "$0/dev"
            cp /etc/resolv.conf "$0/etc/resolv.conf"
            chroot "$0" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
                apt-get -q -y install --no-install-recommends "$@"
            chroot "$0" apt-get clean
            mkdir -p "$0/node" "$0/var/lib/updraft"
        ' "$root" "$@" >>"$log" 2>&1; then
            tail -n 20 "$log" >&2
            fail "$* could not be installed in $root; the whole output is in $log"
        fi
        as_root touch "$root/.complete"
    fi
    exec 8>&-
    printf '%s\n' "$root"
}

need_swift() {
    command -v swift >/dev/null ||
        fail "no 'swift' on the PATH. Install Swift 6.2 or newer: https://www.swift.org/install/linux"
}
