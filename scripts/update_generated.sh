#!/usr/bin/env bash
# Makes generated/ anew, after a change of templates/ or of the emitter. Needs build/resnetc.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec build/resnetc generate specs/models/resnet20.yaml \
    --weights specs/weights/resnet20_demo.safetensors --target x86-64-v4 -o generated/resnet20
