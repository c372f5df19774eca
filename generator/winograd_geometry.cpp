#include "winograd_geometry.h"

namespace resnetc {
namespace {

// Planes of scratch memory are so much longer than their content: powers of two between them would
// put all positions of a tile into the same few sets of the caches.
constexpr int64_t kPlanePadding = 16;

TileAxis tile_axis(int64_t size, int tile) {
    TileAxis axis{.tile = tile, .edge = static_cast<int>(size % tile), .full = size / tile};
    axis.points = nested_points(tile, axis.edge);
    const std::vector<double> divisors = weight_divisors(axis.points, axis.positions());
    axis.whole = cook_toom(axis.points, tile, 3, divisors);
    if (axis.edge > 0) {
        axis.narrow = cook_toom(axis.points, axis.edge, 3, divisors);
    }
    return axis;
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

} // namespace

WinogradGeometry winograd_geometry(const Pipeline& pipeline) {
    const Schedule& s = pipeline.schedule;
    const Shape& output = pipeline.output;
    WinogradGeometry g;
    g.x = tile_axis(output.w, s.winograd_x);
    g.images = s.block_images;
    if (s.block_rows == 0) {
        g.y = tile_axis(output.h, s.winograd_y);
        g.tile_rows = g.y.full + (g.y.edge > 0 ? 1 : 0);
        g.row_blocks = 1;
    } else {
        g.y = tile_axis(int64_t{s.winograd_y} * s.block_rows, s.winograd_y);
        g.tile_rows = s.block_rows;
        const int64_t rows = g.tile_rows * s.winograd_y; // of a block
        g.row_blocks = (output.h + rows - 1) / rows;
        g.overhang = output.h % rows != 0;
    }
    g.blocks = g.row_blocks * (output.n / g.images);
    find_tile_classes(g);
    find_position_classes(g);
    g.transformed_plane =
        kChannelBlock * g.tiles * channel_blocks(pipeline.input.c) + kPlanePadding;
    g.products_plane = kChannelBlock * g.tiles * channel_blocks(output.c) + kPlanePadding;
    return g;
}

} // namespace resnetc
