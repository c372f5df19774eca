#!/usr/bin/env bash
# Checks form: clang-format and clang-tidy 14 on the C++ sources, shellcheck on the scripts.
#
#     ./scripts/lint.sh              everything
#     ./scripts/lint.sh FILE...      these files only
#     ./scripts/lint.sh --fix        let clang-format rewrite the files first
#
# Needs Debian's clang-format, clang-tidy and shellcheck. Not part of test.sh: clang-tidy takes minutes.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

fix=false
files=()
for argument; do
    case $argument in
    -h | --help)
        sed -n '2,8s/^# \{0,1\}//p' "$0"
        exit
        ;;
    --fix) fix=true ;;
    *) files+=("$argument") ;;
    esac
done

for tool in clang-format clang-tidy shellcheck; do
    command -v "$tool" >/dev/null || {
        echo "lint.sh: error: $tool is missing: apt-get install clang-format clang-tidy shellcheck" >&2
        exit 1
    }
done

if ((${#files[@]} == 0)); then
    mapfile -t files < <(find generator runtime tests scripts .ci -type f \
        \( -name '*.cpp' -o -name '*.h' -o -name '*.c' -o -name '*.sh' -o -path .ci/run \) | sort)
fi
sources=() units=() shell=()
for file in "${files[@]}"; do
    case $file in
    *.cpp)
        sources+=("$file")
        units+=("$file")
        ;;
    *.h | *.c) sources+=("$file") ;;
    *) shell+=("$file") ;;
    esac
done

status=0
if ((${#shell[@]})); then
    shellcheck "${shell[@]}" || status=1
fi
if ((${#sources[@]})); then
    if $fix; then
        clang-format -i "${sources[@]}"
    fi
    clang-format --dry-run -Werror "${sources[@]}" || status=1
fi
if ((${#units[@]})); then
    # A folder of its own: clang cannot read g++'s precompiled header.
    ./scripts/setup.sh
    PATH=$root/build/venv/bin:$PATH cmake --preset lint >build/lint.log || {
        cat build/lint.log >&2
        exit 1
    }
    # The one generated header that sources include.
    PATH=$root/build/venv/bin:$PATH cmake --build build/lint --target resnetc_onnx_messages \
        >build/lint.log || {
        cat build/lint.log >&2
        exit 1
    }
    # Only files that are compiled here have compile commands; templates of other builds have none.
    mapfile -t units < <(for unit in "${units[@]}"; do
        ! grep -qF "\"file\": \"$root/$unit\"" build/lint/compile_commands.json || echo "$unit"
    done)
    printf '%s\n' "${units[@]}" |
        xargs -r -n 1 -P "$(nproc)" clang-tidy --quiet -p build/lint 2>/dev/null || status=1
fi
exit $status
