#!/usr/bin/env bash
# Sets up, builds the compiler, compiles the demo network into a static program and classifies a
# photograph with it: ./scripts/demo.sh [PICTURE...], by default a CC0 photograph of a cat. Where the
# external test data is (CMake: RESNETC_DATA_DIR), it does the same with ResNet-18 and an ImageNet JPEG.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pictures=()
for picture; do
    pictures+=("$(realpath -m -- "$picture")")
done
cd "$root"

case ${1:-} in
-h | --help)
    sed -n '2,4s/^# //p' "$0"
    exit
    ;;
esac

# Shows a command as the user would type it, and runs it.
run() {
    printf '\n$'
    printf ' %q' "$@"
    printf '\n'
    "$@"
}

photo=build/demo/chelsea_the_cat.png

./scripts/build.sh resnetc
if ((${#pictures[@]} == 0)); then
    ./scripts/demo_photo.sh "$photo"
    pictures=("$photo")
fi

printf '\nThe demo network, a CIFAR-10 ResNet-20, from its spec and weights to a static program:\n'
run build/resnetc build specs/models/resnet20.yaml \
    --weights specs/weights/resnet20_demo.safetensors -o build/demo/resnet20
run build/demo/resnet20/resnet20 "${pictures[@]}"

data=$(sed -n 's/^RESNETC_DATA_DIR:PATH=//p' build/CMakeCache.txt)
weights=$data/imagenet/resnet18_pqf/resnet18.safetensors
if [[ -f $weights ]]; then
    printf '\nResNet-18 for ImageNet, with the weights of the test data:\n'
    run build/resnetc build specs/models/resnet18.yaml --weights "$weights" -o build/demo/resnet18
    run build/demo/resnet18/resnet18 "$data/imagenet/images/n03662601_lifeboat.JPEG"
fi
