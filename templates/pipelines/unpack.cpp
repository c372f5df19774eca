// <% name %>: <% input_shape %>
//
// <% spec_line %>: the last map as the user reads it.
//   input    <% input_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
//   input    (16 channels, x, y, block of channels, n)
//   output   (x, y, channel, n)
#include "pipeline_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    Input<Buffer<float, 5>> input{"input"};
    Output<Buffer<float, 4>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(output, {<% output %>}, 4); // the user's: no alignment but that of its elements
        output(x, y, c, n) = input(c % 16, x, y, c / 16, n);
    }

    void schedule() {
        Func whole = output;
        whole.reorder(c, x, y, n);
    }

  private:
    Var x{"x"}, y{"y"}, c{"c"}, n{"n"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
