// The convenience entry of <% model %>: linked weights, one static arena.
// Made by resnetc <% version %>:
//   <% command %>
#include "<% model %>.h"

static _Alignas(<% MODEL %>_ALIGNMENT) unsigned char arena[<% MODEL %>_ARENA_BYTES];
<%#pixels%>

int <% model %>_classify(const uint8_t* nhwc, float* <% result_name %>) {
    return <% model %>_run(<% model %>_weights, nhwc, <% result_name %>, arena);
}
<%/pixels%>

int <% model %>_classify_f32(const float* nchw, float* <% result_name %>) {
    return <% model %>_run_f32(<% model %>_weights, nchw, <% result_name %>, arena);
}
