// How a Winograd convolution divides its map: tiles, positions, blocks and scratch memory. Included
// by the planner, the packer and the emitter, so that they cannot disagree.
//
// In: a pipeline with its schedule. Out: numbers only.
//
// A tile is a rectangle of outputs; each of its (outputs + 2)^2 *positions* is one matrix product
// over all tiles: products[position][o][tile] = sum over c of weights[position][c][o] *
// transformed[position][c][tile]. Tiles at the right and lower edge are smaller where the map is
// not a multiple; they take part in the first positions of an axis only. Tiles are numbered so that
// the ones of every position are neighbours:
//
//   right edge | whole tiles | lower edge | corner
//   `------ upper positions ------'                      with all columns: the first two, and so on
#pragma once

#include "plan.h"
#include "winograd.h"

#include <cstdint>
#include <vector>

namespace resnetc {

// size = tile * full + edge. The edge tile, if any, is narrower.
struct TileAxis {
    int tile = 0;     // outputs of a whole tile
    int edge = 0;     // outputs of the tile at the edge; 0: there is none
    int64_t full = 0; // whole tiles
    std::vector<double> points{};
    CookToom whole{};  // matrices of a whole tile
    CookToom narrow{}; // and of the one at the edge
    int positions() const { return tile + 2; }
    int edge_positions() const { return edge + 2; } // of which the edge tile takes part in
};

// The tiles of one size: columns x rows of them in each image of a block.
struct TileClass {
    bool edge_x = false;
    bool edge_y = false;
    int64_t first = 0; // number of the first tile
    int64_t columns = 0;
    int64_t rows = 0;
};

// Positions that the same tiles take part in.
struct PositionClass {
    int first_x = 0;
    int count_x = 0;
    int first_y = 0;
    int count_y = 0;
    int64_t first_tile = 0;
    int64_t tiles = 0;
};

// With stride 2 all tiles are whole, and an axis has 5 slots and 3 sums instead of its positions.
struct WinogradGeometry {
    TileAxis x;
    TileAxis y;
    int64_t images = 0;     // of a block
    int64_t tile_rows = 0;  // of a block in each image
    int64_t row_blocks = 0; // blocks one below the other
    int64_t blocks = 0;     // calls of the pipeline
    int64_t tiles = 0;      // of a block
    std::vector<TileClass> tile_classes;
    std::vector<PositionClass> position_classes;
    int64_t transformed_plane = 0; // floats from one position to the next in the transformed input
    int64_t products_plane = 0;    // and in the products
    int64_t slot_plane = 0; // winograd_raw: from one slot to the next in the transformed input
    // The last tiles may reach below the map, with stride 2 beside it too; what is there is
    // computed and not stored.
    bool overhang = false;
    bool overhang_x = false;
};

// An axis as winograd_raw sees it. A slot is a position of one tile; the slots of one position are
// neighbours, whole tiles first.
struct SlotAxis {
    std::vector<int> positions;          // by slot
    std::vector<std::vector<int>> slots; // by tile and position
};
SlotAxis slot_axis(const TileAxis& axis);

// `pipeline.schedule` is a valid Winograd schedule (schedule_check.h).
WinogradGeometry winograd_geometry(const Pipeline& pipeline);

} // namespace resnetc
