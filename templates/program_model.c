// <% model %> as the standalone program sees it.
// Made by resnetc <% version %>:
//   <% command %>
#include "<% model %>.h"
#include "resnetc_model.h"
<%#threads%>
#include "resnetc_threads.h"
<%/threads%>

<%#has_labels%>
static const char* const labels[] = {
<%#labels%>
    <% text %>,
<%/labels%>
};

<%/has_labels%>
<%#profile%>
static const ResnetcOp ops[] = {
<%#ops%>
    {"<% name %>", "<% pipeline %>", <% macs %>, <% bytes %>},
<%/ops%>
};

<%/profile%>
<%#threads%>
static const char* start_threads(int threads, ResnetcParallel* parallel) {
    static ResnetcPool pool;
    const int status = resnetc_pool_start(&pool, threads);
    *parallel = resnetc_pool_parallel(&pool);
    return status ? resnetc_pool_status_string(status) : NULL;
}

<%/threads%>
const ResnetcModel resnetc_model = {
    .name = "<% model %>",
    .tool_version = "<% version %>",
    .spec_sha256 = <% MODEL %>_SPEC_SHA256,
    .weights_sha256 = <% MODEL %>_WEIGHTS_SHA256,
    .plan_sha256 = "<% plan_sha256 %>",
    .target = "<% target %>",
    .batch = <% n %>,
    .channels = <% c %>,
    .height = <% h %>,
    .width = <% w %>,
    .classes = <% classes %>,
<%#map%>
    .map = {<% output_c %>, <% output_h %>, <% output_w %>},
<%/map%>
    .weights_bytes = <% MODEL %>_WEIGHTS_BYTES,
    .arena_bytes = <% MODEL %>_ARENA_BYTES,
    .arena_alignment = <% MODEL %>_ALIGNMENT,
    .embedded_weights = <% model %>_weights,
<%#pixels%>
    .run_u8 = <% model %>_run,
<%/pixels%>
    .run_f32 = <% model %>_run_f32,
<%#threads%>
<%#pixels%>
    .run_u8_parallel = <% model %>_run_parallel,
<%/pixels%>
    .run_f32_parallel = <% model %>_run_f32_parallel,
    .worker_bytes = <% MODEL %>_WORKER_BYTES,
    .start_threads = start_threads,
<%/threads%>
    .status_string = <% model %>_status_string,
<%#profile%>
    .ops = ops,
    .op_count = sizeof ops / sizeof ops[0],
    .run_op = <% model %>_run_op,
    .multiply_adds = <% model %>_multiply_adds,
<%/profile%>
<%#pixels%>
    .resize_mode = <% resize_mode %>,
    .resize = <% resize %>,
    .colour_order = <% colour_order %>,
<%/pixels%>
<%#has_labels%>
    .labels = labels,
<%/has_labels%>
    .head_is_softmax = <% head_is_softmax %>,
};
