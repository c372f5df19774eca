#include "candidates.h"

#include "plan.h"
#include "schedule_check.h"
#include "schedule_rule.h"
#include "schedule_text.h"
#include "sha256.h"

#include <algorithm>

namespace resnetc {
namespace {

constexpr size_t kMostOfAnAlgorithm = 48; // candidates; further ones are further from the best

// A schedule and how promising it looks; small is good.
struct Ranked {
    Schedule schedule;
    double rank = 0;
};

// How many of the registers a tile leaves empty, and how uneven the last tile of a row is: the
// time of a multiply-add of a full register file and whole tiles is 1.
double tile_rank(const Schedule& s, int64_t row, const Target& target) {
    const int accumulators = s.tile_x * s.tile_o * registers_per_block(target);
    const double enough = 1.65 * target.core.fma_latency * target.core.fma_per_cycle;
    const double latency = std::max(1.0, enough / accumulators);
    const int64_t tiles = (row + s.tile_x - 1) / s.tile_x;
    const double waste = static_cast<double>(tiles * s.tile_x) / static_cast<double>(row);
    return latency * waste;
}

// Tiles that stay in the registers, or exceed them a little (compilers differ), times unrolling.
void add_tiles(const Op& op, const Schedule& base, int64_t row, const Target& target,
               std::vector<Ranked>& all) {
    const int64_t blocks = group_bundle(op.input_shape.c, op.output_shape.c, op.groups).out_blocks;
    for (int tile_o = 1; tile_o <= blocks && tile_o <= 16; ++tile_o) {
        for (int tile_x = 1; tile_x <= std::min<int64_t>(row, 32); ++tile_x) {
            for (const int unroll_ci : {1, 2, 4, 8}) {
                Schedule s = base;
                s.tile_x = tile_x;
                s.tile_o = tile_o;
                s.unroll_ci = unroll_ci;
                if (!fits_registers(tile_x, tile_o, target) ||
                    !schedule_problem(op, s, target).empty()) {
                    continue;
                }
                const double unroll = unroll_ci == 2 || unroll_ci == 4 ? 0 : 0.04;
                all.push_back({s, tile_rank(s, row, target) + unroll});
            }
        }
    }
}

int64_t direct_row(const Op& op) {
    const Shape& out = op.output_shape;
    const bool flat = op.kind == OpKind::conv && op.window == Window{};
    return op.kind == OpKind::fc ? out.n : flat ? out.h * out.w : out.w;
}

std::vector<Ranked> direct_candidates(const Op& op, const Target& target) {
    std::vector<Ranked> all;
    const int64_t row = direct_row(op);
    add_tiles(op, {}, row, target, all);
    if (op.kind != OpKind::conv) {
        return all;
    }
    const int64_t rows = op.output_shape.n * op.output_shape.h * op.output_shape.w / row;
    for (size_t i = all.size(); i-- > 0;) { // with the rule's share of prefetches, and without
        Ranked without = all[i];
        Schedule& s = all[i].schedule;
        s.prefetch = prefetch_share(s, rows * ((row + s.tile_x - 1) / s.tile_x));
        if (s.prefetch > 0) {
            without.rank += 0.03;
            all.push_back(without);
        }
    }
    return all;
}

std::vector<Ranked> grouped_candidates(const Op& op, const Target& target) {
    std::vector<Ranked> all;
    add_tiles(op, {.algorithm = Algorithm::grouped}, direct_row(op), target, all);
    return all;
}

// What a call of a Winograd pipeline computes: rows of tiles of an image (0: all), or whole images.
struct Block {
    int64_t rows;
    int64_t images;
};

// `tile_bytes`: of the scratch memory for a tile. Several images share what is read of the weights,
// as long as that memory stays in the caches.
std::vector<Block> winograd_blocks(const Op& op, int64_t tiles_x, int64_t tiles_y,
                                   int64_t tile_bytes, const Target& target) {
    std::vector<Block> blocks;
    const int64_t images = op.output_shape.n;
    const int64_t room = std::max(4 * target.caches.l2, target.caches.l3 / 4);
    for (int64_t together = images; together > 1; --together) {
        if (images % together == 0 && together * tiles_x * tiles_y * tile_bytes <= room) {
            blocks.push_back({0, together});
        }
    }
    blocks.insert(blocks.end(), {{0, 1}, {1, 1}, {2, 1}, {tiles_y / 2, 1}});
    return blocks;
}

// Tile sizes and blocking; the registers' tile as the rule has it for all but a few.
std::vector<Ranked> winograd_candidates(const Op& op, const Target& target) {
    std::vector<Ranked> all;
    const Shape& out = op.output_shape;
    for (const int x : {4, 6, 3, 2, 5}) {
        for (const int y : {4, 6, 3, 2, 5}) {
            const int64_t tiles_x = (out.w + x - 1) / x;
            const int64_t tiles_y = (out.h + y - 1) / y;
            const int64_t tile_bytes = int64_t{4} * (x + 2) * (y + 2) * (op.input_shape.c + out.c);
            for (const Block& block : winograd_blocks(op, tiles_x, tiles_y, tile_bytes, target)) {
                Schedule base{.algorithm = Algorithm::winograd};
                base.winograd_x = x;
                base.winograd_y = y;
                base.block_rows = static_cast<int>(block.rows);
                base.block_images = static_cast<int>(block.images);
                const int64_t tiles =
                    tiles_x * (block.rows == 0 ? tiles_y * block.images : block.rows);
                // Multiplications of an output, tiles that stick out included.
                const double multiplications =
                    static_cast<double>(tiles_x * (x + 2) * tiles_y * (y + 2)) /
                    static_cast<double>(out.w * out.h);
                std::vector<Ranked> tilings;
                add_tiles(op, base, tiles, target, tilings);
                std::stable_sort(tilings.begin(), tilings.end(),
                                 [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
                tilings.resize(std::min<size_t>(tilings.size(), 4));
                for (Ranked& each : tilings) {
                    each.rank *= multiplications;
                    all.push_back(each);
                    if (each.schedule.tile_x >= tiles) { // every weight is read once
                        each.schedule.prefetch = 64;
                        each.rank -= 0.01;
                        all.push_back(each);
                    }
                }
            }
        }
    }
    return all;
}

// The forms for small maps and for stride 2.
std::vector<Ranked> special_winograd_candidates(const Op& op, const Target& target) {
    std::vector<Ranked> all;
    const Shape& out = op.output_shape;
    const int64_t in_blocks = channel_blocks(op.input_shape.c);
    for (int64_t chunks = in_blocks; chunks >= 1; chunks /= 2) {
        for (const int unroll_ci : {1, 2}) {
            for (const int prefetch : {1, 0}) {
                const Schedule s{.algorithm = Algorithm::winograd_raw,
                                 .unroll_ci = unroll_ci,
                                 .prefetch = prefetch,
                                 .winograd_x = 4,
                                 .winograd_y = 4,
                                 .chunks = static_cast<int>(chunks),
                                 .block_images = 1};
                if (schedule_problem(op, s, target).empty()) {
                    all.push_back({s, static_cast<double>(all.size())});
                }
            }
        }
    }
    const int64_t tiles_x = (out.w + 1) / 2;
    const int64_t tiles_y = (out.h + 1) / 2;
    const int64_t tile_bytes = int64_t{4} * 16 * (op.input_shape.c + out.c);
    for (const Block& block : winograd_blocks(op, tiles_x, tiles_y, tile_bytes, target)) {
        Schedule base{.algorithm = Algorithm::winograd_stride2};
        base.winograd_x = base.winograd_y = 2;
        base.block_rows = static_cast<int>(block.rows);
        base.block_images = static_cast<int>(block.images);
        add_tiles(op, base, tiles_x * (block.rows == 0 ? tiles_y * block.images : block.rows),
                  target, all);
    }
    return all;
}

// The rule's schedule in smaller and larger pieces for threads; one may be there twice.
std::vector<Schedule> task_candidates(const Op& op, const Schedule& rule, const Target& target,
                                      int threads) {
    std::vector<Schedule> candidates;
    if (!has_task_rows(op.kind, rule)) {
        return candidates;
    }
    const int usual = choose_task_rows(op, rule, threads);
    for (const int rows : {usual / 4, usual / 2, usual * 2, usual * 4}) {
        Schedule s = rule;
        s.task_rows = rows;
        if (rows > 0 && rows != usual && schedule_problem(op, s, target).empty()) {
            candidates.push_back(s);
        }
    }
    return candidates;
}

void append_best(std::vector<Ranked> ranked, std::vector<Ranked>& all) {
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
    std::vector<Ranked> chosen;
    for (const Ranked& each : ranked) {
        const bool known = std::any_of(chosen.begin(), chosen.end(), [&](const Ranked& other) {
            return other.schedule == each.schedule;
        });
        if (!known && chosen.size() < kMostOfAnAlgorithm) {
            chosen.push_back(each);
        }
    }
    all.insert(all.end(), chosen.begin(), chosen.end());
}

} // namespace

std::vector<Schedule> candidate_schedules(const Op& op, const Target& target, int threads) {
    // The algorithms take turns, so that a short search has seen something of each.
    std::vector<std::vector<Ranked>> lists(4);
    append_best(direct_candidates(op, target), lists[0]);
    if (op.kind == OpKind::conv) {
        append_best(winograd_candidates(op, target), lists[1]);
        append_best(special_winograd_candidates(op, target), lists[2]);
        append_best(grouped_candidates(op, target), lists[3]);
    }
    const Schedule rule = choose_schedule(op, target, threads);
    std::vector<Schedule> candidates;
    const auto add = [&](const Schedule& s) {
        if (s != rule && std::find(candidates.begin(), candidates.end(), s) == candidates.end()) {
            candidates.push_back(s);
        }
    };
    add(choose_schedule(op, target, 1));
    add(choose_direct(op, target, 1));
    add(choose_direct(op, target, 2)); // in blocks of rows, where they suit the op
    if (threads > 1) {
        for (const Schedule& s : task_candidates(op, rule, target, threads)) {
            add(s);
        }
    }
    for (size_t i = 0; i < kMostOfAnAlgorithm; ++i) {
        for (const std::vector<Ranked>& list : lists) {
            if (i < list.size()) {
                add(list[i].schedule);
            }
        }
    }
    return candidates;
}

std::string digest(const std::vector<Schedule>& candidates) {
    std::string text;
    for (const Schedule& schedule : candidates) {
        text += schedule_text(schedule) + "\n";
    }
    return sha256_hex(text).substr(0, 8);
}

} // namespace resnetc
