// <% model %> for <% target %>: a network compiled by resnetc.
// Made by resnetc <% version %>:
//   <% command %>
//
// <% params %> parameters, <% macs %> multiply-accumulates a run.
// Every function may be called from several threads at once, given distinct arenas and outputs.
// Nothing is allocated; nothing is written but the arena and the output.
#ifndef <% MODEL %>_H
#define <% MODEL %>_H

#include <stdint.h>
<%#parallel%>

struct ResnetcParallel; // resnetc_parallel.h; a pool of threads is in resnetc_threads.h
<%/parallel%>

#ifdef __cplusplus
extern "C" {
#endif

// Input N,C,H,W.
#define <% MODEL %>_INPUT_N <% n %>
#define <% MODEL %>_INPUT_C <% c %>
#define <% MODEL %>_INPUT_H <% h %>
#define <% MODEL %>_INPUT_W <% w %>
<%#head%>
// Output: N rows of this many floats.
#define <% MODEL %>_CLASSES <% classes %>
<%/head%>
<%#map%>
// Output: N,C,H,W floats.
#define <% MODEL %>_OUTPUT_N <% output_n %>
#define <% MODEL %>_OUTPUT_C <% output_c %>
#define <% MODEL %>_OUTPUT_H <% output_h %>
#define <% MODEL %>_OUTPUT_W <% output_w %>
<%/map%>

// What the arena and the weights need; both must be aligned.
#define <% MODEL %>_ARENA_BYTES <% arena_bytes %>
#define <% MODEL %>_WEIGHTS_BYTES <% weights_bytes %>
#define <% MODEL %>_ALIGNMENT <% alignment %>
<%#threads%>

// What the arena needs for a run on several workers; 1 <= workers. Every worker beyond the first has
// scratch memory of its own.
#define <% MODEL %>_PARALLEL_ARENA_BYTES(workers) (<% MODEL %>_ARENA_BYTES + ((workers) - 1) * <% MODEL %>_WORKER_BYTES)
#define <% MODEL %>_WORKER_BYTES <% worker_bytes %>
<%/threads%>

// SHA-256 of the spec and of the packed weights.
#define <% MODEL %>_SPEC_SHA256 "<% spec_sha256 %>"
#define <% MODEL %>_WEIGHTS_SHA256 "<% weights_sha256 %>"

// The packed weights, linked into the library; not pulled in by programs that bring their own.
extern const unsigned char <% model %>_weights[<% MODEL %>_WEIGHTS_BYTES];
<%#pixels%>

// Runs the network on pixels 0..255 in N,H,W,C order, already cropped; normalises them itself.
//   weights  <% MODEL %>_WEIGHTS_BYTES bytes, aligned: <% model %>_weights or a copy of it
//   nhwc     N*H*W*C bytes
//   <% result_name %>   <% result_text %>
//   arena    <% MODEL %>_ARENA_BYTES bytes, aligned; need not be cleared
// Returns 0, or a status for <% model %>_status_string.
int <% model %>_run(const void* weights, const uint8_t* nhwc, float* <% result_name %>, void* arena);
<%/pixels%>

// The same on floats in N,C,H,W order that are normalised already.
int <% model %>_run_f32(const void* weights, const float* nchw, float* <% result_name %>, void* arena);
<%#threads%>

// The same on several workers, with the same bits as result whatever their number.
//   arena      <% MODEL %>_PARALLEL_ARENA_BYTES(parallel->workers) bytes, aligned
//   parallel   how to run tasks (resnetc_parallel.h); NULL: on the calling thread
<%#pixels%>
int <% model %>_run_parallel(const void* weights, const uint8_t* nhwc, float* <% result_name %>, void* arena,
        const struct ResnetcParallel* parallel);
<%/pixels%>
int <% model %>_run_f32_parallel(const void* weights, const float* nchw, float* <% result_name %>, void* arena,
        const struct ResnetcParallel* parallel);
<%/threads%>

// Convenience with the linked weights and one static arena: not for several threads at once.
<%#pixels%>
int <% model %>_classify(const uint8_t* nhwc, float* <% result_name %>);
<%/pixels%>
int <% model %>_classify_f32(const float* nchw, float* <% result_name %>);

<%#profile%>
// For the program's --profile; resnetc_model.h explains them.
int <% model %>_run_op(int op, const void* weights, const void* input, float* <% result_name %>, void* arena,
        const struct ResnetcParallel* parallel);
int64_t <% model %>_multiply_adds(float* scratch);

<%/profile%>
// A static text for a status; never null.
const char* <% model %>_status_string(int status);

#ifdef __cplusplus
}
#endif

#endif
