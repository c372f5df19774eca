// multiply_adds_f32: the most multiply-adds a second that one core of <% target %> can do, for --profile
//
// <% accumulators %> vectors of <% lanes %> floats, three quarters of the registers, are each multiplied and added to
// over and over: enough independent chains to hide the latency, nothing to load but the factor.
// Made by resnetc <% version %>:
//   <% command %>
//
//   factors  (<% factors %>): below 1, so that the sums stay finite
//   sums     (<% sums %>)
#include "pipeline_support.h"

namespace {

using namespace Halide;

class multiply_adds_f32 : public Generator<multiply_adds_f32> {
  public:
    Input<Buffer<float, 1>> factors{"factors"};
    Output<Buffer<float, 1>> sums{"sums"};

    void generate() {
        set_dense(factors, {<% factors %>}, 4);
        set_dense(sums, {<% sums %>});

        steps = RDom(0, <% factors %>, 0, <% repeats %>, "steps");
        sum(x) = cast<float>(x);
        sum(x) = sum(x) * factors(steps.x) + 1.0f;
        sums(x) = sum(x);
    }

    void schedule() {
        Var xo("xo"), xi("xi");
        Func whole = sums;
        whole.split(x, xo, xi, <% sums %>).vectorize(xi, <% lanes %>).unroll(xi);
        sum.compute_at(whole, xo).store_in(MemoryType::Register).vectorize(x, <% lanes %>).unroll(x);
        sum.update()
            .reorder(x, steps.x, steps.y)
            .vectorize(x, <% lanes %>)
            .unroll(x)
            .unroll(steps.x, 4);
    }

  private:
    Var x{"x"};
    RDom steps;
    Func sum{"sum"};
};

} // namespace

HALIDE_REGISTER_GENERATOR(multiply_adds_f32, multiply_adds_f32)
