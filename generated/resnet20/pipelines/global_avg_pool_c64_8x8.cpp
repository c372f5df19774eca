// global_avg_pool_c64_8x8: (1,64,8,8) -> (1,64,1,1)
//
// resnet20.yaml: avgpool
// The mean over all pixels of each channel. For avgpool:
//   input    arena [16384, 32768)
//   output   arena [0, 256)
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
//
//   input    (16 channels, pixel, block of channels, n)
//   output   (16 channels, block of channels, n)
#include "pipeline_support.h"

namespace {

using namespace Halide;

class global_avg_pool_c64_8x8 : public Generator<global_avg_pool_c64_8x8> {
  public:
    Input<Buffer<float, 4>> input{"input"};
    Output<Buffer<float, 3>> output{"output"};

    void generate() {
        set_dense(input, {16, 64, 4, 1});
        set_dense(output, {16, 4, 1});

        pixel = RDom(0, 64, "pixel");
        sum(v, o, n) = 0.0f;
        sum(v, o, n) += input(v, pixel, o, n);
        // Strict: LLVM would multiply by the rounded reciprocal, which is not always the nearest.
        output(v, o, n) = strict_float(sum(v, o, n) / 64.0f);
    }

    void schedule() {
        // Four blocks side by side hide the latency of the additions.
        Var oo("oo"), oi("oi");
        Func whole = output;
        whole.split(o, oo, oi, 4, TailStrategy::GuardWithIf).vectorize(v).unroll(oi);
        Var ot("ot"), task("task");
        whole.split(oo, ot, oo, (4 + 3) / 4, TailStrategy::GuardWithIf)
            .fuse(ot, n, task)
            .parallel(task);
        sum.compute_at(whole, oo).store_in(MemoryType::Register).vectorize(v).unroll(o);
        sum.update().reorder(v, o, pixel).vectorize(v).unroll(o);
    }

  private:
    Var v{"v"}, o{"o"}, n{"n"};
    RDom pixel;
    Func sum{"sum"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(global_avg_pool_c64_8x8, global_avg_pool_c64_8x8)
