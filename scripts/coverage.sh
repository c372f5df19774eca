#!/usr/bin/env bash
# Line coverage of generator/ and runtime/ by the tests, with gcov and gcovr:
#
#     ./scripts/coverage.sh             build, run the default tests, print the table
#     ./scripts/coverage.sh --report    the table of the last run only
#
# Counted are all processes of the tests: the tests themselves, the resnetc that they run, and the
# program around fake models. The programs that resnetc compiles in the tests are the same sources,
# linked statically and without counters; what these alone would run is not counted. Fails where a
# test fails or fewer than 92 % of the lines have run. Line by line: build/coverage/report/index.html.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

least=92
coverage=$root/build/coverage
report_only=false

case ${1:-} in
-h | --help)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
    exit
    ;;
--report) report_only=true ;;
'') ;;
*)
    echo "coverage.sh: error: unknown argument '$1', expected none, --report or --help" >&2
    exit 2
    ;;
esac

status=0
if ! $report_only; then
    ./scripts/setup.sh
    export PATH=$root/build/venv/bin:$PATH
    mkdir -p "$coverage"
    { cmake --preset coverage && cmake --build "$coverage" --parallel "$(nproc)"; } \
        >"$coverage/build.log" 2>&1 || {
        cat "$coverage/build.log" >&2
        exit 1
    }
    find "$coverage" -name '*.gcda' -delete
    # gcov's complaints must stay out of what tests compare: those about files that cannot grow, and
    # those about files of another user, which are always printed, so that there must be none.
    "$coverage/resnetc" --help >/dev/null
    find "$coverage" -name '*.gcda' -exec chmod a+rw {} +
    GCOV_ERROR_FILE=/dev/null ctest --preset coverage || status=1
fi

command -v gcovr >/dev/null || {
    echo "coverage.sh: error: gcovr is missing: apt-get install gcovr" >&2
    exit 1
}

# runtime/steps_main.c is compiled into emitted folders only. Once with counters, by way of the flags
# that CMake takes from the environment; its lines get the path that they have in the repository.
steps=$coverage/steps
if ! $report_only; then
    rm -rf "$steps"
    CFLAGS=--coverage "$coverage/resnetc" verify specs/models/resnet20.yaml \
        --weights specs/weights/resnet20_demo.safetensors --keep "$steps" >"$coverage/steps.log" 2>&1 || {
        cat "$coverage/steps.log" >&2
        exit 1
    }
    gcovr --root "$steps/src" --filter "$steps/src/runtime/steps_main.c" --json \
        --output "$coverage/steps.json" "$steps/cmake"
fi

mkdir -p "$coverage/report"
gcovr --root . --json --output "$coverage/tests.json" --filter generator/ --filter runtime/ \
    --exclude-throw-branches "$coverage"
gcovr --root . --add-tracefile "$coverage/tests.json" --add-tracefile "$coverage/steps.json" \
    --filter generator/ --filter runtime/ --sort-uncovered --print-summary \
    --html-details "$coverage/report/index.html" --txt --fail-under-line "$least" || status=1
exit $status
