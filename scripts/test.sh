#!/usr/bin/env bash
# Sets up, builds and runs the tests, all but those labelled "slow". Arguments go to ctest:
#
#     ./scripts/test.sh                   what the CI runs
#     ./scripts/test.sh -R spec           the tests with "spec" in their name
#     ./scripts/test.sh --preset all      the slow ones, too
#
# Tests that need the external test data say "Skipped" where it is absent (tests/README.md).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

case ${1:-} in
-h | --help)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
    exit
    ;;
esac

preset=(--preset default)
for argument; do
    if [[ $argument == --preset* ]]; then
        preset=()
    fi
done

./scripts/build.sh
exec build/venv/bin/ctest "${preset[@]}" "$@"
