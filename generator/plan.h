// Every decision that depends on the target, and every byte. Included by the packer, the emitter
// and `plan`.
//
// In: a FusedGraph and a Target. Out: the distinct pipelines with their tiles, each tensor's place
// in the arena and lifetime, each op's place in the weights blob.
#pragma once

#include "fused_graph.h"
#include "schedule.h"
#include "schedule_db.h"
#include "target.h"

#include <string>
#include <vector>

namespace resnetc {

// Every tensor and every piece of weights starts on a cache line; pipelines rely on it.
inline constexpr int64_t kAlignment = 64;

// One Halide pipeline; ops of equal signature share it.
struct Pipeline {
    std::string name; // "conv3x3s1_c64_56x56_k64_add_relu": the signature in words, a C identifier
    OpKind kind{};
    Shape input{};
    Shape output{};
    Window window{};
    int groups = 1;
    bool residual = false;
    bool relu = false;
    int channels_before = 0;
    Schedule schedule{}; // conv, stem and fc
    int first_op = 0;    // the op that shows this pipeline in comments
};

// A stretch of the arena: a tensor, or what an op needs while it runs. Tensors that are added in
// place share one.
struct Storage {
    int64_t offset = 0;
    int64_t bytes = 0;
    int first_op = 0; // op that writes it
    int last_op = 0;  // last op that reads it, inclusive
};

// Where an op's constants lie in the weights blob; bytes == 0: it has none of this kind.
struct ConstantPlace {
    int64_t offset = 0;
    int64_t bytes = 0;
};

struct OpConstants {
    ConstantPlace weights;   // packed in the order of the pipeline's loops
    ConstantPlace bias;      // ceil(O/16)*16 floats
    ConstantPlace normalise; // stem and pack of pixels: the channels' factors 16 times, then shifts
};

struct Plan {
    Target target;
    bool threads = false; // pipelines with parallel loops; without, there is no thread code at all
    std::vector<Pipeline> pipelines;
    std::vector<int> pipeline_of_op; // by op
    std::vector<Storage> storages;
    std::vector<int> storage_of_tensor; // by tensor
    std::vector<int> scratch_of_op;     // by op: a storage that only this op uses; -1: none
    std::vector<OpConstants> constants; // by op
    int64_t arena_bytes = 0;
    int64_t lower_bound_bytes = 0; // largest sum of live storages over the ops
    int64_t weights_bytes = 0;
    int64_t worker_bytes = 0;  // scratch memory of every worker beyond the first, behind the arena
    int64_t scratch_bytes = 0; // most that a pipeline uses of the arena for itself
};

// `pixels`: the spec has preprocessing, so the input may be u8. `schedules`: an op with an entry
// there is computed as it says, and all others as the rule says for `schedules.threads`.
// `threads`: see Plan. Throws DiagnosticError if the arena or the
// weights exceed 2^31-1 bytes (Halide's index range), or if an entry does not suit its op.
Plan make_plan(const FusedGraph& graph, const Target& target, bool pixels,
               const ScheduleDb& schedules = {}, bool threads = false);

// The rule's schedule of one convolution (schedule_rule.cpp) on so many threads, at least 1;
// without `task_rows`. `op.kind` is conv, stem or fc.
Schedule choose_schedule(const Op& op, const Target& target, int threads);

// The same without Winograd.
Schedule choose_direct(const Op& op, const Target& target, int threads);

// Whether ops of this kind run on several threads in a threaded build.
bool is_parallel(OpKind kind);

// Whether threads take rows of it (Schedule::task_rows): Winograd's tasks are its blocks, fc's its
// tiles.
bool has_task_rows(OpKind kind, const Schedule& schedule);

// The rule's `task_rows` of an op of such a kind on so many threads (task_rule.cpp); tiles as in
// `schedule`.
int choose_task_rows(const Op& op, const Schedule& schedule, int threads);

// A grouped convolution in whole blocks of 16 channels: so many neighbouring groups are taken
// together that their channels fill blocks on both sides. Each output block of such a bundle reads
// the input blocks of the same bundle; weights between channels of different groups are zero.
// Without groups (or where bundles don't divide the groups) all blocks are one bundle.
struct Bundle {
    int64_t in_blocks = 1;
    int64_t out_blocks = 1;
};
Bundle group_bundle(int64_t in_channels, int64_t out_channels, int groups);

// Assigns offsets so that storages that live at the same time do not overlap; returns the arena's
// size. Several orders are tried and the smallest result is kept.
int64_t place_storages(std::vector<Storage>& storages);

// The largest sum of sizes that live at one op: no placement can be smaller.
int64_t lower_bound(const std::vector<Storage>& storages);

// The signature of an op in words, e.g. "conv3x3s2_c64_56x56_k128_relu".
std::string signature(const Op& op);

} // namespace resnetc
