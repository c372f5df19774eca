// stem3x3s1_c3_32x32_k16_relu_u8: (1,3,32,32) -> (1,16,32,32)
//
// resnet20.yaml: conv1
// Packing of the picture and direct convolution of it, 442368 multiply-accumulates:
//   packed   arena [65536, 78592)
//   output   arena [0, 65536)
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
//
//   input      pixels, (channel, x, y, n)
//   normalise  (16 * channels, 2): the channels' factors 16 times over, then their shifts, so that 16
//              pixels are 3 whole vectors
//   weights    (output channel, output block of the tile, channel, kx, ky, tile): read sequentially
//   bias       (16 channels, block of channels)
//   packed     normalised floats, channels interleaved, zero columns beside the picture: an output, so
//              that it lies in the planned arena
//   output     (16 channels, x, y, block of channels, n)
#include "pipeline_support.h"

namespace {

using namespace Halide;

class stem3x3s1_c3_32x32_k16_relu_u8 : public Generator<stem3x3s1_c3_32x32_k16_relu_u8> {
  public:
    // Schedule. tile_o divides 1.
    GeneratorParam<int> tile_x{"tile_x", 16}; // pixels of a row accumulated in registers
    GeneratorParam<int> tile_o{"tile_o", 1}; // blocks of 16 output channels, likewise
    GeneratorParam<int> task_rows{"task_rows", 5}; // rows that a thread takes at a time

    Input<Buffer<uint8_t, 4>> input{"input"};
    Input<Buffer<float, 2>> normalise{"normalise"};
    Input<Buffer<float, 6>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
    Output<Buffer<float, 3>> packed{"packed"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        // The picture is the user's: it has no alignment but that of its elements.
        set_dense(input, {3, 32, 32, 1}, 1);
        set_dense(normalise, {48, 2});
        set_dense(weights, {16, tile_o, 3, 3, 3, 1 / tile_o});
        set_dense(bias, {16, 1});
        set_dense(packed, {102, 32, 1});
        set_dense(output, {16, 32, 32, 1, 1});

        packed(i, y, n) = undef<float>();
        picture = RDom(0, 96, "picture");
        Expr value = cast<float>(input(picture % 3, picture / 3, y, n));
        Expr lane = picture % (16 * 3);
        packed(3 + picture, y, n) = value * normalise(lane, 0) + normalise(lane, 1);
        RDom left(0, 3, "left");
        packed(left, y, n) = 0.0f;
        RDom right(99, 3, "right");
        packed(right, y, n) = 0.0f;

        taps = RDom(0, 3, 0, 3, 0, 3, "taps");
        Expr iy = y * 1 + taps.z - 1;
        // Rows of padding are skipped; columns of padding are zeros in `packed`.
        taps.where(iy >= 0 && iy < 32);
        iy = unsafe_promise_clamped(iy, 0, 32 - 1);
        sum(v, x, y, o, n) = bias(v, o);
        sum(v, x, y, o, n) += packed(taps.x + 3 * (x * 1 + taps.y), iy, n) *
                              weights(v, o % tile_o, taps.x, taps.y, taps.z, o / tile_o);
        output(v, x, y, o, n) = max(sum(v, x, y, o, n), 0.0f);
    }

    void schedule() {
        RVar outer("outer"), inner("inner");
        Func image = packed;
        image.compute_root();
        image.update()
            .split(picture, outer, inner, 16 * 3, TailStrategy::GuardWithIf)
            .reorder(inner, outer, y, n)
            .vectorize(inner, 16)
            .unroll(inner);
        image.update(1).unscheduled();
        image.update(2).unscheduled();
        // A row is packed in a tenth of a microsecond.
        Var yo("yo"), yi("yi"), task("task");
        image.update()
            .split(y, yo, yi, 16, TailStrategy::GuardWithIf)
            .fuse(yo, n, task)
            .parallel(task);

        Var oo("oo"), oi("oi"), xo("xo"), xi("xi");
        Func whole = output;
        whole.split(o, oo, oi, tile_o)
            .split(x, xo, xi, tile_x, TailStrategy::GuardWithIf)
            .reorder(v, oi, xi, xo, y, n, oo)
            .vectorize(v)
            .unroll(oi)
            .unroll(xi);
        whole.split(y, yo, yi, task_rows, TailStrategy::GuardWithIf)
            .reorder(v, oi, xi, xo, yi, yo, n, oo)
            .fuse(n, oo, task)
            .fuse(yo, task, task)
            .parallel(task);
        sum.compute_at(whole, xo).store_in(MemoryType::Register).vectorize(v).unroll(o).unroll(x);
        sum.update()
            .reorder(v, o, x, taps.x, taps.y, taps.z)
            .vectorize(v)
            .unroll(o)
            .unroll(x)
            .unroll(taps.x);
    }

  private:
    Var v{"v"}, x{"x"}, y{"y"}, o{"o"}, n{"n"}, i{"i"};
    RDom picture, taps;
    Func sum{"sum"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(stem3x3s1_c3_32x32_k16_relu_u8, stem3x3s1_c3_32x32_k16_relu_u8)
