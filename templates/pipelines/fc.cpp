// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// Fully connected layer, <% macs %> multiply-accumulates. For <% first_op %>:
//   input    <% input_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
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

class <% name %> : public Generator<<% name %>> {
  public:
    // Schedule. tile_o divides <% out_blocks %>, unroll_ci divides 16.
    GeneratorParam<int> tile_n{"tile_n", <% tile_x %>};       // pictures that share a load of the weights
    GeneratorParam<int> tile_o{"tile_o", <% tile_o %>};       // blocks of 16 classes
    GeneratorParam<int> unroll_ci{"unroll_ci", <% unroll_ci %>}; // input channels per iteration

    Input<Buffer<float, 3>> input{"input"};
    Input<Buffer<float, 5>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
    Output<Buffer<float, 3>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(weights, {16, tile_o, 16, <% in_blocks %>, <% out_blocks %> / tile_o});
        set_dense(bias, {<% bias %>});
        set_dense(output, {<% output %>});

        features = RDom(0, 16, 0, <% in_blocks %>, "features");
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
<%#threads%>
        // A task is a tile's classes for all pictures: every weight is read by one thread.
        whole.parallel(oo);
<%/threads%>
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

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
