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

        // Computed twice, by whole vectors, rather than kept: Halide expands exp of vectors in place, to a
        // relative error of about 2e-7, but would call a library for one float.
        power(v, o, n) = select(v + 16 * o <= last, exp(input(v, o, n) - largest(n)), 0.0f);
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
    Var v{"v"}, o{"o"}, n{"n"};
    RDom classes, blocks, lane;
    Func largest{"largest"}, power{"power"}, lanes{"lanes"}, total{"total"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
