// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// The shortcut without weights ("option A"): every pixel of stride <% stride %>, <% channels_before %> channels of zeros
// before the input's and zeros behind. For <% first_op %>:
//   input    <% input_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
//   input, output   (16 channels, x, y, block of channels, n)
#include "pipeline_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    Input<Buffer<float, 5>> input{"input"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(output, {<% output %>});

        // The zeros first, then the input's channels by runs of <% run %> that stay together on both sides.
        run = RDom(0, <% run %>, 0, <% runs %>, "run");
        Expr from = run.y * <% run %>, to = from + <% channels_before %>;
        output(v, x, y, o, n) = 0.0f;
        output(run.x + to % 16, x, y, to / 16, n) =
            input(run.x + from % 16, x * <% stride %>, y * <% stride %>, from / 16, n);
    }

    void schedule() {
        Func whole = output;
        whole.vectorize(v);
        // The runs do not overlap, which Halide cannot see.
        whole.update().reorder(run.x, x, y, run.y, n).allow_race_conditions().vectorize(run.x);
    }

  private:
    Var v{"v"}, x{"x"}, y{"y"}, o{"o"}, n{"n"};
    RDom run;
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
