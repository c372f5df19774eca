// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// Direct convolution, <% macs %> multiply-accumulates. For <% first_op %>:
//   input    <% input_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
//   input    (16 channels, x, y, block of channels, n)<%#flat%>; the rows of the map as one long row<%/flat%>
//   weights  (output channel, output block of the tile, input channel, input block, kx, ky, tile):
//            exactly the order in which the loops read them, one sequential stream
//   bias     (16 channels, block of channels)
//   output   as input<%#residual%>; holds the residual on entry<%/residual%>
#include "pipeline_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    // Schedule. tile_o divides <% bundle_blocks %>, unroll_ci divides 16.
    GeneratorParam<int> tile_x{"tile_x", <% tile_x %>};       // pixels of a row accumulated in registers
    GeneratorParam<int> tile_o{"tile_o", <% tile_o %>};       // blocks of 16 output channels, likewise
    GeneratorParam<int> unroll_ci{"unroll_ci", <% unroll_ci %>}; // input channels per iteration
    GeneratorParam<int> prefetch{"prefetch", <% prefetch %>};   // cache lines of the next weights that an iteration asks for
    GeneratorParam<int> block_rows{"block_rows", <% block_rows %>}; // <%#flat%>tiles<%/flat%><%^flat%>rows<%/flat%> for which all output channels are computed before the next; 0: all
<%#threads%>
<%^flat%>
    GeneratorParam<int> task_rows{"task_rows", <% task_rows %>}; // rows that a thread takes at a time
<%/flat%>
<%#flat%>
    GeneratorParam<int> task_rows{"task_rows", <% task_rows %>}; // tiles that a thread takes at a time
<%/flat%>
<%/threads%>

    Input<Buffer<float, 5>> input{"input"};
    Input<Buffer<float, 7>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(weights, {16, tile_o, 16, <% in_blocks %>, <% kernel %>, <% kernel %>, <% out_blocks %> / tile_o});
        set_dense(bias, {<% bias %>});
        set_dense(output, {<% output %>});

        taps = RDom(0, 16, 0, <% in_blocks %>, 0, <% kernel %>, 0, <% kernel %>, "taps");
        RVar ci = taps[0], cb = taps[1], kx = taps[2], ky = taps[3];
<%#padded%>
        Expr ix = x * <% stride %> + kx - <% pad_left %>;
        Expr iy = y * <% stride %> + ky - <% pad_top %>;
        // Taps on the padding are skipped, not multiplied by zero. `likely` makes Halide peel the first
        // and the last tile of a row, so that the predicate on ix costs nothing; the one on iy only
        // trims the loop over ky. The promises tell bounds inference what the predicates guarantee.
        taps.where(likely(ix >= 0) && likely(ix < <% in_w %>));
        taps.where(iy >= 0 && iy < <% in_h %>);
        ix = unsafe_promise_clamped(ix, 0, <% in_w %> - 1);
        iy = unsafe_promise_clamped(iy, 0, <% in_h %> - 1);
<%/padded%>
<%^padded%>
        Expr ix = x * <% stride %> + kx;
        Expr iy = y * <% stride %> + ky;
<%/padded%>

<%#bundles%>
        // Groups, bundled to whole blocks: <% bundle_blocks %> of the output read <% in_blocks %> of the input.
        Expr block = cb + (o / tile_o) / (<% bundle_blocks %> / tile_o) * <% in_blocks %>;
<%/bundles%>
<%#residual%>
        // Before a tile is computed, the residual's lines that will be added to it are asked for.
        Expr line = x + <% out_w %> * (y + <% out_h %> * (o + <% out_blocks %> * n));
        sum(v, x, y, o, n) = bias(v, o) + prefetch_line(Func(output).output_buffer().parameter(), line * 16);
<%/residual%>
<%^residual%>
        sum(v, x, y, o, n) = bias(v, o);
<%/residual%>
        Expr products =
            input(ci, ix, iy, <%#bundles%>block<%/bundles%><%^bundles%>cb<%/bundles%>, n) * weights(v, o % tile_o, ci, cb, kx, ky, o / tile_o);
        if (prefetch > 0) {
            products += ask_for_next_weights();
        }
        sum(v, x, y, o, n) += products;
        Expr result = sum(v, x, y, o, n);
<%#residual%>
        // The residual lies in the output buffer already: an update of what is there.
        output(v, x, y, o, n) = undef<float>();
        result += output(v, x, y, o, n);
<%/residual%>
<%#relu%>
        result = max(result, 0.0f);
<%/relu%>
        output(v, x, y, o, n) = result;
    }

    void schedule() {
        Var oo("oo"), oi("oi"), xo("xo"), xi("xi");
        Func whole = output;
<%#residual%>
        Stage tiles = whole.update();
<%/residual%>
<%^residual%>
        Stage tiles(whole);
<%/residual%>
        // GuardWithIf: no pixel may be computed twice, a residual would be added twice.
        tiles.split(o, oo, oi, tile_o)
            .split(x, xo, xi, tile_x, TailStrategy::GuardWithIf)
            .reorder(v, oi, xi, xo, y, n, oo)
            .vectorize(v)
            .unroll(oi)
            .unroll(xi);
<%#padded%>
        // Halide does not peel a loop over two tiles: it would test the predicates at every tap.
        if (tile_x < <% out_w %> && 2 * tile_x >= <% out_w %>) {
            tiles.unroll(xo);
        }
<%/padded%>
        // All output channels of some rows before the next rows: what these read stays in the cache.
        Var rows = <%#flat%>xo<%/flat%><%^flat%>y<%/flat%>, block("block");
        if (block_rows > 0) {
            tiles.split(rows, block, rows, block_rows, TailStrategy::GuardWithIf)
                .reorder(v, oi, xi, xo, y, oo, block, n);
        }
<%#threads%>
        // Tasks in the same order, so that neighbours share the weights, or in a block its rows.
        Var part("part"), task("task");
        tiles.split(rows, part, rows, task_rows, TailStrategy::GuardWithIf);
        if (block_rows > 0) {
            tiles.reorder(v, oi, xi, xo, y, part, oo, block, n).fuse(oo, block, task).fuse(task, n, task);
        } else {
            tiles.reorder(v, oi, xi, xo, y, part, n, oo).fuse(n, oo, task);
        }
        tiles.fuse(part, task, task).parallel(task);
<%/threads%>
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
        const int panel = <% kernel %> * <% kernel %> * <% in_blocks %> * 16 * tile_o;
        const int tiles_per_row = (<% out_w %> + tile_x - 1) / tile_x;
        Expr tile = x / tile_x + tiles_per_row * (y + <% out_h %> * n);
        Expr begin = (((ky * <% kernel %> + kx) * <% in_blocks %> + cb) * 16 + ci) * tile_o;
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

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
