// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// exp(x - largest) / sum. For <% first_op %>:
//   input    <% input_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
//   input, output   (16 classes, block of classes, n); what lies beyond the last class is zero after
#include "pipeline_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    Input<Buffer<float, 3>> input{"input"};
    Output<Buffer<float, 3>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(output, {<% output %>});

        Expr last = <% classes %> - 1;
        classes = RDom(0, <% classes %>, "classes");
        largest(n) = input(0, 0, n);
        largest(n) = max(largest(n), input(classes % 16, classes / 16, n));

        // Computed twice rather than kept.
        power(v, o, n) = select(v + 16 * o <= last, power_of_e(input(v, o, n) - largest(n)), 0.0f);
        blocks = RDom(0, <% blocks %>, "blocks");
        lanes(v, n) = 0.0f;
        lanes(v, n) += power(v, blocks, n);
        lane = RDom(0, 16, "lane");
        total(n) = 0.0f;
        total(n) += lanes(lane, n);
        output(v, o, n) = power(v, o, n) / total(n);
    }

    void schedule() {
        Func whole = output;
        whole.vectorize(v);
        largest.compute_at(whole, n);
        lanes.compute_at(whole, n).vectorize(v);
        lanes.update().vectorize(v);
        total.compute_at(whole, n);
    }

  private:
    // exp(x) for x <= 0, to a relative error of about 2e-7. Halide's own may call the C library: exp for
    // one float, floor for a vector on processors without SSE4.1.
    static Expr power_of_e(const Expr& x) {
        // x = k ln 2 + r with the nearest k: below zero, truncation rounds up. ln 2 comes in two parts,
        // the first of which has few enough bits for k times it to be exact.
        Expr k = cast<int>(x * 1.44269504f - 0.5f);
        Expr r = x - cast<float>(k) * 0.693359375f + cast<float>(k) * 2.12194440e-4f;
        Expr series = 1.0f / 5040; // Taylor's, |r| < 0.35
        for (const float coefficient : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) {
            series = series * r + coefficient;
        }
        return select(x < -87.0f, 0.0f, series * reinterpret<float>((k + 127) << 23));
    }

    Var v{"v"}, o{"o"}, n{"n"};
    RDom classes, blocks, lane;
    Func largest{"largest"}, power{"power"}, lanes{"lanes"}, total{"total"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
