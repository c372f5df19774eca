// The convenience entry of resnet20: linked weights, one static arena.
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
#include "resnet20.h"

static _Alignas(RESNET20_ALIGNMENT) unsigned char arena[RESNET20_ARENA_BYTES];

int resnet20_classify(const uint8_t* nhwc, float* logits) {
    return resnet20_run(resnet20_weights, nhwc, logits, arena);
}

int resnet20_classify_f32(const float* nchw, float* logits) {
    return resnet20_run_f32(resnet20_weights, nchw, logits, arena);
}
