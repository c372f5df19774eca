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

std::string list_text(const std::vector<double>& values) {
    std::string text;
    for (const double value : values) {
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

void add_transforms(const std::string& axis_name, const TileAxis& axis, Json& list) {
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
    return g.blocks * pairs * p.input.c * p.output.c;
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
    data["tiles_text"] = tiles_text(p);
    data["multiplications"] = multiplications(p, g);
    data["in_blocks"] = channel_blocks(p.input.c);
    data["positions_x"] = g.x.positions();
    data["positions_y"] = g.y.positions();
    data["tile_w"] = g.x.tile;
    data["tile_h"] = g.y.tile;
    data["images"] = g.images;
    data["overhang"] = g.overhang;
    data["blocked"] = Json::array();
    if (g.blocks > 1) {
        data["blocked"].push_back({{"last_block", g.blocks - 1},
                                   {"row_blocks", g.row_blocks},
                                   {"tile_rows", g.tile_rows}});
    }
    data["points_x"] = list_text(g.x.points);
    data["points_y"] = list_text(g.y.points);
    data["transforms"] = Json::array();
    add_transforms("x", g.x, data["transforms"]);
    add_transforms("y", g.y, data["transforms"]);
    data["tile_classes"] = tile_classes(g);
    data["position_classes"] = position_classes(g);
}

} // namespace resnetc
