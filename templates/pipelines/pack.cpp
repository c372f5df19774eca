// <% name %>: <% input_shape %>
//
// <% spec_line %>: the input as the pipelines read it, channels in blocks of 16, zeros beyond the last.
//   output   <% output_place %>
// Made by resnetc <% version %>:
//   <% command %>
//
<%#u8%>
//   input      pixels, (channel, x, y, n)
//   normalise  (16 * channels, 2): the channels' factors, then their shifts
<%/u8%>
<%#f32%>
//   input      normalised floats, (x, y, channel, n)
<%/f32%>
//   output     (16 channels, x, y, block of channels, n)
#include "pipeline_support.h"

namespace {

using namespace Halide;

class <% name %> : public Generator<<% name %>> {
  public:
<%#u8%>
    Input<Buffer<uint8_t, 4>> input{"input"};
    Input<Buffer<float, 2>> normalise{"normalise"};
<%/u8%>
<%#f32%>
    Input<Buffer<float, 4>> input{"input"};
<%/f32%>
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        // The input is the user's: it has no alignment but that of its elements.
<%#u8%>
        set_dense(input, {<% input %>}, 1);
        set_dense(normalise, {<% normalise %>});
<%/u8%>
<%#f32%>
        set_dense(input, {<% input %>}, 4);
<%/f32%>
        set_dense(output, {<% output %>});

        output(v, x, y, o, n) = 0.0f;
        channel = RDom(0, <% in_channels %>, "channel");
<%#u8%>
        output(channel % 16, x, y, channel / 16, n) =
            cast<float>(input(channel, x, y, n)) * normalise(channel, 0) + normalise(channel, 1);
<%/u8%>
<%#f32%>
        output(channel % 16, x, y, channel / 16, n) = input(x, y, channel, n);
<%/f32%>
    }

    void schedule() {
        Func whole = output;
        whole.vectorize(v);
        whole.update().reorder(channel, x, y, n);
    }

  private:
    Var v{"v"}, x{"x"}, y{"y"}, o{"o"}, n{"n"};
    RDom channel;
};

} // namespace

HALIDE_REGISTER_GENERATOR(<% name %>, <% name %>)
