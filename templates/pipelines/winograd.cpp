// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// Winograd convolution, tiles of <% tiles_text %>: <% multiplications %> multiplications for <% macs %>. For <% first_op %>:
//   input    <% input_place %>
//   scratch  <% scratch_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
//   input        (16 channels, x, y, block of channels, n)
//   weights      (output channel, output block of the panel, input channel, input block, panel, y position, x position):
//                transformed; exactly the order in which the loops read them, one sequential stream
//   bias         (16 channels, block of channels)
<%#blocked%>
//   block        number of the call, 0 to <% last_block %>: which tiles it computes
<%/blocked%>
//   transformed  (16 channels, tile, block of channels, y position, x position), B^T input B
//   products     likewise, weights * transformed
//   output       as input<%#residual%>; holds the residual on entry<%/residual%>
// The two in the middle are outputs so that they lie in the planned arena.
#include "winograd_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    // Schedule. tile_o divides <% out_blocks %>, unroll_ci divides 16.
    GeneratorParam<int> tile_x{"tile_x", <% tile_x %>};       // tiles accumulated in registers
    GeneratorParam<int> tile_o{"tile_o", <% tile_o %>};       // blocks of 16 output channels, likewise
    GeneratorParam<int> unroll_ci{"unroll_ci", <% unroll_ci %>}; // input channels per iteration

    Input<Buffer<float, 5>> input{"input"};
    Input<Buffer<float, 7>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
<%#blocked%>
    Input<int> block{"block"};
<%/blocked%>
    Output<Buffer<float, 5>> transformed{"transformed"};
    Output<Buffer<float, 5>> products{"products"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(weights, {16, tile_o, 16, <% in_blocks %>, <% out_blocks %> / tile_o, <% positions_y %>, <% positions_x %>});
        set_dense(bias, {<% bias %>});
        set_strided(transformed, {<% transformed %>}, {<% transformed_strides %>});
        set_strided(products, {<% products %>}, {<% products_strides %>});
        set_dense(output, {<% output %>});
<%#blocked%>
        first_row = block % <% row_blocks %> * <% tile_rows %>;
        first_image = block / <% row_blocks %> * <% images %>;
<%/blocked%>

        transformed(v, t, c, k, l) = undef<float>();
        products(v, t, o, k, l) = undef<float>();
        output(v, x, y, o, n) = undef<float>();
        for (Tiles& tiles : tiles_of_a_size) {
            transform_input(tiles);
        }
        for (Positions& positions : positions_of_the_same_tiles) {
            multiply_positions(positions);
        }
        for (Tiles& tiles : tiles_of_a_size) {
            transform_output(tiles);
        }
    }

    void schedule() {
        // The columns of a tile are transformed, then its rows, both in registers.
        Func whole = transformed;
        whole.compute_root();
        for (size_t i = 0; i < tiles_of_a_size.size(); ++i) {
            const Tiles& tiles = tiles_of_a_size[i];
            RVar l = tiles.in[0], k = tiles.in[1], column = tiles.in[2], row = tiles.in[3], image = tiles.in[4];
            whole.update(static_cast<int>(i)).reorder({v, l, k, column, row, image, c}).vectorize(v).unroll(l).unroll(k);
            // Variants for tiles at the border would be up to half of the pipeline's code, and no faster.
            whole.update(static_cast<int>(i)).partition(row, Partition::Never).partition(column, Partition::Never);
            Func columns = tiles.in_columns;
            columns.compute_at(whole, column).store_in(MemoryType::Register).vectorize(v).unroll(k_in).unroll(x);
<%#threads%>
            whole.update(static_cast<int>(i)).parallel(c);
<%/threads%>
        }

        // One product of matrices after the other, so that the weights are one stream.
        Func all = products;
        all.compute_root();
        for (size_t i = 0; i < positions_of_the_same_tiles.size(); ++i) {
            const Positions& positions = positions_of_the_same_tiles[i];
            const int step = even_step(positions.tiles, tile_x);
            RVar tile = positions.all[0], k = positions.all[1], l = positions.all[2], to("to"), ti("ti");
            RVar ci = positions.channels[0], cb = positions.channels[1], cio("cio"), cii("cii");
            Var oo("oo"), oi("oi");
            Stage panels = all.update(static_cast<int>(i));
            panels.split(tile, to, ti, step, TailStrategy::GuardWithIf)
                .split(o, oo, oi, tile_o)
                .reorder({v, oi, ti, to, oo, k, l})
                .vectorize(v)
                .unroll(oi)
                .unroll(ti);
            // Halide does not peel a loop over two steps: it would test for the end at every tile.
            if (step < positions.tiles && 2 * step >= positions.tiles) {
                panels.unroll(to);
            }
<%#threads%>
            // Tasks in the order of the weights. Each writes products of its own, which Halide cannot see.
            RVar task("task");
            panels.allow_race_conditions().fuse(oo, k, task).fuse(task, l, task).parallel(task);
<%/threads%>
            Func sum = positions.sum;
            sum.compute_at(all, to).store_in(MemoryType::Register).vectorize(v).unroll(o).unroll(t);
            sum.update()
                .split(ci, cio, cii, unroll_ci)
                .reorder({v, o, t, cii, cio, cb})
                .vectorize(v)
                .unroll(o)
                .unroll(t)
                .unroll(cii);
        }

        for (size_t i = 0; i < tiles_of_a_size.size(); ++i) {
            const Tiles& tiles = tiles_of_a_size[i];
            RVar j = tiles.out[0], i_out = tiles.out[1], column = tiles.out[2], row = tiles.out[3], image = tiles.out[4];
            Func(output).update(static_cast<int>(i)).reorder({v, j, i_out, column, row, image, o}).vectorize(v).unroll(j).unroll(i_out);
            Func columns = tiles.out_columns, rows = tiles.out_rows;
<%#threads%>
            Func(output).update(static_cast<int>(i)).parallel(o);
<%/threads%>
            columns.compute_at(output, column).store_in(MemoryType::Register).vectorize(v).unroll(y).unroll(l);
            rows.compute_at(output, column).store_in(MemoryType::Register).vectorize(v).unroll(x).unroll(y);
        }
    }

  private:
    // Transforms on the points <% points_x %> along x and <% points_y %> along y. A narrower tile at
    // the edge uses the first of them.
<%#transforms%>
    const Transform <% transform %>{<% outputs %>,
        {<%#input_rows%><%^first%>, <%/first%>{<% row %>}<%/input_rows%>},
        {<%#output_rows%><%^first%>, <%/first%>{<% row %>}<%/output_rows%>}};
<%/transforms%>

    // The tiles of one size: their transforms, their place in the map and in the order of tiles.
    struct Tiles {
        const Transform &along_x, &along_y;
        int first, columns, rows, x, y;
        RDom in, out;
        Func in_columns, out_columns, out_rows;
        // The number of a tile.
        Expr number(const Expr& column, const Expr& row, const Expr& image) const {
            return first + column + columns * (row + rows * image);
        }
    };
    std::vector<Tiles> tiles_of_a_size = {
<%#tile_classes%>
        {<% along_x %>, <% along_y %>, <% first_tile %>, <% columns %>, <% rows %>, <% x %>, <% y %>},
<%/tile_classes%>
    };

    // Positions in which the same tiles take part.
    struct Positions {
        int first_x, count_x, first_y, count_y, first_tile, tiles;
        RDom all, channels;
        Func sum;
    };
    std::vector<Positions> positions_of_the_same_tiles = {
<%#position_classes%>
        {<% first_x %>, <% count_x %>, <% first_y %>, <% count_y %>, <% first_tile %>, <% tiles %>},
<%/position_classes%>
    };

    void transform_input(Tiles& tiles) {
        const Transform &along_x = tiles.along_x, &along_y = tiles.along_y;
        tiles.in = RDom(0, along_x.positions(), 0, along_y.positions(), 0, tiles.columns, 0, tiles.rows, 0, <% images %>);
        RVar l = tiles.in[0], k = tiles.in[1], column = tiles.in[2], row = tiles.in[3], image = tiles.in[4];
        Var tx("tx"), ty("ty"), ti("ti");
        Func padded = BoundaryConditions::constant_exterior(
            input, 0.0f, {{Expr(), Expr()}, {0, <% in_w %>}, {0, <% in_h %>}, {Expr(), Expr()}, {Expr(), Expr()}});
        tiles.in_columns(v, k_in, x, tx, ty, ti, c) = mux(k_in, multiply(along_y.input, [&](int a) {
            return padded(v, tiles.x + <% tile_w %> * tx + x - <% pad_left %>, tiles.y + <% tile_h %> * (ty + first_row) + a - <% pad_top %>, c, ti + first_image);
        }));
        transformed(v, tiles.number(column, row, image), c, k, l) = mux(l, multiply(along_x.input, [&](int b) {
            return tiles.in_columns(v, k, b, column, row, image, c);
        }));
    }

    void multiply_positions(Positions& positions) {
        positions.channels = RDom(0, 16, 0, <% in_blocks %>, "channels");
        positions.all = RDom(0, positions.tiles, positions.first_y, positions.count_y, positions.first_x, positions.count_x, "positions");
        RVar ci = positions.channels[0], cb = positions.channels[1];
        Expr term = transformed(ci, t, cb, k, l) * weights(v, o % tile_o, ci, cb, o / tile_o, k, l);
<%#prefetched%>
        // Where a panel of weights is read once, by all tiles: asks for what comes <% floats %> floats later.
        if (positions.tiles <= tile_x) {
            Expr panel = (l * <% positions_y %> + k) * (<% out_blocks %> / tile_o) + o / tile_o;
            Expr stream = (((panel * <% in_blocks %> + cb) * 16 + ci) * tile_o + o % tile_o) * 16;
            term += select(t == positions.first_tile, prefetch(weights, stream + <% floats %>), 0.0f);
        }
<%/prefetched%>
        positions.sum(v, t, o, k, l) = 0.0f;
        positions.sum(v, t, o, k, l) += term;
        Expr tile = positions.first_tile + positions.all[0];
        products(v, tile, o, positions.all[1], positions.all[2]) = positions.sum(v, tile, o, positions.all[1], positions.all[2]);
    }

    void transform_output(Tiles& tiles) {
        const Transform &along_x = tiles.along_x, &along_y = tiles.along_y;
        tiles.out = RDom(0, along_x.outputs, 0, along_y.outputs, 0, tiles.columns, 0, tiles.rows, 0, <% images %>);
        RVar j = tiles.out[0], i = tiles.out[1], column = tiles.out[2], row = tiles.out[3], image = tiles.out[4];
        Var tx("tx"), ty("ty"), ti("ti");
        tiles.out_columns(v, y, l, tx, ty, ti, o) = mux(y, multiply(along_y.output, [&](int a) {
            return products(v, tiles.number(tx, ty, ti), o, a, l);
        }));
        tiles.out_rows(v, x, y, tx, ty, ti, o) = mux(x, multiply(along_x.output, [&](int b) {
            return tiles.out_columns(v, y, b, tx, ty, ti, o);
        }));
        Expr out_x = tiles.x + <% tile_w %> * column + j;
        Expr out_y = tiles.y + <% tile_h %> * (row + first_row) + i;
<%#overhang%>
        // The last tiles reach below the map.
        tiles.out.where(out_y < <% out_h %>);
<%/overhang%>
        Expr result = tiles.out_rows(v, j, i, column, row, image, o) + bias(v, o);
<%#residual%>
        // The residual lies in the output buffer already.
        result += output(v, out_x, out_y, o, image + first_image);
<%/residual%>
        output(v, out_x, out_y, o, image + first_image) = <%#relu%>max(result, 0.0f)<%/relu%><%^relu%>result<%/relu%>;
    }

    Var v{"v"}, t{"t"}, c{"c"}, o{"o"}, k{"k"}, l{"l"}, x{"x"}, y{"y"}, n{"n"}, k_in{"k_in"};
    Expr first_row = 0, first_image = 0; // of this call
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
