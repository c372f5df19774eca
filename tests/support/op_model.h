// A model that is no network: the distinct ops of many networks side by side, each with tensors and
// constants of its own, so that every pipeline can be run alone. Included by op_exactness_test.cpp.
//
// In: planned networks. Out: the files that the emitter makes for all of their distinct pipelines,
// and for each op the bytes to run it on and the bytes that it must leave behind.
#pragma once

#include "compile.h"
#include "emit.h"
#include "reference.h"

#include <cstdint>
#include <string>
#include <vector>

namespace resnetc_test {

// One op, taken out of the network that first has it.
struct DistinctOp {
    std::string from;               // "resnet18 (1,3,224,224)"
    resnetc::Op op;                 // its tensors and its layer are those of the OpModel
    resnetc::Layer layer;           // what it computes; convolutions get a bias
    resnetc::Pipeline pipeline;     // as planned there, tile included
    resnetc::OpConstants constants; // offsets in the op's own weights
    int64_t weights_bytes = 0;      //
};

struct OpModel {
    resnetc::Spec spec;
    resnetc::Network network; // a layer for each op; input: the largest of the ops
    resnetc::FusedGraph graph;
    resnetc::Plan plan; // pipeline i, constants i: those of op i
    std::vector<DistinctOp> ops;
};

// Collects ops until all networks are in; refuses (std::logic_error) two different pipelines with
// the same name.
class OpCollector {
public:
    // Adds the ops that no earlier network had.
    void add(const resnetc::Compilation& compilation);
    // The model under that name, ops of the input first. There must be a stem.
    OpModel model(const std::string& name) const;

private:
    std::vector<DistinctOp> ops_;
};

// The model's source files.
std::vector<resnetc::EmittedFile> emit_op_model(const OpModel& model);

// What one run of an op reads and what it must leave. All values are small integers, so that sums
// in any order are exact. Winograd's transforms round; see winograd_tolerance in op_case.cpp.
struct OpCase {
    bool u8 = false;      // type of `input`
    std::string input;    // the network's input
    std::string arena;    // garbage but for the op's input and residual
    std::string weights;  // packed
    std::string after;    // the arena afterwards: nothing but the op's output has changed
    std::string output;   // the user's output, if the op writes that
    double tolerance = 0; // largest accepted error of an element of the op's output
};

// `u8`: pixels in, for ops that read the network's input; ignored for the others.
OpCase make_op_case(const OpModel& model, size_t index, bool u8);

// Where the arena that op `index` left first differs from what it should be, in words ("output
// (0,3,1,2): 5, expected 7"); empty if nowhere. The op's scratch memory may hold anything.
std::string first_difference(const OpModel& model, size_t index, const std::string& actual,
                             const OpCase& expected);

} // namespace resnetc_test
