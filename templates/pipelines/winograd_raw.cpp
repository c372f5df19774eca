// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// Winograd convolution, tiles of <% tiles_text %>: <% multiplications %> multiplications for <% macs %>. The weights are
// transformed in registers: on so few tiles, reading transformed ones would take longer. For <% first_op %>:
//   input    <% input_place %>
//   scratch  <% scratch_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
//   input        (16 channels, x, y, block of channels, n)
//   weights      (output channel, tap, input channel, input block, output block): read sequentially
//   bias         (16 channels, block of channels)
<%#blocked%>
//   block        number of the call, 0 to <% last_block %>: which image it computes
<%/blocked%>
//   transformed  (16 channels, block of channels, x slot, y slot), B^T input B. A slot is a position of
//                one tile; the slots of the same position in several tiles are neighbours. An output, so that
//                it lies in the planned arena
//   output       as input<%#residual%>; holds the residual on entry<%/residual%>
#include "winograd_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    // Schedule. chunks divides <% in_blocks %>, unroll_ci divides 16.
    GeneratorParam<int> chunks{"chunks", <% chunks %>};       // parts of the input channels, one after the other
    GeneratorParam<int> unroll_ci{"unroll_ci", <% unroll_ci %>}; // input channels per iteration

    Input<Buffer<float, 5>> input{"input"};
    Input<Buffer<float, 5>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
<%#blocked%>
    Input<int> block{"block"};
<%/blocked%>
    Output<Buffer<float, 4>> transformed{"transformed"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(weights, {16, 9, 16, <% in_blocks %>, <% out_blocks %>});
        set_dense(bias, {<% bias %>});
        set_strided(transformed, {<% transformed %>}, {<% transformed_strides %>});
        set_dense(output, {<% output %>});
<%#blocked%>
        image = block;
<%/blocked%>

        transformed(v, c, s, z) = undef<float>();
        map(v, x, y, o) = undef<float>();
        for (Tile& tile : tiles) {
            transform_input(tile);
        }

        // U = G w G^T, column after column and then row k of it, right before its use.
        in_columns(v, kx, k, ci, c, o) = mux(k, multiply(weight_y, [&](int ky) { return weights(v, ky * 3 + kx, ci, c, o); }));
        in_rows(v, l, k, ci, c, o) = mux(l, multiply(weight_x, [&](int tap) { return in_columns(v, tap, k, ci, c, o); }));

        // The products of one chunk of input channels in registers, of all chunks on the stack.
        const int blocks = <% in_blocks %> / chunks;
        channels = RDom(0, 16, 0, blocks, "channels");
        Expr block_in = channels.y + chunk * blocks;
        Expr term = transformed(channels.x, block_in, s, z) *
                    in_rows(v, mux(s, position_x), mux(z, position_y), channels.x, block_in, o);
<%#prefetched%>
        // While one row of slots is computed, its share of the next chunk's weights is asked for.
        const int rows = (slots_y + <% slot_rows %> - 1) / <% slot_rows %>;
        const int lines = (9 + rows - 1) / rows; // a channel
        Expr row = z / <% slot_rows %>;
        for (int line = 0; line < lines; ++line) {
            Expr next = (((o * chunks + chunk + 1) * blocks + channels.y) * 16 + channels.x) * 9 + row * lines + line;
            term += select(s == 0 && z % <% slot_rows %> == 0 && row * lines + line < 9, prefetch(weights, next * 16), 0.0f);
        }
<%/prefetched%>
        sum(v, s, z, o, chunk) = 0.0f;
        sum(v, s, z, o, chunk) += term;
        products(v, s, z, o) = 0.0f;
        all = RDom(0, slots_x, 0, slots_y, 0, chunks, "all");
        products(v, all.x, all.y, o) += sum(v, all.x, all.y, o, all.z);

        for (Tile& tile : tiles) {
            transform_output(tile);
        }
        output(v, x, y, o, n) = undef<float>();
        pixels = RDom(0, <% out_w %>, 0, <% out_h %>, "pixels");
        Expr result = map(v, pixels.x, pixels.y, o) + bias(v, o);
<%#residual%>
        // The residual lies in the output buffer already.
        result += output(v, pixels.x, pixels.y, o, image);
<%/residual%>
        output(v, pixels.x, pixels.y, o, image) = <%#relu%>max(result, 0.0f)<%/relu%><%^relu%>result<%/relu%>;
    }

    void schedule() {
        // The columns of a tile are transformed, then its rows, both in registers.
        Func slots = transformed;
        slots.compute_root();
        for (size_t i = 0; i < tiles.size(); ++i) {
            RVar l = tiles[i].in.x, position = tiles[i].in.y;
            slots.update(static_cast<int>(i)).reorder({v, l, position, c}).vectorize(v).unroll(l).unroll(position);
            Func columns = tiles[i].in_columns;
            columns.compute_at(slots, c).store_in(MemoryType::Register).vectorize(v).unroll(k).unroll(x);
<%#threads%>
            slots.update(static_cast<int>(i)).parallel(c);
<%/threads%>
        }

        Func whole = output;
        whole.update().reorder({v, pixels.x, pixels.y, o}).vectorize(v).unroll(pixels.x);
<%#threads%>
        whole.update().parallel(o);
<%/threads%>
        map.compute_at(whole, o).store_in(MemoryType::Stack).vectorize(v);
        for (size_t i = 0; i < tiles.size(); ++i) {
            RVar px = tiles[i].out.x, py = tiles[i].out.y;
            map.update(static_cast<int>(i)).reorder({v, px, py, o}).vectorize(v).unroll(px).unroll(py);
            Func columns = tiles[i].out_columns, rows = tiles[i].out_rows;
            columns.compute_at(map, o).store_in(MemoryType::Register).vectorize(v).unroll(y).unroll(l);
            rows.compute_at(map, o).store_in(MemoryType::Register).vectorize(v).unroll(x).unroll(y);
        }

        // As many slots at once as registers hold: those of one row of positions, which share its weights.
        RVar zo("zo"), zi("zi"), cio("cio"), cii("cii");
        products.compute_at(whole, o).store_in(MemoryType::Stack).vectorize(v);
        products.update()
            .split(all.y, zo, zi, <% slot_rows %>, TailStrategy::GuardWithIf)
            .reorder({v, all.x, zi, zo, all.z, o})
            .vectorize(v)
            .unroll(all.x)
            .unroll(zi)
            .unroll(zo);
        sum.compute_at(products, zo).store_in(MemoryType::Register).vectorize(v).unroll(s).unroll(z);
        sum.update()
            .split(channels.x, cio, cii, unroll_ci)
            .reorder({v, s, z, cii, cio, channels.y})
            .vectorize(v)
            .unroll(s)
            .unroll(z)
            .unroll(cii);
        in_rows.compute_at(sum, cii).store_in(MemoryType::Register).vectorize(v).unroll(l).unroll(k);
        in_columns.compute_at(sum, cii).store_in(MemoryType::Register).vectorize(v).unroll(kx).unroll(k);
    }

  private:
    // Transforms on the points <% points_x %> along x and <% points_y %> along y. A narrower tile at
    // the edge uses the first of them.
<%#transforms%>
    const Transform <% transform %>{<% outputs %>,
        {<%#input_rows%><%^first%>, <%/first%>{<% row %>}<%/input_rows%>},
        {<%#output_rows%><%^first%>, <%/first%>{<% row %>}<%/output_rows%>}};
<%/transforms%>
    const Transform::Matrix weight_x = {<%#weight_rows_x%><%^first%>, <%/first%>{<% row %>}<%/weight_rows_x%>};
    const Transform::Matrix weight_y = {<%#weight_rows_y%><%^first%>, <%/first%>{<% row %>}<%/weight_rows_y%>};

    // The position of every slot of an axis.
    const std::vector<Expr> position_x = {<% slot_positions_x %>}, position_y = {<% slot_positions_y %>};
    const int slots_x = static_cast<int>(position_x.size()), slots_y = static_cast<int>(position_y.size());

    // A tile: its transforms, its place in the map, and the slots of its positions.
    struct Tile {
        const Transform &along_x, &along_y;
        int x, y;
        std::vector<Expr> slot_x, slot_y;
        RDom in, out;
        Func in_columns, out_columns, out_rows;
    };
    std::vector<Tile> tiles = {
<%#map_tiles%>
        {<% along_x %>, <% along_y %>, <% x %>, <% y %>, {<% slots_x %>}, {<% slots_y %>}},
<%/map_tiles%>
    };

    void transform_input(Tile& tile) {
        tile.in = RDom(0, tile.along_x.positions(), 0, tile.along_y.positions(), "in");
        Func padded = BoundaryConditions::constant_exterior(
            input, 0.0f, {{Expr(), Expr()}, {0, <% in_w %>}, {0, <% in_h %>}, {Expr(), Expr()}, {Expr(), Expr()}});
        tile.in_columns(v, k, x, c) = mux(k, multiply(tile.along_y.input, [&](int a) {
            return padded(v, tile.x + x - <% pad_left %>, tile.y + a - <% pad_top %>, c, image);
        }));
        transformed(v, c, mux(tile.in.x, tile.slot_x), mux(tile.in.y, tile.slot_y)) =
            mux(tile.in.x, multiply(tile.along_x.input, [&](int b) { return tile.in_columns(v, tile.in.y, b, c); }));
    }

    void transform_output(Tile& tile) {
        tile.out = RDom(0, tile.along_x.outputs, 0, tile.along_y.outputs, "out");
        tile.out_columns(v, y, l, o) = mux(y, multiply(tile.along_y.output, [&](int a) {
            return products(v, mux(l, tile.slot_x), tile.slot_y[a], o);
        }));
        tile.out_rows(v, x, y, o) = mux(x, multiply(tile.along_x.output, [&](int b) {
            return tile.out_columns(v, y, b, o);
        }));
        map(v, tile.x + tile.out.x, tile.y + tile.out.y, o) = tile.out_rows(v, tile.out.x, tile.out.y, o);
    }

    Var v{"v"}, c{"c"}, s{"s"}, z{"z"}, x{"x"}, y{"y"}, o{"o"}, n{"n"}, k{"k"}, l{"l"}, kx{"kx"}, ci{"ci"}, chunk{"chunk"};
    Expr image = 0;
    RDom channels, all, pixels;
    Func in_columns{"in_columns"}, in_rows{"in_rows"}, sum{"sum"}, products{"products"}, map{"map"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
