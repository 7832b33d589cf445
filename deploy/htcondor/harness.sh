# Shared by the measurements on a real pool, race and first-job; sourced, not run.
# shellcheck shell=bash

# shellcheck source=../lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

build=yes configuration=debug

# What the options --skip-build and --release come to; false for any other.
common_option() {
    case $1 in
        --skip-build) build='' ;;
        --release) configuration=release ;;
        *) return 1 ;;
    esac
}

usage() {
    sed -n '/^# usage/,/^$/s/^# \{0,1\}//p' "$0" >&2
    exit 64
}

# measure NAME ARGUMENT…: runs NAME.py with a pool and a broker of its own, which end with this script. Its exit status is
# the measurement's; logs stay in .cache/NAME/. `adapt_pool`, if there is one, is called when the pool is up.
measure() {
    local measurement=$1 products=$repository/.build/$configuration product python
    shift
    cd -- "$repository"
    need_swift
    if [[ -n $build ]]; then
        for product in updraft-worker updraft; do swift build --configuration "$configuration" --product "$product"; done
    fi
    [[ -x $products/updraft-worker && -x $products/updraft ]] ||
        fail "there is no $products/updraft-worker; run this without --skip-build."
    python=${UPDRAFT_TEST_PYTHON:-$("$deploy/test-python")}
    run=$cache/$measurement
    rm -rf "$run"
    mkdir -p "$run"
    name=$measurement-$$
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    "$deploy/htcondor/local-pool" --name "$name" up --classad-lifetime 60
    if declare -F adapt_pool >/dev/null; then adapt_pool; fi
    "$deploy/broker" start --name "$name"
    "$python" "$deploy/htcondor/$measurement.py" "$@" \
        --products "$products" --directory "$run" --local-pool "$deploy/htcondor/local-pool --name $name" \
        --pool-directory "$cache/pools/$name" --amqp "$("$deploy/broker" url --name "$name")"
}

# shellcheck disable=SC2317 # called by the trap
clean_up() {
    "$deploy/broker" remove --name "$name" || true
    "$deploy/htcondor/local-pool" --name "$name" down || true
}
