#include "support/plan_checker.h"

#include <algorithm>

namespace resnetc_test {

using namespace resnetc;

namespace {

// A tensor is live from the op that writes it to the last one that reads it, both included.
struct Life {
    int begin = -1; // -1: nothing writes it
    int end = -1;
};

int64_t round_up(int64_t bytes) {
    while (bytes % 64 != 0) {
        ++bytes;
    }
    return bytes;
}

int64_t bytes_of(const Tensor& t) {
    const int64_t pixels = t.layout == Layout::packed_image
                               ? t.shape.h * (t.padding.left + t.shape.w + t.padding.right)
                               : t.shape.h * t.shape.w;
    int64_t channels = t.shape.c;
    while (t.layout == Layout::nchw_c16 && channels % 16 != 0) {
        ++channels;
    }
    return 4 * t.shape.n * channels * pixels;
}

std::vector<Life> lives_of(const FusedGraph& graph) {
    std::vector<Life> lives(graph.tensors.size());
    const int ops = static_cast<int>(graph.ops.size());
    for (int i = ops - 1; i >= 0; --i) {
        const Op& op = graph.ops[static_cast<size_t>(i)];
        for (const int tensor : {op.input, op.residual, op.packed, op.output}) {
            if (tensor >= 0) {
                Life& life = lives[static_cast<size_t>(tensor)];
                life.end = std::max(life.end, i);
            }
        }
        for (const int tensor : {op.packed, op.output}) {
            if (tensor >= 0) {
                lives[static_cast<size_t>(tensor)].begin = i;
            }
        }
    }
    if (graph.output >= 0) {
        lives[static_cast<size_t>(graph.output)].end = ops; // the driver reads it after the last op
    }
    return lives;
}

bool added_in_place(const FusedGraph& graph, int residual, int sum) {
    return std::any_of(graph.ops.begin(), graph.ops.end(),
                       [&](const Op& op) { return op.residual == residual && op.output == sum; });
}

class Checker {
public:
    Checker(const FusedGraph& graph, const Plan& plan)
        : graph_(graph), plan_(plan), lives_(lives_of(graph)) {}

    std::vector<std::string> run() {
        for (size_t i = 0; i < graph_.tensors.size(); ++i) {
            check_place(i);
        }
        if (all_placed_) {
            check_pairs();
            check_residuals();
        }
        check_scratch();
        check_constants();
        return found_;
    }

private:
    const Storage& place(size_t tensor) const {
        return plan_.storages[static_cast<size_t>(plan_.storage_of_tensor[tensor])];
    }

    void check_place(size_t i) {
        const std::string& name = graph_.tensors[i].name;
        const int storage = i < plan_.storage_of_tensor.size() ? plan_.storage_of_tensor[i] : -1;
        if (storage < 0 || storage >= static_cast<int>(plan_.storages.size())) {
            found_.push_back(name + " has no place");
            all_placed_ = false;
            return;
        }
        const Storage& s = place(i);
        const int64_t bytes = bytes_of(graph_.tensors[i]);
        if (lives_[i].begin < 0) {
            found_.push_back(name + " is written by no op");
        }
        if (s.offset % 64 != 0) {
            found_.push_back(name + " is not aligned");
        }
        if (s.bytes < bytes) {
            found_.push_back(name + " has too little room");
        }
        if (s.offset < 0 || s.offset + bytes > plan_.arena_bytes) {
            found_.push_back(name + " leaves the arena");
        }
    }

    void check_pairs() {
        for (int a = 0; a < static_cast<int>(graph_.tensors.size()); ++a) {
            for (int b = 0; b < a; ++b) {
                if (!added_in_place(graph_, a, b) && !added_in_place(graph_, b, a)) {
                    check_apart(static_cast<size_t>(a), static_cast<size_t>(b));
                }
            }
        }
    }

    void check_apart(size_t a, size_t b) {
        const bool together = lives_[a].begin <= lives_[b].end && lives_[b].begin <= lives_[a].end;
        const int64_t a_end = place(a).offset + bytes_of(graph_.tensors[a]);
        const int64_t b_end = place(b).offset + bytes_of(graph_.tensors[b]);
        if (together && place(a).offset < b_end && place(b).offset < a_end) {
            found_.push_back(graph_.tensors[a].name + " overlaps " + graph_.tensors[b].name);
        }
    }

    // What an op needs for itself is nobody else's while it runs.
    void check_scratch() {
        for (size_t i = 0; i < graph_.ops.size(); ++i) {
            const int scratch = plan_.scratch_of_op.at(i);
            if (scratch < 0) {
                continue;
            }
            const std::string name = graph_.ops[i].name + "'s scratch memory";
            const Storage& s = plan_.storages.at(static_cast<size_t>(scratch));
            if (s.offset % 64 != 0) {
                found_.push_back(name + " is not aligned");
            }
            if (s.offset < 0 || s.offset + s.bytes > plan_.arena_bytes) {
                found_.push_back(name + " leaves the arena");
            }
            for (size_t t = 0; all_placed_ && t < graph_.tensors.size(); ++t) {
                const int op = static_cast<int>(i);
                const bool live = lives_[t].begin <= op && op <= lives_[t].end;
                const int64_t end = place(t).offset + bytes_of(graph_.tensors[t]);
                if (live && s.offset < end && place(t).offset < s.offset + s.bytes) {
                    found_.push_back(name + " overlaps " + graph_.tensors[t].name);
                }
            }
        }
    }

    // A residual lies exactly where its sum goes, and nobody reads it afterwards.
    void check_residuals() {
        for (int i = 0; i < static_cast<int>(graph_.ops.size()); ++i) {
            const Op& op = graph_.ops[static_cast<size_t>(i)];
            if (op.residual < 0) {
                continue;
            }
            const auto residual = static_cast<size_t>(op.residual);
            const auto sum = static_cast<size_t>(op.output);
            if (place(residual).offset != place(sum).offset ||
                bytes_of(graph_.tensors[residual]) != bytes_of(graph_.tensors[sum])) {
                found_.push_back(op.name + " does not find its residual in its output");
            }
            if (lives_[residual].end > i) {
                found_.push_back(op.name + " writes over a residual that is read later");
            }
        }
    }

    void check_constants() {
        std::vector<std::pair<int64_t, int64_t>> ranges; // begin, end
        for (size_t i = 0; i < graph_.ops.size(); ++i) {
            const Op& op = graph_.ops[i];
            const OpConstants& c = plan_.constants.at(i);
            if (op.conv_layer >= 0) {
                const int64_t outputs = op.output_shape.c;
                const int64_t weights =
                    outputs * (op.input_shape.c / op.groups) * op.window.kernel * op.window.kernel;
                if (c.weights.bytes < 4 * weights || c.bias.bytes < 4 * outputs) {
                    found_.push_back(op.name + " has too little room for its weights");
                }
            }
            for (const ConstantPlace& p : {c.weights, c.bias, c.normalise}) {
                if (p.bytes > 0) {
                    ranges.emplace_back(p.offset, p.offset + p.bytes);
                }
            }
        }
        std::sort(ranges.begin(), ranges.end());
        int64_t end = 0;
        for (const auto& [first, last] : ranges) {
            if (first < end) {
                found_.push_back("weights overlap at " + std::to_string(first));
            }
            if (first % 64 != 0) {
                found_.push_back("weights are not aligned at " + std::to_string(first));
            }
            end = last;
        }
        if (end > plan_.weights_bytes) {
            found_.push_back("weights leave the blob");
        }
    }

    const FusedGraph& graph_;
    const Plan& plan_;
    std::vector<Life> lives_;
    std::vector<std::string> found_;
    bool all_placed_ = true;
};

} // namespace

std::vector<std::string> check_plan(const FusedGraph& graph, const Plan& plan) {
    return Checker(graph, plan).run();
}

int64_t largest_live_sum(const FusedGraph& graph, const Plan& plan) {
    const std::vector<Life> lives = lives_of(graph);
    int64_t largest = 0;
    for (int i = 0; i < static_cast<int>(graph.ops.size()); ++i) {
        int64_t sum = 0;
        for (size_t t = 0; t < lives.size(); ++t) {
            const bool live = lives[t].begin <= i && i <= lives[t].end;
            // At the op that adds, the residual has become the output.
            const bool taken_over =
                graph.ops[static_cast<size_t>(i)].residual == static_cast<int>(t);
            sum += live && !taken_over ? round_up(bytes_of(graph.tensors[t])) : 0;
        }
        const int scratch = plan.scratch_of_op.at(static_cast<size_t>(i));
        sum += scratch < 0 ? 0 : round_up(plan.storages[static_cast<size_t>(scratch)].bytes);
        largest = std::max(largest, sum);
    }
    return largest;
}

} // namespace resnetc_test
