// Driver of <% model %> for <% target %>: calls the pipelines in order over one arena.
// Made by resnetc <% version %>:
//   <% command %>
#include "<% model %>.h"
<%#threads%>
#include "resnetc_par_for.h"
<%/threads%>
#include "resnetc_runtime.h"

#include <string.h>
<%#arena_layout%>

// Where workers find the scratch memory of an op that they compute in blocks.
static const ResnetcArenaLayout arena_layout = {<% arena_bytes %>, <% worker_bytes %>};
<%/arena_layout%>

// ---- Pipelines, with the shapes and strides that they were compiled for ----
<%#pipelines%>

// <% comment %>
int <% symbol %>(<%#threads%>const void*, <%/threads%><%#buffers%><%^first%>, <%/first%><%#scalar%>int<%/scalar%><%^scalar%>halide_buffer_t*<%/scalar%><%/buffers%>);
static int <% function %>(<%#threads%>const ResnetcParallel* parallel, <%/threads%><%#buffers%><%^first%>, <%/first%><%#scalar%>int<%/scalar%><%^scalar%>const void*<%/scalar%> <% label %><%/buffers%>) {
<%#buffers%>
<%^scalar%>
    halide_dimension_t <% label %>_dims[] = {<%#dimensions%><%^first%>, <%/first%>{0, <% extent %>, <% stride %>}<%/dimensions%>};
    halide_buffer_t <% label %>_buffer = resnetc_buffer(<% label %>, <% code %>, <% bits %>, <% rank %>, <% label %>_dims);
<%/scalar%>
<%/buffers%>
    return <% symbol %>(<%#threads%>parallel, <%/threads%><%#buffers%><%^first%>, <%/first%><%#scalar%><% label %><%/scalar%><%^scalar%>&<% label %>_buffer<%/scalar%><%/buffers%>);
}
<%/pipelines%>

// ---- Ops ----
<%#ops%>

// <% comment %>
<%#blocks%>
static int <% function %>_block(const ResnetcRun* run, int block, uint8_t* scratch) {
    return <% pipeline %>(<%#threads%><%#in_parallel%>NULL<%/in_parallel%><%^in_parallel%>run->parallel<%/in_parallel%>, <%/threads%><%#arguments%><%^first%>, <%/first%><% base %><%#offset%> + <% bytes %><%/offset%><%/arguments%>);
}
static int <% function %>(const ResnetcRun* run) {
<%#in_parallel%>
    return resnetc_run_blocks(run, <% function %>_block, <% count %>, <% scratch_offset %>, &arena_layout);
<%/in_parallel%>
<%^in_parallel%>
    for (int block = 0; block < <% count %>; ++block) {
        if (<% function %>_block(run, block, run->arena + <% scratch_offset %>)) {
            return RESNETC_PIPELINE_FAILED;
        }
    }
    return RESNETC_OK;
<%/in_parallel%>
}
<%/blocks%>
<%^blocks%>
static int <% function %>(const ResnetcRun* run) {
    return <% pipeline %>(<%#threads%>run->parallel, <%/threads%><%#arguments%><%^first%>, <%/first%><% base %><%#offset%> + <% bytes %><%/offset%><%/arguments%>);
}
<%/blocks%>
<%/ops%>
<%#runs%>

// The ops after the first, which depends on the type of the input.
static int run_rest(const ResnetcRun* run) {
<%#rest%>
    if (<% function %>(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
<%/rest%>
<%#result%>
    for (int n = 0; n < <% batch %>; ++n) {
        memcpy((float*)run->output + n * <% classes %>,
               run->arena + <% offset %> + n * <% row_bytes %>, <% classes %> * sizeof(float));
    }
<%/result%>
    return RESNETC_OK;
}
<%#pixels%>

static int run_u8(const ResnetcRun* run) {
    const int status = resnetc_check(run);
    if (status) {
        return status;
    }
    return <% first_u8 %>(run) ? RESNETC_PIPELINE_FAILED : run_rest(run);
}

int <% model %>_run(const void* weights, const uint8_t* nhwc, float* <% result_name %>, void* arena) {
    const ResnetcRun run = {weights, nhwc, <% result_name %>, arena, NULL};
    return run_u8(&run);
}
<%#threads%>

int <% model %>_run_parallel(const void* weights, const uint8_t* nhwc, float* <% result_name %>, void* arena,
        const ResnetcParallel* parallel) {
    const ResnetcRun run = {weights, nhwc, <% result_name %>, arena, parallel};
    return run_u8(&run);
}
<%/threads%>
<%/pixels%>

static int run_f32(const ResnetcRun* run) {
    const int status = resnetc_check(run);
    if (status) {
        return status;
    }
    return <% first_f32 %>(run) ? RESNETC_PIPELINE_FAILED : run_rest(run);
}

int <% model %>_run_f32(const void* weights, const float* nchw, float* <% result_name %>, void* arena) {
    const ResnetcRun run = {weights, nchw, <% result_name %>, arena, NULL};
    return run_f32(&run);
}
<%#threads%>

int <% model %>_run_f32_parallel(const void* weights, const float* nchw, float* <% result_name %>, void* arena,
        const ResnetcParallel* parallel) {
    const ResnetcRun run = {weights, nchw, <% result_name %>, arena, parallel};
    return run_f32(&run);
}
<%/threads%>
<%/runs%>

const char* <% model %>_status_string(int status) {
    return resnetc_status_string(status);
}

<%#profile%>
// ---- For --profile: ops one by one, and the machine's peak ----

int <% model %>_run_op(int op, const void* weights, const void* input, float* <% result_name %>, void* arena,
        const struct ResnetcParallel* parallel) {
    static int (*const ops[])(const ResnetcRun*) = {
<%#functions%>
        <% function %>,
<%/functions%>
    };
    const ResnetcRun run = {.weights = weights, .input = input, .output = <% result_name %>, .arena = arena, .parallel = parallel};
    return ops[op](&run) ? RESNETC_PIPELINE_FAILED : RESNETC_OK;
}

int <% model %>_multiply_adds_f32(<%#threads%>const void*, <%/threads%>halide_buffer_t*, halide_buffer_t*);
int64_t <% model %>_multiply_adds(float* scratch) {
    static const float factors[<% factors %>] = {0.5f, 0.25f, 0.75f};
    halide_dimension_t factors_dims[] = {{0, <% factors %>, 1}};
    halide_buffer_t factors_buffer = resnetc_buffer(factors, halide_type_float, 32, 1, factors_dims);
    halide_dimension_t sums_dims[] = {{0, <% sums %>, 1}};
    halide_buffer_t sums_buffer = resnetc_buffer(scratch, halide_type_float, 32, 1, sums_dims);
    return <% model %>_multiply_adds_f32(<%#threads%>NULL, <%/threads%>&factors_buffer, &sums_buffer) ? 0 : <% operations %>;
}

<%/profile%>
#ifdef RESNETC_STEPS
// Every op on its own, for tests that look at the intermediate tensors.
const ResnetcStep resnetc_steps[] = {
<%#steps%>
    {"<% name %>", <% function %>, <% offset %>, <% bytes %>},
<%/steps%>
};
const int resnetc_step_count = sizeof resnetc_steps / sizeof resnetc_steps[0];
#endif
