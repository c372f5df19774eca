#include "winograd_geometry.h"

namespace resnetc {
namespace {

// Planes of scratch memory are so much longer than their content: powers of two between them would
// put all positions of a tile into the same few sets of the caches.
constexpr int64_t kPlanePadding = 16;

// `raw`: the weights are multiplied by powers of the points and nothing else.
TileAxis tile_axis(int64_t size, int tile, bool raw) {
    TileAxis axis{.tile = tile, .edge = static_cast<int>(size % tile), .full = size / tile};
    axis.points = nested_points(tile, axis.edge);
    const std::vector<double> divisors = raw ? std::vector<double>(axis.points.size(), 1.0)
                                             : weight_divisors(axis.points, axis.positions());
    axis.whole = cook_toom(axis.points, tile, 3, divisors);
    if (axis.edge > 0) {
        axis.narrow = cook_toom(axis.points, axis.edge, 3, divisors);
    }
    return axis;
}

TileAxis stride2_axis(int64_t tiles) {
    return {.tile = 2, .full = tiles, .whole = stride2_matrices()};
}

int64_t tiles_over(int64_t size, int tile) {
    return (size + tile - 1) / tile;
}

// In the order that winograd_geometry.h explains.
void find_tile_classes(WinogradGeometry& g) {
    const auto append = [&](bool edge_x, bool edge_y) {
        if ((edge_x && g.x.edge == 0) || (edge_y && g.y.edge == 0)) {
            return;
        }
        const TileClass tiles{edge_x, edge_y, g.tiles, edge_x ? 1 : g.x.full,
                              edge_y ? 1 : g.y.full};
        g.tiles += tiles.columns * tiles.rows * g.images;
        g.tile_classes.push_back(tiles);
    };
    append(true, false);
    append(false, false);
    append(false, true);
    append(true, true);
}

void find_position_classes(WinogradGeometry& g) {
    for (const bool upper_x : {false, true}) {
        for (const bool upper_y : {false, true}) {
            if ((upper_x && g.x.edge == 0) || (upper_y && g.y.edge == 0)) {
                continue;
            }
            const int split_x = g.x.edge > 0 ? g.x.edge_positions() : g.x.positions();
            const int split_y = g.y.edge > 0 ? g.y.edge_positions() : g.y.positions();
            PositionClass positions;
            positions.first_x = upper_x ? split_x : 0;
            positions.count_x = upper_x ? g.x.positions() - split_x : split_x;
            positions.first_y = upper_y ? split_y : 0;
            positions.count_y = upper_y ? g.y.positions() - split_y : split_y;
            bool begun = false;
            for (const TileClass& tiles : g.tile_classes) {
                if ((upper_x && tiles.edge_x) || (upper_y && tiles.edge_y)) {
                    continue;
                }
                positions.first_tile = begun ? positions.first_tile : tiles.first;
                positions.tiles += tiles.columns * tiles.rows * g.images;
                begun = true;
            }
            g.position_classes.push_back(positions);
        }
    }
}

// Both axes, and the rows of a block.
void find_axes(const Pipeline& pipeline, WinogradGeometry& g) {
    const Schedule& s = pipeline.schedule;
    const Shape& output = pipeline.output;
    const int64_t all_rows = tiles_over(output.h, s.winograd_y);
    g.tile_rows = s.block_rows == 0 ? all_rows : s.block_rows;
    g.row_blocks = (all_rows + g.tile_rows - 1) / g.tile_rows;
    const int64_t height = s.winograd_y * g.tile_rows; // of a block
    if (s.algorithm == Algorithm::winograd_stride2) {
        g.x = stride2_axis(tiles_over(output.w, s.winograd_x));
        g.y = stride2_axis(g.tile_rows);
        g.overhang_x = output.w % s.winograd_x != 0;
        g.overhang = output.h % height != 0;
        return;
    }
    const bool raw = s.algorithm == Algorithm::winograd_raw;
    g.x = tile_axis(output.w, s.winograd_x, raw);
    // Blocks of rows have no narrower tiles.
    g.y = tile_axis(s.block_rows == 0 ? output.h : height, s.winograd_y, raw);
    g.overhang = s.block_rows > 0 && output.h % height != 0;
}

} // namespace

WinogradGeometry winograd_geometry(const Pipeline& pipeline) {
    const Shape& output = pipeline.output;
    WinogradGeometry g;
    g.images = pipeline.schedule.block_images;
    find_axes(pipeline, g);
    g.blocks = g.row_blocks * (output.n / g.images);
    find_tile_classes(g);
    find_position_classes(g);
    g.transformed_plane =
        kChannelBlock * g.tiles * channel_blocks(pipeline.input.c) + kPlanePadding;
    g.products_plane = kChannelBlock * g.tiles * channel_blocks(output.c) + kPlanePadding;
    g.slot_plane = kChannelBlock * channel_blocks(pipeline.input.c) + kPlanePadding;
    return g;
}

SlotAxis slot_axis(const TileAxis& axis) {
    const auto tiles = static_cast<size_t>(axis.full) + (axis.edge > 0 ? 1 : 0);
    SlotAxis slots{.positions = {}, .slots = std::vector<std::vector<int>>(tiles)};
    for (int position = 0; position < axis.positions(); ++position) {
        for (size_t tile = 0; tile < tiles; ++tile) {
            const bool whole = static_cast<int64_t>(tile) < axis.full;
            if (whole || position < axis.edge_positions()) {
                slots.slots[tile].push_back(static_cast<int>(slots.positions.size()));
                slots.positions.push_back(position);
            }
        }
    }
    return slots;
}

} // namespace resnetc
