#!/usr/bin/env bash
# Sets up, configures and builds: scripts/build.sh [TARGET...], by default everything. The compiler
# comes out as build/resnetc. Called by demo.sh and test.sh.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

case ${1:-} in
-h | --help)
    echo "usage: scripts/build.sh [TARGET...]   for instance: scripts/build.sh resnetc"
    exit
    ;;
esac

./scripts/setup.sh
export PATH=$root/build/venv/bin:$PATH

# Configures once; later builds do it themselves when a CMakeLists.txt changed. A folder that was moved
# or copied keeps paths of its old place, and is configured anew.
cache=build/CMakeCache.txt
if [[ ! -f build/build.ninja ]] || ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
    echo "Configuring build/ (log: build/configure.log)"
    cmake --preset default --fresh >build/configure.log 2>&1 || {
        cat build/configure.log >&2
        exit 1
    }
fi

targets=()
if (($#)); then
    targets=(--target "$@")
fi
ninja_options=()
if [[ ! -t 1 ]]; then # a log is better off without a line for every file
    ninja_options=(-- --quiet)
fi
cmake --build build --parallel "$(nproc)" "${targets[@]}" "${ninja_options[@]}"
