// conv3x3s2_c32_16x16_k64_relu: (1,32,16,16) -> (1,64,8,8)
//
// resnet20.yaml:7: layer3.0.conv1
// Winograd convolution with stride 2, tiles of 2 x 2 outputs: 819200 multiplications for 1179648. For layer3.0.conv1:
//   input    arena [98304, 131072)
//   scratch  arena [131072, 221312)
//   output   arena [0, 16384)
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
//
// Along an axis, two outputs need five inputs d: y0 = d0 w0 + d1 w1 + d2 w2, y1 = d2 w0 + d3 w1 + d4 w2. The even
// ones are F(2,2), the odd ones have one tap each, and both add up in the same three sums:
//   y0 = ((d0 - d2) w0 + d1 w1) + d2 (w0 + w2),   y1 = d2 (w0 + w2) + ((d4 - d2) w2 + d3 w1)
// Five multiplications for six, in two dimensions 25 for 36.
//
//   input        (16 channels, x, y, block of channels, n)
//   weights      (output channel, output block of the panel, input channel, input block, panel, y position, x position):
//                w0, w1, w0 + w2, w2 along both axes
//   bias         (16 channels, block of channels)
//   transformed  (16 channels, tile, block of channels, y slot, x slot): d0 - d2, d1, d2, d4 - d2, d3
//   products     (16 channels, tile, block of channels, y sum, x sum)
//   output       as input
// The two before the last are outputs so that they lie in the planned arena.
#include "winograd_support.h"

namespace {

using namespace Halide;

class conv3x3s2_c32_16x16_k64_relu : public Generator<conv3x3s2_c32_16x16_k64_relu> {
  public:
    // Schedule. tile_o divides 4, unroll_ci divides 16.
    GeneratorParam<int> tile_x{"tile_x", 7};       // tiles accumulated in registers
    GeneratorParam<int> tile_o{"tile_o", 2};       // blocks of 16 output channels, likewise
    GeneratorParam<int> unroll_ci{"unroll_ci", 4}; // input channels per iteration

    Input<Buffer<float, 5>> input{"input"};
    Input<Buffer<float, 7>> weights{"weights"};
    Input<Buffer<float, 2>> bias{"bias"};
    Output<Buffer<float, 5>> transformed{"transformed"};
    Output<Buffer<float, 5>> products{"products"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {16, 16, 16, 2, 1});
        set_dense(weights, {16, tile_o, 16, 2, 4 / tile_o, 4, 4});
        set_dense(bias, {16, 4});
        set_strided(transformed, {16, 16, 2, 5, 5}, {1, 16, 256, 528, 2640});
        set_strided(products, {16, 16, 4, 3, 3}, {1, 16, 256, 1040, 3120});
        set_dense(output, {16, 8, 8, 4, 1});

        Func padded = BoundaryConditions::constant_exterior(
            input, 0.0f, {{Expr(), Expr()}, {0, 16}, {0, 16}, {Expr(), Expr()}, {Expr(), Expr()}});
        in_columns(v, k, x, tx, ty, ti, c) = mux(k, multiply(to_slots, [&](int a) {
            return padded(v, 4 * tx + x - 1, 4 * (ty + first_row) + a - 1, c, ti + first_image);
        }));
        in = RDom(0, 5, 0, 5, 0, 4, 0, 4, 0, 1, "in");
        transformed(v, t, c, k, l) = undef<float>();
        transformed(v, tile(in[2], in[3], in[4]), c, in[1], in[0]) = mux(in[0], multiply(to_slots, [&](int b) {
            return in_columns(v, in[1], b, in[2], in[3], in[4], c);
        }));

        products(v, t, o, k, l) = undef<float>();
        for (Sums& each : sums) {
            multiply_slots(each);
        }

        out_columns(v, y, l, tx, ty, ti, o) = mux(y, multiply(from_sums, [&](int a) {
            return products(v, tile(tx, ty, ti), o, a, l);
        }));
        out_rows(v, x, y, tx, ty, ti, o) = mux(x, multiply(from_sums, [&](int b) {
            return out_columns(v, y, b, tx, ty, ti, o);
        }));
        out = RDom(0, 2, 0, 2, 0, 4, 0, 4, 0, 1, "out");
        Expr out_x = 2 * out[2] + out[0];
        Expr out_y = 2 * (out[3] + first_row) + out[1];
        Expr result = out_rows(v, out[0], out[1], out[2], out[3], out[4], o) + bias(v, o);
        output(v, x, y, o, n) = undef<float>();
        output(v, out_x, out_y, o, out[4] + first_image) = max(result, 0.0f);
    }

    void schedule() {
        // The columns of a tile are transformed, then its rows, both in registers.
        Func slots = transformed;
        slots.compute_root();
        RVar slot_x = in[0], slot_y = in[1], in_column = in[2], in_row = in[3], in_image = in[4];
        slots.update().reorder({v, slot_x, slot_y, in_column, in_row, in_image, c}).vectorize(v).unroll(slot_x).unroll(slot_y);
        in_columns.compute_at(slots, in_column).store_in(MemoryType::Register).vectorize(v).unroll(k).unroll(x);
        slots.update().parallel(c);

        Func all = products;
        all.compute_root();
        for (size_t i = 0; i < sums.size(); ++i) {
            RVar number = sums[i].all[0], a = sums[i].all[1], b = sums[i].all[2], to("to"), ti_("ti");
            RVar ci = sums[i].terms[0], cb = sums[i].terms[1], sy = sums[i].terms[2], sx = sums[i].terms[3];
            RVar cio("cio"), cii("cii");
            Var oo("oo"), oi("oi");
            const int step = even_step(16, tile_x);
            Stage panels = all.update(static_cast<int>(i));
            panels.split(number, to, ti_, step, TailStrategy::GuardWithIf)
                .split(o, oo, oi, tile_o)
                .reorder({v, oi, ti_, to, oo, a, b})
                .vectorize(v)
                .unroll(oi)
                .unroll(ti_);
            // Halide does not peel a loop over two steps: it would test for the end at every tile.
            if (step < 16 && 2 * step >= 16) {
                panels.unroll(to);
            }
            // Tasks in the order of the weights. Each writes products of its own, which Halide cannot see.
            RVar task("task");
            panels.allow_race_conditions().fuse(oo, a, task).fuse(task, b, task).parallel(task);
            Func sum = sums[i].sum;
            sum.compute_at(all, to).store_in(MemoryType::Register).vectorize(v).unroll(o).unroll(t);
            sum.update()
                .split(ci, cio, cii, unroll_ci)
                .reorder({v, o, t, cii, cio, cb, sy, sx})
                .vectorize(v)
                .unroll(o)
                .unroll(t)
                .unroll(cii);
        }

        RVar px = out[0], py = out[1], column = out[2], row = out[3], image = out[4];
        Func whole = output;
        whole.update().reorder({v, px, py, column, row, image, o}).vectorize(v).unroll(px).unroll(py);
        whole.update().parallel(o);
        out_columns.compute_at(whole, column).store_in(MemoryType::Register).vectorize(v).unroll(y).unroll(l);
        out_rows.compute_at(whole, column).store_in(MemoryType::Register).vectorize(v).unroll(x).unroll(y);
    }

  private:
    const Transform::Matrix to_slots = {{1, 0, -1, 0, 0}, {0, 1, 0, 0, 0}, {0, 0, 1, 0, 0}, {0, 0, -1, 0, 1}, {0, 0, 0, 1, 0}};
    const Transform::Matrix from_sums = {{1, 1, 0}, {0, 1, 1}};

    // The outer two of the three sums of an axis have two terms, the middle one has one.
    struct Sums {
        bool middle_x, middle_y;
        RDom all, terms;
        Func sum;
    };
    std::vector<Sums> sums = {{false, false}, {false, true}, {true, false}, {true, true}};

    // Slot and weight of a term of an axis: sum 0 has slots 0, 1 and weights 0, 1; sum 1 slot and weight 2; sum 2
    // slots 3, 4 and weights 3, 1.
    static Expr slot(bool middle, const Expr& sum, const Expr& term) {
        return middle ? Expr(2) : 3 * sum + term;
    }
    static Expr weight(bool middle, const Expr& sum, const Expr& term) {
        return middle ? Expr(2) : select(term == 1, 1, 3 * sum);
    }

    void multiply_slots(Sums& each) {
        const int count_x = each.middle_x ? 1 : 2, count_y = each.middle_y ? 1 : 2;
        each.all = RDom(0, 16, 0, count_y, 0, count_x, "sums");
        each.terms = RDom(0, 16, 0, 2, 0, count_y, 0, count_x, "terms");
        Expr ci = each.terms[0], cb = each.terms[1], sy = each.terms[2], sx = each.terms[3];
        // Here k and l count the sums of one kind.
        each.sum(v, t, o, k, l) = 0.0f;
        each.sum(v, t, o, k, l) += transformed(ci, t, cb, slot(each.middle_y, k, sy), slot(each.middle_x, l, sx)) *
            weights(v, o % tile_o, ci, cb, o / tile_o, weight(each.middle_y, k, sy), weight(each.middle_x, l, sx));
        Expr a = each.all[1], b = each.all[2];
        products(v, each.all[0], o, each.middle_y ? Expr(1) : 2 * a, each.middle_x ? Expr(1) : 2 * b) =
            each.sum(v, each.all[0], o, a, b);
    }

    static Expr tile(const Expr& column, const Expr& row, const Expr& image) {
        return column + 4 * (row + 4 * image);
    }

    Var v{"v"}, t{"t"}, c{"c"}, o{"o"}, k{"k"}, l{"l"}, x{"x"}, y{"y"}, n{"n"}, tx{"tx"}, ty{"ty"}, ti{"ti"};
    RDom in, out;
    Func in_columns{"in_columns"}, out_columns{"out_columns"}, out_rows{"out_rows"};
    Expr first_row = 0, first_image = 0; // of this call
};

} // namespace

HALIDE_REGISTER_GENERATOR(conv3x3s2_c32_16x16_k64_relu, conv3x3s2_c32_16x16_k64_relu)
