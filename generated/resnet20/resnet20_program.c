// resnet20 as the standalone program sees it.
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
#include "resnet20.h"
#include "resnetc_model.h"
#include "resnetc_threads.h"

static const char* const labels[] = {
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
};

static const char* start_threads(int threads, ResnetcParallel* parallel) {
    static ResnetcPool pool;
    const int status = resnetc_pool_start(&pool, threads);
    *parallel = resnetc_pool_parallel(&pool);
    return status ? resnetc_pool_status_string(status) : NULL;
}

const ResnetcModel resnetc_model = {
    .name = "resnet20",
    .tool_version = "0.1.0",
    .spec_sha256 = RESNET20_SPEC_SHA256,
    .weights_sha256 = RESNET20_WEIGHTS_SHA256,
    .plan_sha256 = "d6a4c67a5df804b7606861ceda24ef291b4651fe5c53cc8dddc92184589b7647",
    .target = "x86-64-v4",
    .batch = 1,
    .channels = 3,
    .height = 32,
    .width = 32,
    .classes = 10,
    .weights_bytes = RESNET20_WEIGHTS_BYTES,
    .arena_bytes = RESNET20_ARENA_BYTES,
    .arena_alignment = RESNET20_ALIGNMENT,
    .embedded_weights = resnet20_weights,
    .run_u8 = resnet20_run,
    .run_f32 = resnet20_run_f32,
    .run_u8_parallel = resnet20_run_parallel,
    .run_f32_parallel = resnet20_run_f32_parallel,
    .worker_bytes = RESNET20_WORKER_BYTES,
    .start_threads = start_threads,
    .status_string = resnet20_status_string,
    .resize_mode = RESNETC_RESIZE_SHORT_SIDE,
    .resize = 32,
    .colour_order = RESNETC_COLOUR_RGB,
    .labels = labels,
    .head_is_softmax = 0,
};
