// Offsets in the arena: greedy first-fit over several orders, the smallest result wins. With the
// few long-lived tensors of a residual network one of these orders meets the lower bound nearly
// always (compare "greedy by size" of Pisarchyk and Lee, "Efficient Memory Management for Deep
// Neural Net Inference", 2020).
#include "plan.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace resnetc {
namespace {

bool live_together(const Storage& a, const Storage& b) {
    return a.first_op <= b.last_op && b.first_op <= a.last_op;
}

// Lowest offset at which `storages[index]` fits among those already placed.
int64_t first_fit(const std::vector<Storage>& storages, const std::vector<size_t>& placed,
                  size_t index) {
    std::vector<size_t> in_the_way;
    for (const size_t other : placed) {
        if (live_together(storages[index], storages[other])) {
            in_the_way.push_back(other);
        }
    }
    std::sort(in_the_way.begin(), in_the_way.end(),
              [&](size_t a, size_t b) { return storages[a].offset < storages[b].offset; });
    int64_t offset = 0;
    for (const size_t other : in_the_way) {
        if (offset + storages[index].bytes <= storages[other].offset) {
            break;
        }
        offset = std::max(offset, storages[other].offset + storages[other].bytes);
    }
    return offset;
}

int64_t place_in_order(std::vector<Storage>& storages, const std::vector<size_t>& order) {
    std::vector<size_t> placed;
    int64_t end = 0;
    for (const size_t index : order) {
        storages[index].offset = first_fit(storages, placed, index);
        end = std::max(end, storages[index].offset + storages[index].bytes);
        placed.push_back(index);
    }
    return end;
}

} // namespace

int64_t place_storages(std::vector<Storage>& storages) {
    using Before = std::function<bool(const Storage&, const Storage&)>;
    const auto length = [](const Storage& s) { return s.last_op - s.first_op; };
    const std::vector<Before> rules = {
        [](const Storage& a, const Storage& b) { return a.bytes > b.bytes; },
        [](const Storage& a, const Storage& b) { return a.first_op < b.first_op; },
        [&](const Storage& a, const Storage& b) { return length(a) > length(b); },
        [&](const Storage& a, const Storage& b) {
            return a.bytes * (length(a) + 1) > b.bytes * (length(b) + 1);
        },
        [](const Storage& a, const Storage& b) { return a.last_op > b.last_op; },
    };
    int64_t best_bytes = std::numeric_limits<int64_t>::max();
    std::vector<Storage> best;
    for (const Before& rule : rules) {
        for (const bool short_last : {false, true}) { // what lives for one op, into the gaps
            std::vector<size_t> order(storages.size());
            std::iota(order.begin(), order.end(), size_t{0});
            std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
                const bool a_last = short_last && length(storages[a]) == 0;
                const bool b_last = short_last && length(storages[b]) == 0;
                return a_last != b_last ? b_last : rule(storages[a], storages[b]);
            });
            std::vector<Storage> attempt = storages;
            const int64_t bytes = place_in_order(attempt, order);
            if (bytes < best_bytes) {
                best_bytes = bytes;
                best = std::move(attempt);
            }
        }
    }
    storages = std::move(best);
    return storages.empty() ? 0 : best_bytes;
}

} // namespace resnetc
