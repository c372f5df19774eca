// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// Direct convolution in groups of <% group %> channels, <% macs %> multiply-accumulates. For <% first_op %>:
//   input    <% input_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
//   input    (16 channels, x, y, block of channels, n)
//   weights  (output channel, input channel of the group, kx, ky, block of channels): read sequentially
//   bias     (16 channels, block of channels)
//   output   as input
//
// A vector holds <% groups_per_block %> groups. Each group's i-th input channel is spread over its lanes by a shuffle,
// so that a tap takes <% group %> multiply-adds instead of 16.
#include "pipeline_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    // Schedule.
    GeneratorParam<int> tile_x{"tile_x", <% tile_x %>}; // pixels of a row accumulated in registers
<%#threads%>
    GeneratorParam<int> task_rows{"task_rows", <% task_rows %>}; // rows that a thread takes at a time
<%/threads%>

    Input<Buffer<float, 5>> input{"input"};
    Input<Buffer<float, 5>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(weights, {16, <% group %>, <% kernel %>, <% kernel %>, <% out_blocks %>});
        set_dense(bias, {<% bias %>});
        set_dense(output, {<% output %>});

        // Channel c of group g in a block is lane <% group %> g + c.
        taps = RDom(0, <% group %>, 0, <% kernel %>, 0, <% kernel %>, "taps");
        RVar ci = taps.x, kx = taps.y, ky = taps.z;
        Expr lane = c + <% group %> * g;
        Expr ix = x * <% stride %> + dx - <% pad_left %>;
        Expr iy = y * <% stride %> + dy - <% pad_top %>;
        pixel(c, g, x, y, dx, dy, o, n) = input(lane, unsafe_promise_clamped(ix, 0, <% in_w %> - 1),
                                                unsafe_promise_clamped(iy, 0, <% in_h %> - 1), o, n);
<%#padded%>
        // Taps on the padding are skipped, not multiplied by zero (see conv.cpp).
        ix = x * <% stride %> + kx - <% pad_left %>;
        iy = y * <% stride %> + ky - <% pad_top %>;
        taps.where(likely(ix >= 0) && likely(ix < <% in_w %>));
        taps.where(iy >= 0 && iy < <% in_h %>);
<%/padded%>

        sum(c, g, x, y, o, n) = bias(lane, o);
        sum(c, g, x, y, o, n) += pixel(ci, g, x, y, kx, ky, o, n) * weights(lane, ci, kx, ky, o);
        Expr result = sum(v % <% group %>, v / <% group %>, x, y, o, n);
<%#relu%>
        result = max(result, 0.0f);
<%/relu%>
        output(v, x, y, o, n) = result;
    }

    void schedule() {
        Var xo("xo"), xi("xi");
        Func whole = output;
        whole.split(x, xo, xi, tile_x, TailStrategy::GuardWithIf)
            .reorder(v, xi, xo, y, o, n)
            .vectorize(v)
            .unroll(xi);
<%#padded%>
        // Halide does not peel a loop over two tiles: it would test the predicates at every tap.
        if (tile_x < <% out_w %> && 2 * tile_x >= <% out_w %>) {
            whole.unroll(xo);
        }
<%/padded%>
<%#threads%>
        Var yo("yo"), yi("yi"), task("task");
        whole.split(y, yo, yi, task_rows, TailStrategy::GuardWithIf)
            .reorder(v, xi, xo, yi, yo, o, n)
            .fuse(o, n, task)
            .fuse(yo, task, task)
            .parallel(task);
<%/threads%>
        sum.compute_at(whole, xo).store_in(MemoryType::Register).vectorize(c).vectorize(g).unroll(x);
        sum.update()
            .reorder(c, g, taps.x, taps.y, x, taps.z)
            .vectorize(c)
            .vectorize(g)
            .unroll(x)
            .unroll(taps.x)
            .unroll(taps.y);
        // In a register of its own, so that LLVM makes shuffles of the accesses to its lanes. Unrolled, the
        // columns of the kernel share them.
        pixel.compute_at(sum, taps.y).store_in(MemoryType::Register).vectorize(c).vectorize(g);
    }

  private:
    Var v{"v"}, c{"c"}, g{"g"}, x{"x"}, y{"y"}, dx{"dx"}, dy{"dy"}, o{"o"}, n{"n"};
    RDom taps;
    Func pixel{"pixel"}, sum{"sum"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
