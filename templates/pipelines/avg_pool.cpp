// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// Average pooling; what a window holds of the padding or beyond the edge does not count. For <% first_op %>:
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

        window = RDom(0, <% kernel %>, 0, <% kernel %>, "window");
        Expr ix = x * <% stride %> + window.x - <% pad_left %>;
        Expr iy = y * <% stride %> + window.y - <% pad_top %>;
        window.where(likely(ix >= 0) && likely(ix < <% in_w %>));
        window.where(iy >= 0 && iy < <% in_h %>);
        ix = unsafe_promise_clamped(ix, 0, <% in_w %> - 1);
        iy = unsafe_promise_clamped(iy, 0, <% in_h %> - 1);
        sum(v, x, y, o, n) = 0.0f;
        sum(v, x, y, o, n) += input(v, ix, iy, o, n);

        Expr columns = min(x * <% stride %> - <% pad_left %> + <% kernel %>, <% in_w %>) - max(x * <% stride %> - <% pad_left %>, 0);
        Expr rows = min(y * <% stride %> - <% pad_top %> + <% kernel %>, <% in_h %>) - max(y * <% stride %> - <% pad_top %>, 0);
        // Strict: LLVM would multiply by the rounded reciprocal, which is not always the nearest.
        output(v, x, y, o, n) = strict_float(sum(v, x, y, o, n) / cast<float>(rows * columns));
    }

    void schedule() {
        Func whole = output;
        whole.vectorize(v);
<%#threads%>
        // Rows of one block of channels.
        Var yo("yo"), yi("yi"), task("task");
        whole.split(y, yo, yi, <% task_rows %>, TailStrategy::GuardWithIf)
            .reorder(v, x, yi, yo, o, n)
            .fuse(o, n, task)
            .fuse(yo, task, task)
            .parallel(task);
<%/threads%>
        sum.compute_at(whole, x).store_in(MemoryType::Register).vectorize(v);
        sum.update().reorder(v, window.x, window.y).vectorize(v);
    }

  private:
    Var v{"v"}, x{"x"}, y{"y"}, o{"o"}, n{"n"};
    RDom window;
    Func sum{"sum"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
