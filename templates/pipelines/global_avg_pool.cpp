// <% name %>: <% input_shape %> -> <% output_shape %>
//
// <% spec_line %>: <% used_by %>
// The mean over all pixels of each channel. For <% first_op %>:
//   input    <% input_place %>
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
//   input    (16 channels, pixel, block of channels, n)
//   output   (16 channels, block of channels, n)
#include "pipeline_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
    Input<Buffer<float, 4>> input{"input"};
    Output<Buffer<float, 3>> output{"output"};

    void generate() {
        set_dense(input, {<% input %>});
        set_dense(output, {<% output %>});

        pixel = RDom(0, <% pixels %>, "pixel");
        sum(v, o, n) = 0.0f;
        sum(v, o, n) += input(v, pixel, o, n);
        // Strict: LLVM would multiply by the rounded reciprocal, which is not always the nearest.
        output(v, o, n) = strict_float(sum(v, o, n) / <% pixels %>.0f);
    }

    void schedule() {
        // Four blocks side by side hide the latency of the additions.
        Var oo("oo"), oi("oi");
        Func whole = output;
        whole.split(o, oo, oi, 4, TailStrategy::GuardWithIf).vectorize(v).unroll(oi);
<%#threads%>
        Var ot("ot"), task("task");
        whole.split(oo, ot, oo, (<% task_rows %> + 3) / 4, TailStrategy::GuardWithIf)
            .fuse(ot, n, task)
            .parallel(task);
<%/threads%>
        sum.compute_at(whole, oo).store_in(MemoryType::Register).vectorize(v).unroll(o);
        sum.update().reorder(v, o, pixel).vectorize(v).unroll(o);
    }

  private:
    Var v{"v"}, o{"o"}, n{"n"};
    RDom pixel;
    Func sum{"sum"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
