#include "emit_winograd.h"

#include "winograd_geometry.h"

#include <charconv>
#include <cmath>

namespace resnetc {
namespace {

using Json = nlohmann::ordered_json;

// As short as it can be and still exact; a C++ literal for finite values.
std::string number_text(double value) {
    if (std::isinf(value)) {
        return "infinity";
    }
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value);
    return {text, end};
}

template <typename Number> std::string list_text(const std::vector<Number>& values) {
    std::string text;
    for (const Number value : values) {
        text += (text.empty() ? "" : ", ") + number_text(value == 0 ? 0 : value);
    }
    return text;
}

Json rows_json(const Matrix& matrix) {
    Json rows = Json::array();
    for (const std::vector<double>& row : matrix) {
        rows.push_back({{"row", list_text(row)}, {"first", rows.empty()}});
    }
    return rows;
}

void add_axis(const std::string& axis_name, const TileAxis& axis, Json& list) {
    const auto append = [&](const std::string& name, const CookToom& matrices) {
        list.push_back({{"transform", name},
                        {"outputs", matrices.outputs},
                        {"input_rows", rows_json(matrices.input)},
                        {"output_rows", rows_json(matrices.output)}});
    };
    append("whole_" + axis_name, axis.whole);
    if (axis.edge > 0) {
        append("edge_" + axis_name, axis.narrow);
    }
}

Json tile_classes(const WinogradGeometry& g) {
    Json list = Json::array();
    for (const TileClass& tiles : g.tile_classes) {
        list.push_back({{"along_x", tiles.edge_x ? "edge_x" : "whole_x"},
                        {"along_y", tiles.edge_y ? "edge_y" : "whole_y"},
                        {"first_tile", tiles.first},
                        {"columns", tiles.columns},
                        {"rows", tiles.rows},
                        {"x", tiles.edge_x ? g.x.full * g.x.tile : 0},
                        {"y", tiles.edge_y ? g.y.full * g.y.tile : 0}});
    }
    return list;
}

Json position_classes(const WinogradGeometry& g) {
    Json list = Json::array();
    for (const PositionClass& positions : g.position_classes) {
        list.push_back({{"first_x", positions.first_x},
                        {"count_x", positions.count_x},
                        {"first_y", positions.first_y},
                        {"count_y", positions.count_y},
                        {"first_tile", positions.first_tile},
                        {"tiles", positions.tiles}});
    }
    return list;
}

int64_t multiplications(const Pipeline& p, const WinogradGeometry& g) {
    int64_t pairs = 0; // of a tile and a position
    for (const PositionClass& c : g.position_classes) {
        pairs += c.tiles * c.count_x * c.count_y;
    }
    if (p.schedule.algorithm == Algorithm::winograd_stride2) {
        pairs = g.tiles * 25;
    }
    return g.blocks * pairs * p.input.c * p.output.c;
}

void add_winograd_stride2(const Pipeline& p, const WinogradGeometry& g, Json& data) {
    data["columns"] = g.x.full;
    data["tile_rows"] = g.tile_rows;
    data["tiles"] = g.tiles;
    data["overhang_x"] = g.overhang_x;
    data["out_w"] = p.output.w;
}

void add_transforms(const Pipeline& p, const WinogradGeometry& g, Json& data) {
    data["tiles_text"] = tiles_text(p);
    data["points_x"] = list_text(g.x.points);
    data["points_y"] = list_text(g.y.points);
    data["transforms"] = Json::array();
    add_axis("x", g.x, data["transforms"]);
    add_axis("y", g.y, data["transforms"]);
}

void add_winograd_raw(const Pipeline& p, const WinogradGeometry& g, Json& data) {
    const SlotAxis x = slot_axis(g.x);
    const SlotAxis y = slot_axis(g.y);
    for (const char* unused : {"tile_x", "tile_o"}) {
        data.erase(unused);
    }
    data["out_w"] = p.output.w;
    data["chunks"] = p.schedule.chunks;
    data["slot_rows"] = y.slots.size();
    data["slot_positions_x"] = list_text(x.positions);
    data["slot_positions_y"] = list_text(y.positions);
    data["weight_rows_x"] = rows_json(g.x.whole.weights);
    data["weight_rows_y"] = rows_json(g.y.whole.weights);
    data["prefetched"] = p.schedule.prefetch > 0;
    data["map_tiles"] = Json::array();
    for (size_t row = 0; row < y.slots.size(); ++row) {
        for (size_t column = 0; column < x.slots.size(); ++column) {
            const bool edge_x = static_cast<int64_t>(column) >= g.x.full;
            const bool edge_y = static_cast<int64_t>(row) >= g.y.full;
            data["map_tiles"].push_back({{"along_x", edge_x ? "edge_x" : "whole_x"},
                                         {"along_y", edge_y ? "edge_y" : "whole_y"},
                                         {"x", static_cast<int>(column) * g.x.tile},
                                         {"y", static_cast<int>(row) * g.y.tile},
                                         {"slots_x", list_text(x.slots[column])},
                                         {"slots_y", list_text(y.slots[row])}});
        }
    }
}

} // namespace

std::string tiles_text(const Pipeline& pipeline) {
    const WinogradGeometry g = winograd_geometry(pipeline);
    const auto axis = [](const TileAxis& a) {
        return std::to_string(a.tile) + (a.edge > 0 ? "+" + std::to_string(a.edge) : "");
    };
    return axis(g.x) + " x " + axis(g.y) + " outputs";
}

void add_winograd(const Pipeline& p, Json& data) {
    const WinogradGeometry g = winograd_geometry(p);
    data["multiplications"] = multiplications(p, g);
    data["in_blocks"] = channel_blocks(p.input.c);
    data["blocked"] = Json::array();
    if (g.blocks > 1) {
        data["blocked"].push_back({{"last_block", g.blocks - 1}});
    }
    if (p.schedule.algorithm == Algorithm::winograd_raw) {
        add_transforms(p, g, data);
        add_winograd_raw(p, g, data);
        return;
    }
    if (g.blocks > 1) {
        data["blocked"][0]["row_blocks"] = g.row_blocks;
        data["blocked"][0]["tile_rows"] = g.tile_rows;
    }
    data["images"] = g.images;
    data["overhang"] = g.overhang;
    if (p.schedule.algorithm == Algorithm::winograd_stride2) {
        add_winograd_stride2(p, g, data);
        return;
    }
    add_transforms(p, g, data);
    data["prefetched"] = Json::array();
    if (p.schedule.prefetch > 0) {
        data["prefetched"].push_back({{"floats", p.schedule.prefetch * kChannelBlock}});
    }
    data["positions_x"] = g.x.positions();
    data["positions_y"] = g.y.positions();
    data["tile_w"] = g.x.tile;
    data["tile_h"] = g.y.tile;
    data["tile_classes"] = tile_classes(g);
    data["position_classes"] = position_classes(g);
}

} // namespace resnetc
