// conv3x3s1_c32_16x16_k32_add_relu: (1,32,16,16) -> (1,32,16,16)
//
// resnet20.yaml:7: layer2.0.conv2, layer2.1.conv2, layer2.2.conv2
// Winograd convolution, tiles of 4 x 4 outputs: 589824 multiplications for 2359296. For layer2.0.conv2:
//   input    arena [65536, 98304)
//   scratch  arena [131072, 283136)
//   output   arena [98304, 131072)
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
//
//   input        (16 channels, x, y, block of channels, n)
//   weights      (output channel, output block of the panel, input channel, input block, panel, y position, x position):
//                transformed; exactly the order in which the loops read them, one sequential stream
//   bias         (16 channels, block of channels)
//   transformed  (16 channels, tile, block of channels, y position, x position), B^T input B
//   products     likewise, weights * transformed
//   output       as input; holds the residual on entry
// The two in the middle are outputs so that they lie in the planned arena.
#include "winograd_support.h"

namespace {

using namespace Halide;

class conv3x3s1_c32_16x16_k32_add_relu : public Generator<conv3x3s1_c32_16x16_k32_add_relu> {
  public:
    // Schedule. tile_o divides 2, unroll_ci divides 16.
    GeneratorParam<int> tile_x{"tile_x", 16};       // tiles accumulated in registers
    GeneratorParam<int> tile_o{"tile_o", 1};       // blocks of 16 output channels, likewise
    GeneratorParam<int> unroll_ci{"unroll_ci", 2}; // input channels per iteration

    Input<Buffer<float, 5>> input{"input"};
    Input<Buffer<float, 7>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
    Output<Buffer<float, 5>> transformed{"transformed"};
    Output<Buffer<float, 5>> products{"products"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {16, 16, 16, 2, 1});
        set_dense(weights, {16, tile_o, 16, 2, 2 / tile_o, 6, 6});
        set_dense(bias, {16, 2});
        set_strided(transformed, {16, 16, 2, 6, 6}, {1, 16, 256, 528, 3168});
        set_strided(products, {16, 16, 2, 6, 6}, {1, 16, 256, 528, 3168});
        set_dense(output, {16, 16, 16, 2, 1});

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
            whole.update(static_cast<int>(i)).parallel(c);
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
            // Tasks in the order of the weights. Each writes products of its own, which Halide cannot see.
            RVar task("task");
            panels.allow_race_conditions().fuse(oo, k, task).fuse(task, l, task).parallel(task);
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
            Func(output).update(static_cast<int>(i)).parallel(o);
            columns.compute_at(output, column).store_in(MemoryType::Register).vectorize(v).unroll(y).unroll(l);
            rows.compute_at(output, column).store_in(MemoryType::Register).vectorize(v).unroll(x).unroll(y);
        }
    }

  private:
    // Transforms on the points 0, 1, -1, 2, -2, infinity along x and 0, 1, -1, 2, -2, infinity along y. A narrower tile at
    // the edge uses the first of them.
    const Transform whole_x{4,
        {{4, 0, -5, 0, 1, 0}, {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0}, {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}},
        {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}}};
    const Transform whole_y{4,
        {{4, 0, -5, 0, 1, 0}, {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0}, {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}},
        {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}}};

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
        {whole_x, whole_y, 0, 4, 4, 0, 0},
    };

    // Positions in which the same tiles take part.
    struct Positions {
        int first_x, count_x, first_y, count_y, first_tile, tiles;
        RDom all, channels;
        Func sum;
    };
    std::vector<Positions> positions_of_the_same_tiles = {
        {0, 6, 0, 6, 0, 16},
    };

    void transform_input(Tiles& tiles) {
        const Transform &along_x = tiles.along_x, &along_y = tiles.along_y;
        tiles.in = RDom(0, along_x.positions(), 0, along_y.positions(), 0, tiles.columns, 0, tiles.rows, 0, 1);
        RVar l = tiles.in[0], k = tiles.in[1], column = tiles.in[2], row = tiles.in[3], image = tiles.in[4];
        Var tx("tx"), ty("ty"), ti("ti");
        Func padded = BoundaryConditions::constant_exterior(
            input, 0.0f, {{Expr(), Expr()}, {0, 16}, {0, 16}, {Expr(), Expr()}, {Expr(), Expr()}});
        tiles.in_columns(v, k_in, x, tx, ty, ti, c) = mux(k_in, multiply(along_y.input, [&](int a) {
            return padded(v, tiles.x + 4 * tx + x - 1, tiles.y + 4 * (ty + first_row) + a - 1, c, ti + first_image);
        }));
        transformed(v, tiles.number(column, row, image), c, k, l) = mux(l, multiply(along_x.input, [&](int b) {
            return tiles.in_columns(v, k, b, column, row, image, c);
        }));
    }

    void multiply_positions(Positions& positions) {
        positions.channels = RDom(0, 16, 0, 2, "channels");
        positions.all = RDom(0, positions.tiles, positions.first_y, positions.count_y, positions.first_x, positions.count_x, "positions");
        RVar ci = positions.channels[0], cb = positions.channels[1];
        Expr term = transformed(ci, t, cb, k, l) * weights(v, o % tile_o, ci, cb, o / tile_o, k, l);
        // Where a panel of weights is read once, by all tiles: asks for what comes 1024 floats later.
        if (positions.tiles <= tile_x) {
            Expr panel = (l * 6 + k) * (2 / tile_o) + o / tile_o;
            Expr stream = (((panel * 2 + cb) * 16 + ci) * tile_o + o % tile_o) * 16;
            term += select(t == positions.first_tile, prefetch(weights, stream + 1024), 0.0f);
        }
        positions.sum(v, t, o, k, l) = 0.0f;
        positions.sum(v, t, o, k, l) += term;
        Expr tile = positions.first_tile + positions.all[0];
        products(v, tile, o, positions.all[1], positions.all[2]) = positions.sum(v, tile, o, positions.all[1], positions.all[2]);
    }

    void transform_output(Tiles& tiles) {
        const Transform &along_x = tiles.along_x, &along_y = tiles.along_y;
        tiles.out = RDom(0, along_x.outputs, 0, along_y.outputs, 0, tiles.columns, 0, tiles.rows, 0, 1);
        RVar j = tiles.out[0], i = tiles.out[1], column = tiles.out[2], row = tiles.out[3], image = tiles.out[4];
        Var tx("tx"), ty("ty"), ti("ti");
        tiles.out_columns(v, y, l, tx, ty, ti, o) = mux(y, multiply(along_y.output, [&](int a) {
            return products(v, tiles.number(tx, ty, ti), o, a, l);
        }));
        tiles.out_rows(v, x, y, tx, ty, ti, o) = mux(x, multiply(along_x.output, [&](int b) {
            return tiles.out_columns(v, y, b, tx, ty, ti, o);
        }));
        Expr out_x = tiles.x + 4 * column + j;
        Expr out_y = tiles.y + 4 * (row + first_row) + i;
        Expr result = tiles.out_rows(v, j, i, column, row, image, o) + bias(v, o);
        // The residual lies in the output buffer already.
        result += output(v, out_x, out_y, o, image + first_image);
        output(v, out_x, out_y, o, image + first_image) = max(result, 0.0f);
    }

    Var v{"v"}, t{"t"}, c{"c"}, o{"o"}, k{"k"}, l{"l"}, x{"x"}, y{"y"}, n{"n"}, k_in{"k_in"};
    Expr first_row = 0, first_image = 0; // of this call
};

} // namespace

HALIDE_REGISTER_GENERATOR(conv3x3s1_c32_16x16_k32_add_relu, conv3x3s1_c32_16x16_k32_add_relu)
