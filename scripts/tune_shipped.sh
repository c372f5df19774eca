#!/usr/bin/env bash
# Tunes the schedules that ship with resnetc: specs/schedules/TARGET.yaml, for the networks that most
# people run. To be run on a quiet machine of that kind; goes on where an earlier run stopped.
#
#     scripts/tune_shipped.sh zen4            15 minutes
#     scripts/tune_shipped.sh zen4 60m
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

case ${1:-} in
'' | -h | --help)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
    exit
    ;;
esac
target=$1
budget=${2:-15m}

./scripts/build.sh resnetc
mkdir -p specs/schedules
build/resnetc tune specs/models/{resnet18,resnet50,resnet34,resnet20}.yaml \
    --target "$target" --budget "$budget" --db "specs/schedules/$target.yaml"
./scripts/build.sh resnetc # the file is part of it
