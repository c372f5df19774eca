// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// Packing of the picture and direct convolution of it, <% macs %> multiply-accumulates:
//   packed   <% packed_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
<%#u8%>
//   input      pixels, (channel, x, y, n)
//   normalise  (16 * channels, 2): the channels' factors 16 times over, then their shifts, so that 16
//              pixels are <% in_channels %> whole vectors
<%/u8%>
<%#f32%>
//   input      normalised floats, (x, y, channel, n)
<%/f32%>
//   weights    (output channel, output block of the tile, channel, kx, ky, tile): read sequentially
//   bias       (16 channels, block of channels)
//   packed     normalised floats, channels interleaved, zero columns beside the picture: an output, so
//              that it lies in the planned arena
//   output     (16 channels, x, y, block of channels, n)
#include "pipeline_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    // Schedule. tile_o divides <% out_blocks %>.
    GeneratorParam<int> tile_x{"tile_x", <% tile_x %>}; // pixels of a row accumulated in registers
    GeneratorParam<int> tile_o{"tile_o", <% tile_o %>}; // blocks of 16 output channels, likewise
<%#threads%>
    GeneratorParam<int> task_rows{"task_rows", <% task_rows %>}; // rows that a thread takes at a time
<%/threads%>

<%#u8%>
    Input<Buffer<uint8_t, 4>> input{"input"};
    Input<Buffer<float, 2>> normalise{"normalise"};
<%/u8%>
<%#f32%>
    Input<Buffer<float, 4>> input{"input"};
<%/f32%>
    Input<Buffer<float, 6>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
    Output<Buffer<float, 3>> packed{"packed"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        // The picture is the user's: it has no alignment but that of its elements.
<%#u8%>
        set_dense(input, {<% input %>}, 1);
        set_dense(normalise, {<% normalise %>});
<%/u8%>
<%#f32%>
        set_dense(input, {<% input %>}, 4);
<%/f32%>
        set_dense(weights, {16, tile_o, <% in_channels %>, <% kernel %>, <% kernel %>, <% out_blocks %> / tile_o});
        set_dense(bias, {<% bias %>});
        set_dense(packed, {<% packed %>});
        set_dense(output, {<% output %>});

        packed(i, y, n) = undef<float>();
<%#u8%>
        picture = RDom(0, <% row %>, "picture");
        Expr value = cast<float>(input(picture % <% in_channels %>, picture / <% in_channels %>, y, n));
        Expr lane = picture % (16 * <% in_channels %>);
        packed(<% left %> + picture, y, n) = value * normalise(lane, 0) + normalise(lane, 1);
<%/u8%>
<%#f32%>
        picture = RDom(0, <% in_channels %>, 0, <% in_w %>, "picture");
        packed(<% left %> + picture.x + <% in_channels %> * picture.y, y, n) = input(picture.y, y, picture.x, n);
<%/f32%>
<%#margins%>
        RDom <% side %>(<% begin %>, <% length %>, "<% side %>");
        packed(<% side %>, y, n) = 0.0f;
<%/margins%>

        taps = RDom(0, <% in_channels %>, 0, <% kernel %>, 0, <% kernel %>, "taps");
        Expr iy = y * <% stride %> + taps.z - <% pad_top %>;
        // Rows of padding are skipped; columns of padding are zeros in `packed`.
        taps.where(iy >= 0 && iy < <% in_h %>);
        iy = unsafe_promise_clamped(iy, 0, <% in_h %> - 1);
        sum(v, x, y, o, n) = bias(v, o);
        sum(v, x, y, o, n) += packed(taps.x + <% in_channels %> * (x * <% stride %> + taps.y), iy, n) *
                              weights(v, o % tile_o, taps.x, taps.y, taps.z, o / tile_o);
<%#relu%>
        output(v, x, y, o, n) = max(sum(v, x, y, o, n), 0.0f);
<%/relu%>
<%^relu%>
        output(v, x, y, o, n) = sum(v, x, y, o, n);
<%/relu%>
    }

    void schedule() {
        RVar outer("outer"), inner("inner");
        Func image = packed;
        image.compute_root();
        image.update()
<%#u8%>
            .split(picture, outer, inner, 16 * <% in_channels %>, TailStrategy::GuardWithIf)
            .reorder(inner, outer, y, n)
            .vectorize(inner, 16)
            .unroll(inner);
<%/u8%>
<%#f32%>
            .split(picture.y, outer, inner, 16, TailStrategy::GuardWithIf)
            .reorder(picture.x, inner, outer, y, n)
            .allow_race_conditions() // there are none, which Halide cannot see in the address
            .unroll(picture.x)
            .vectorize(inner);
<%/f32%>
<%#margins%>
        image.update(<% update %>).unscheduled();
<%/margins%>
<%#threads%>
        // A row is packed in a tenth of a microsecond.
        Var yo("yo"), yi("yi"), task("task");
        image.update()
            .split(y, yo, yi, 16, TailStrategy::GuardWithIf)
            .fuse(yo, n, task)
            .parallel(task);
<%/threads%>

        Var oo("oo"), oi("oi"), xo("xo"), xi("xi");
        Func whole = output;
        whole.split(o, oo, oi, tile_o)
            .split(x, xo, xi, tile_x, TailStrategy::GuardWithIf)
            .reorder(v, oi, xi, xo, y, n, oo)
            .vectorize(v)
            .unroll(oi)
            .unroll(xi);
<%#threads%>
        whole.split(y, yo, yi, task_rows, TailStrategy::GuardWithIf)
            .reorder(v, oi, xi, xo, yi, yo, n, oo)
            .fuse(n, oo, task)
            .fuse(yo, task, task)
            .parallel(task);
<%/threads%>
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

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
