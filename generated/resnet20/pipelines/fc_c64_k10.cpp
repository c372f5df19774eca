// fc_c64_k10: (1,64,1,1) -> (1,10,1,1)
//
// resnet20.yaml: fc
// Fully connected layer, 640 multiply-accumulates. For fc:
//   input    arena [0, 256)
//   output   arena [256, 320)
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
//
//   input    (16 channels, block of channels, n)
//   weights  (class, block of the tile, channel, block of channels, tile): read sequentially
//   bias     (16 classes, block of classes)
//   output   (16 classes, block of classes, n), the last block padded
//
// With one picture every weight is used once: bandwidth is the limit, and the tile only has to be wide
// enough to hide the latency of the additions.
#include "pipeline_support.h"

namespace {

using namespace Halide;

class fc_c64_k10 : public Generator<fc_c64_k10> {
  public:
    // Schedule. tile_o divides 1, unroll_ci divides 16.
    GeneratorParam<int> tile_n{"tile_n", 1};       // pictures that share a load of the weights
    GeneratorParam<int> tile_o{"tile_o", 1};       // blocks of 16 classes
    GeneratorParam<int> unroll_ci{"unroll_ci", 4}; // input channels per iteration

    Input<Buffer<float, 3>> input{"input"};
    Input<Buffer<float, 5>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
    Output<Buffer<float, 3>> output{"output"};

    void generate() {
        set_dense(input, {16, 4, 1});
        set_dense(weights, {16, tile_o, 16, 4, 1 / tile_o});
        set_dense(bias, {16, 1});
        set_dense(output, {16, 1, 1});

        features = RDom(0, 16, 0, 4, "features");
        sum(v, o, n) = bias(v, o);
        sum(v, o, n) += input(features.x, features.y, n) *
                        weights(v, o % tile_o, features.x, features.y, o / tile_o);
        output(v, o, n) = sum(v, o, n);
    }

    void schedule() {
        Var oo("oo"), oi("oi"), no("no"), ni("ni");
        RVar cio("cio"), cii("cii");
        Func whole = output;
        whole.split(o, oo, oi, tile_o)
            .split(n, no, ni, tile_n, TailStrategy::GuardWithIf)
            .reorder(v, oi, ni, no, oo)
            .vectorize(v)
            .unroll(oi)
            .unroll(ni);
        // A task is a tile's classes for all pictures: every weight is read by one thread.
        whole.parallel(oo);
        sum.compute_at(whole, no).store_in(MemoryType::Register).vectorize(v).unroll(o).unroll(n);
        sum.update()
            .split(features.x, cio, cii, unroll_ci)
            .reorder(v, o, n, cii, cio, features.y)
            .vectorize(v)
            .unroll(o)
            .unroll(n)
            .unroll(cii);
    }

  private:
    Var v{"v"}, o{"o"}, n{"n"};
    RDom features;
    Func sum{"sum"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(fc_c64_k10, fc_c64_k10)
