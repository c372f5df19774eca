// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// Max pooling. For <% first_op %>:
//   input    <% input_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
//   input, output   (16 channels, x, y, block of channels, n)
#include "pipeline_support.h"

#include <limits>

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    Input<Buffer<float, 5>> input{"input"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(output, {<% output %>});

        // A window that reaches into the padding holds the border pixel next to it as well, so clamping
        // only repeats a tap. `likely` makes Halide peel the first and the last tile of a row.
        window = RDom(0, <% kernel %>, 0, <% kernel %>, "window");
        Expr ix = clamp(likely(x * <% stride %> + window.x - <% pad_left %>), 0, <% in_w %> - 1);
        Expr iy = clamp(y * <% stride %> + window.y - <% pad_top %>, 0, <% in_h %> - 1);
        largest(v, x, y, o, n) = std::numeric_limits<float>::lowest();
        largest(v, x, y, o, n) = max(largest(v, x, y, o, n), input(v, ix, iy, o, n));
        output(v, x, y, o, n) = largest(v, x, y, o, n);
    }

    void schedule() {
        Var xo("xo"), xi("xi");
        Func whole = output;
        whole.split(x, xo, xi, 7, TailStrategy::GuardWithIf).vectorize(v).unroll(xi);
<%#threads%>
        // Rows of one block of channels.
        Var yo("yo"), yi("yi"), task("task");
        whole.split(y, yo, yi, <% task_rows %>, TailStrategy::GuardWithIf)
            .reorder(v, xi, xo, yi, yo, o, n)
            .fuse(o, n, task)
            .fuse(yo, task, task)
            .parallel(task);
<%/threads%>
        largest.compute_at(whole, xo).store_in(MemoryType::Register).vectorize(v).unroll(x);
        largest.update().reorder(v, x, window.x, window.y).vectorize(v).unroll(x).unroll(window.x);
    }

  private:
    Var v{"v"}, x{"x"}, y{"y"}, o{"o"}, n{"n"};
    RDom window;
    Func largest{"largest"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
