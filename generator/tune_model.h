// Several ways to compute one op as one emitted driver, and what to check them with. Included by
// the tuner.
//
// In: an op of a compiled network and schedules for it. Out: a graph in which the op stands once
// for each schedule over the same tensors, its plan and packed weights; and a case: inputs, and the
// output that the double-precision reference computes from them.
#pragma once

#include "compile.h"
#include "reference.h"

#include <string>
#include <vector>

namespace resnetc {

// Small integers, so that sums in any order are exact as long as nothing but additions and
// multiplications of them happens.
struct TuneCase {
    Weights weights;        // of the op's one layer
    std::string input;      // the network's input, NCHW floats; empty: the op does not read it
    std::string activation; // the input tensor as it lies in the arena
    std::string residual;   // the output tensor before the op; empty: it adds nothing
    std::string expected;   // and after it
    double largest_sum = 0; // of |weight| * |input| over the outputs
};

// A network that is nothing but copies of one op.
struct TuneModel {
    Spec spec;
    Network network;
    FusedGraph graph;
    Plan plan;
    std::string weights; // packed, of all copies
    int threads = 1;     // that it runs on
};

// Where a tensor of the op lies in the arena of a TuneModel; -1: there is none.
struct TuneTensors {
    int input = -1;
    int residual = -1;
    int output = -1;
};

// The case of op `index` of a network; slow: it computes the op in double.
TuneCase make_tune_case(const Compilation& compilation, size_t index);

// The op computed in each of these ways on so many threads. `schedules` must be valid.
TuneModel make_tune_model(const Compilation& compilation, size_t index,
                          const std::vector<Schedule>& schedules, const Weights& weights,
                          int threads);

TuneTensors tensors_of(const TuneModel& model);

// Largest error of an element of a schedule's result on a case; 0: the same bits. Winograd's
// transforms round: 4e-6 of the largest sum of |weight| * |input|, four times what was measured.
double tolerance_of(const Schedule& schedule, const TuneCase& given);

} // namespace resnetc
