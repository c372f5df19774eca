// What the tuner's executable works on, for <% title %>.
#include "resnetc_tune.h"

#include <stddef.h>

<%#blobs%>
extern const unsigned char tune_<% label %>[];
<%/blobs%>
<%#has_variants%>

static const ResnetcTuneVariant variants[] = {
<%#variants%>
    {<% step %>, <% offset %>, <% bytes %>, <% tolerance %>},
<%/variants%>
};
<%/has_variants%>
<%#has_steps%>

static const int before[] = {<%#before%><%^first%>, <%/first%><% step %><%/before%>};
static const int after[] = {<%#after%><%^first%>, <%/first%><% step %><%/after%>};
<%/has_steps%>

const ResnetcTune resnetc_tune = {
    .weights = tune_weights,
    .input_bytes = <% input_bytes %>,
    .input = tune_input,
    .output_bytes = <% output_bytes %>,
    .arena_bytes = <% arena_bytes %>,
    .threads = <% threads %>,
    .cache_bytes = <% cache_bytes %>,
<%#places%>
    .<% role %> = {<% offset %>, <% bytes %>, tune_<% label %>},
<%/places%>
<%#has_variants%>
    .variants = <% variant_count %>,
    .variant = variants,
<%/has_variants%>
<%#has_steps%>
    .steps = <% step_count %>,
    .before = before,
    .after = after,
<%/has_steps%>
};
