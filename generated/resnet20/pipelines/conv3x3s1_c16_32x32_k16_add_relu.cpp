// conv3x3s1_c16_32x32_k16_add_relu: (1,16,32,32) -> (1,16,32,32)
//
// resnet20.yaml:7: layer1.0.conv2, layer1.1.conv2, layer1.2.conv2
// Direct convolution, 2359296 multiply-accumulates. For layer1.0.conv2:
//   input    arena [65536, 131072)
//   output   arena [0, 65536)
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
//
//   input    (16 channels, x, y, block of channels, n)
//   weights  (output channel, output block of the tile, input channel, input block, kx, ky, tile):
//            exactly the order in which the loops read them, one sequential stream
//   bias     (16 channels, block of channels)
//   output   as input; holds the residual on entry
#include "pipeline_support.h"

namespace {

using namespace Halide;

class conv3x3s1_c16_32x32_k16_add_relu : public Generator<conv3x3s1_c16_32x32_k16_add_relu> {
  public:
    // Schedule. tile_o divides 1, unroll_ci divides 16.
    GeneratorParam<int> tile_x{"tile_x", 16};       // pixels of a row accumulated in registers
    GeneratorParam<int> tile_o{"tile_o", 1};       // blocks of 16 output channels, likewise
    GeneratorParam<int> unroll_ci{"unroll_ci", 4}; // input channels per iteration
    GeneratorParam<int> prefetch{"prefetch", 1};   // cache lines of the next weights that an iteration asks for
    GeneratorParam<int> task_rows{"task_rows", 1}; // rows that a thread takes at a time

    Input<Buffer<float, 5>> input{"input"};
    Input<Buffer<float, 7>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {16, 32, 32, 1, 1});
        set_dense(weights, {16, tile_o, 16, 1, 3, 3, 1 / tile_o});
        set_dense(bias, {16, 1});
        set_dense(output, {16, 32, 32, 1, 1});

        taps = RDom(0, 16, 0, 1, 0, 3, 0, 3, "taps");
        RVar ci = taps[0], cb = taps[1], kx = taps[2], ky = taps[3];
        Expr ix = x * 1 + kx - 1;
        Expr iy = y * 1 + ky - 1;
        // Taps on the padding are skipped, not multiplied by zero. `likely` makes Halide peel the first
        // and the last tile of a row, so that the predicate on ix costs nothing; the one on iy only
        // trims the loop over ky. The promises tell bounds inference what the predicates guarantee.
        taps.where(likely(ix >= 0) && likely(ix < 32));
        taps.where(iy >= 0 && iy < 32);
        ix = unsafe_promise_clamped(ix, 0, 32 - 1);
        iy = unsafe_promise_clamped(iy, 0, 32 - 1);

        sum(v, x, y, o, n) = bias(v, o);
        Expr products =
            input(ci, ix, iy, cb, n) * weights(v, o % tile_o, ci, cb, kx, ky, o / tile_o);
        if (prefetch > 0) {
            products += ask_for_next_weights();
        }
        sum(v, x, y, o, n) += products;
        Expr result = sum(v, x, y, o, n);
        // The residual lies in the output buffer already: an update of what is there.
        output(v, x, y, o, n) = undef<float>();
        result += output(v, x, y, o, n);
        result = max(result, 0.0f);
        output(v, x, y, o, n) = result;
    }

    void schedule() {
        Var oo("oo"), oi("oi"), xo("xo"), xi("xi");
        Func whole = output;
        Stage tiles = whole.update();
        // GuardWithIf: no pixel may be computed twice, a residual would be added twice.
        tiles.split(o, oo, oi, tile_o)
            .split(x, xo, xi, tile_x, TailStrategy::GuardWithIf)
            .reorder(v, oi, xi, xo, y, n, oo)
            .vectorize(v)
            .unroll(oi)
            .unroll(xi);
        // Halide does not peel a loop over two tiles: it would test the predicates at every tap.
        if (tile_x < 32 && 2 * tile_x >= 32) {
            tiles.unroll(xo);
        }
        // Tasks in the order of the weights, so that neighbours share them.
        Var task("task");
        Var yo("yo"), yi("yi");
        tiles.split(y, yo, yi, task_rows, TailStrategy::GuardWithIf)
            .reorder(v, oi, xi, xo, yi, yo, n, oo)
            .fuse(n, oo, task)
            .fuse(yo, task, task)
            .parallel(task);
        sum.compute_at(whole, xo).store_in(MemoryType::Register).vectorize(v).unroll(o).unroll(x);

        RVar ci = taps[0], cb = taps[1], kx = taps[2], ky = taps[3], cio("cio"), cii("cii");
        sum.update()
            .split(ci, cio, cii, unroll_ci)
            .reorder({v, o, x, cii, cio, cb, kx, ky})
            .vectorize(v)
            .unroll(o)
            .unroll(x)
            .unroll(cii)
            .unroll(kx);
    }

  private:
    // Zero. All tiles of the map read the same panel of weights, and only the first would wait for
    // memory. So each asks for a share of the panel that comes next: in every iteration for `prefetch`
    // of the lines that the same iteration will read then. Behind the last panel lie the weights of the
    // next op.
    Expr ask_for_next_weights() {
        RVar ci = taps[0], cb = taps[1], kx = taps[2], ky = taps[3];
        const int iteration = unroll_ci.value() * tile_o.value(); // lines
        const int panel = 3 * 3 * 1 * 16 * tile_o;
        const int tiles_per_row = (32 + tile_x - 1) / tile_x;
        Expr tile = x / tile_x + tiles_per_row * (y + 32 * n);
        Expr begin = (((ky * 3 + kx) * 1 + cb) * 16 + ci) * tile_o;
        Expr next = (o / tile_o + 1) * panel + begin;
        Expr ask = 0.0f;
        for (int i = 0; i < prefetch; ++i) {
            ask += prefetch_line(weights, (next + (tile * prefetch + i) % iteration) * 16);
        }
        // Once an iteration, with a pixel that lies in the middle, where no tap is skipped.
        return select(x % tile_x == tile_x / 2 && o % tile_o == 0 && ci % unroll_ci == 0, ask, 0.0f);
    }

    Var v{"v"}, x{"x"}, y{"y"}, o{"o"}, n{"n"};
    RDom taps;
    Func sum{"sum"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(conv3x3s1_c16_32x32_k16_add_relu, conv3x3s1_c16_32x32_k16_add_relu)
