#!/usr/bin/env bash
# Fuzzes the readers with libFuzzer under the address and undefined behaviour sanitizers:
#
#     ./scripts/fuzz.sh 30               30 minutes for each reader, one after the other
#     ./scripts/fuzz.sh 30 spec onnx     these readers only
#     ./scripts/fuzz.sh --seconds 10     a short run
#
# Readers: spec safetensors torch npz npy onnx pictures program_npy. Each begins with the files of
# tests/errors and specs, and keeps what it learns in build/fuzz/corpus/READER for the next run.
# Prints for each: executions, edges covered of those in the program, inputs kept, findings. A finding
# (crash, hang, too much memory) is a file in build/fuzz/findings/READER; build/fuzz/fuzz_READER FILE
# shows it again. Exit status: 0 none, 1 findings, 77 Clang or its libFuzzer is not installed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

all=(spec safetensors torch npz npy onnx pictures program_npy)
fuzz=$root/build/fuzz

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
}

fail() {
    echo "fuzz.sh: error: $1" >&2
    exit 2
}

# Sets `seconds` and `readers`.
parse_arguments() {
    local known reader
    case ${1:-} in
    -h | --help)
        usage
        exit
        ;;
    --seconds)
        [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail "--seconds is '${2:-}', expected a positive number"
        seconds=$2
        shift 2
        ;;
    *)
        [[ ${1:-} =~ ^[1-9][0-9]*$ ]] || fail "expected the minutes for each reader (--help)"
        seconds=$(($1 * 60))
        shift
        ;;
    esac
    readers=("$@")
    ((${#readers[@]})) || readers=("${all[@]}")
    for reader in "${readers[@]}"; do
        known=" ${all[*]} "
        [[ $known == *" $reader "* ]] || fail "unknown reader '$reader', expected one of: ${all[*]}"
    done
}

# Whether clang++ is there with a libFuzzer that links.
have_libfuzzer() {
    command -v clang clang++ >/dev/null &&
        echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
        clang++ -x c++ -fsanitize=fuzzer,address - -o "$1" 2>/dev/null
}

build() {
    ./scripts/setup.sh
    export PATH=$root/build/venv/bin:$PATH
    local log=$fuzz/build.log
    mkdir -p "$fuzz"
    { cmake --preset fuzz && cmake --build "$fuzz" --target fuzzers; } >"$log" 2>&1 || {
        cat "$log" >&2
        exit 2
    }
    "$fuzz/write_seeds" "$fuzz/seeds/pictures" "$fuzz/seeds/npy"
}

# Folders with files that a reader begins with, beside its own corpus.
seeds_of() {
    case $1 in
    spec) echo specs/models tests/errors/specs ;;
    npy | program_npy) echo "build/fuzz/seeds/npy tests/errors/npy" ;;
    pictures) echo "build/fuzz/seeds/pictures tests/errors/images" ;;
    *) echo "tests/errors/$1" ;;
    esac
}

# The number after `name` in the last line of a log that has one; 0 if there is none.
number_in() {
    local found
    found=$(grep -oE "$1 *[0-9]+" "$2" | tail -n 1 | grep -oE '[0-9]+$') || found=0
    echo "$found"
}

# Runs a reader; returns whether nothing was found.
fuzz_reader() {
    local reader=$1 corpus=$fuzz/corpus/$1 findings=$fuzz/findings/$1 log=$fuzz/$1.log
    local dictionary=tests/fuzz/dictionaries/$reader.dict
    local folder seeds=() status=0 megabytes=64
    case $reader in
    npz | program_npy) dictionary=tests/fuzz/dictionaries/npy.dict ;;
    pictures) megabytes=1200 ;; # a picture of 179 million pixels is accepted, and 3 bytes are one
    esac
    rm -rf "$findings"
    mkdir -p "$corpus" "$findings"
    for folder in $(seeds_of "$reader"); do
        [[ ! -d $folder ]] || seeds+=("$folder")
    done
    "$fuzz/fuzz_$reader" "$corpus" "${seeds[@]}" -max_total_time="$seconds" -max_len=16384 \
        -timeout=20 -malloc_limit_mb="$megabytes" -rss_limit_mb=3000 -print_final_stats=1 \
        -dict="$dictionary" -artifact_prefix="$findings/" >"$log" 2>&1 || status=$?
    local found
    found=$(find "$findings" -type f ! -name 'slow-unit-*' | wc -l)
    if ((status != 0 && found == 0)); then
        found=1 # it ended before it could keep the input: the log says why
    fi
    printf '%-12s %12s %8s of %-8s %8s %9s\n' "$reader" \
        "$(number_in 'number_of_executed_units:' "$log")" "$(number_in 'cov:' "$log")" \
        "$(grep -oE '[0-9]+ inline 8-bit counters' "$log" | head -n 1 | grep -oE '^[0-9]+' || echo '?')" \
        "$(find "$corpus" -type f | wc -l)" "$found"
    if ((found)); then
        grep -m 1 -A 12 -E 'ERROR|runtime error|SUMMARY' "$log" || tail -n 5 "$log"
        echo "log: ${log#"$root/"}, inputs: ${findings#"$root/"}"
        return 1
    fi
}

parse_arguments "$@"
probe=$(mktemp)
trap 'rm -f "$probe"' EXIT
have_libfuzzer "$probe" || {
    echo "SKIPPED: clang++ with libFuzzer is not installed (Debian: clang libclang-rt-14-dev)"
    exit 77
}
build
echo "$seconds seconds for each reader"
printf '%-12s %12s %20s %8s %9s\n' reader executions "edges covered" inputs findings
status=0
for reader in "${readers[@]}"; do
    fuzz_reader "$reader" || status=1
done
exit $status
