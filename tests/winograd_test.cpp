// The matrices of Winograd's algorithms, the division of maps into tiles, and the schedules that
// are refused.
#include "schedule_check.h"
#include "winograd.h"
#include "winograd_geometry.h"

#include "catch.h"

#include <cmath>

using namespace resnetc;

namespace {

std::vector<double> times(const Matrix& matrix, const std::vector<double>& vector) {
    std::vector<double> product;
    for (const std::vector<double>& row : matrix) {
        double sum = 0;
        for (size_t i = 0; i < row.size(); ++i) {
            sum += row[i] * vector.at(i);
        }
        product.push_back(sum);
    }
    return product;
}

// y[i] = sum over k of d[i + k] g[k], as the matrices compute it.
std::vector<double> filtered(const CookToom& m, const std::vector<double>& d,
                             const std::vector<double>& g) {
    std::vector<double> products = times(m.weights, g);
    const std::vector<double> data = times(m.input, d);
    for (size_t i = 0; i < products.size(); ++i) {
        products[i] *= data.at(i);
    }
    return times(m.output, products);
}

// Correlation is bilinear, so the unit vectors say everything.
double largest_error(const CookToom& m) {
    const auto data = static_cast<size_t>(m.outputs + m.taps - 1);
    double error = 0;
    for (size_t at = 0; at < data; ++at) {
        for (size_t tap = 0; tap < static_cast<size_t>(m.taps); ++tap) {
            std::vector<double> d(data, 0.0);
            std::vector<double> g(static_cast<size_t>(m.taps), 0.0);
            d[at] = g[tap] = 1;
            const std::vector<double> y = filtered(m, d, g);
            for (size_t i = 0; i < y.size(); ++i) {
                error = std::max(error, std::abs(y[i] - (i + tap == at ? 1.0 : 0.0)));
            }
        }
    }
    return error;
}

CookToom nested(int outputs, int edge, bool narrow) {
    const std::vector<double> points = nested_points(outputs, edge);
    return cook_toom(points, narrow ? edge : outputs, 3, weight_divisors(points, outputs + 2));
}

Op convolution(const Shape& input, int64_t outputs, const Window& window) {
    Op op{.kind = OpKind::conv, .name = "conv"};
    op.window = window;
    op.input_shape = input;
    op.output_shape = {
        input.n, outputs,
        (input.h + window.padding.top + window.padding.bottom - window.kernel) / window.stride + 1,
        (input.w + window.padding.left + window.padding.right - window.kernel) / window.stride + 1};
    return op;
}

Pipeline pipeline_of(const Op& op, const Schedule& schedule) {
    Pipeline p{.name = "conv", .kind = op.kind};
    p.input = op.input_shape;
    p.output = op.output_shape;
    p.window = op.window;
    p.schedule = schedule;
    return p;
}

const Window kSame{.kernel = 3, .stride = 1, .padding = {1, 1, 1, 1}};
const Schedule kF4{.algorithm = Algorithm::winograd,
                   .tile_x = 4,
                   .tile_o = 2,
                   .winograd_x = 4,
                   .winograd_y = 4,
                   .block_images = 1};

std::string problem(const Op& op, const Schedule& schedule) {
    return schedule_problem(op, schedule, find_target("x86-64-v4"));
}

} // namespace

TEST_CASE("Winograd: F(2,3) is Winograd's own algorithm") {
    const CookToom m = nested(2, 0, false);
    CHECK(m.output == Matrix{{1, 1, 1, 0}, {0, 1, -1, 1}});
    // Up to the signs of rows, which G shares: Lavin and Gray, (8) and (9).
    CHECK(m.input == Matrix{{-1, 0, 1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}});
    CHECK(m.weights == Matrix{{-1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}});
}

TEST_CASE("Winograd: every tile and every edge tile is a correlation") {
    for (int outputs = 1; outputs <= kMaxWinogradTile; ++outputs) {
        for (int edge = 0; edge < outputs; ++edge) {
            INFO("F(" << outputs << ",3) with an edge of " << edge);
            CHECK(largest_error(nested(outputs, edge, false)) < 1e-13);
            if (edge > 0) {
                CHECK(largest_error(nested(outputs, edge, true)) < 1e-13);
            }
        }
    }
    CookToom wrong = nested(4, 0, false);
    wrong.input[2][1] += 0.25;
    CHECK(largest_error(wrong) > 0.01);
}

TEST_CASE("Winograd: two outputs with stride 2 from sums of slots") {
    const CookToom m = stride2_matrices();
    const std::vector<double> d = {3, 1, 4, 1, 5};
    const std::vector<double> g = {2, 7, 1};
    const std::vector<double> slots = times(m.input, d);
    const std::vector<double> w = times(m.weights, g);
    const std::vector<double> sums = {slots[0] * w[0] + slots[1] * w[1], slots[2] * w[2],
                                      slots[3] * w[3] + slots[4] * w[1]};
    CHECK(times(m.output, sums) == std::vector<double>{3 * 2 + 1 * 7 + 4, 4 * 2 + 1 * 7 + 5});
}

TEST_CASE("Winograd: an edge tile shares the weights of the whole tiles") {
    for (int outputs = 2; outputs <= kMaxWinogradTile; ++outputs) {
        for (int edge = 1; edge < outputs; ++edge) {
            const Matrix whole = nested(outputs, edge, false).weights;
            const Matrix narrow = nested(outputs, edge, true).weights;
            CHECK(std::equal(narrow.begin(), narrow.end(), whole.begin()));
        }
    }
}

TEST_CASE("Winograd: all matrices of inputs and outputs are exact in float") {
    for (int outputs = 2; outputs <= kMaxWinogradTile; ++outputs) {
        for (int edge = 0; edge < outputs; ++edge) {
            const CookToom m = nested(outputs, edge, edge > 0);
            for (const Matrix& matrix : {m.input, m.output}) {
                for (const std::vector<double>& row : matrix) {
                    for (const double value : row) {
                        CHECK(static_cast<double>(static_cast<float>(value)) == value);
                    }
                }
            }
        }
    }
}

TEST_CASE("Winograd: every pair of a tile and its positions is computed once") {
    struct Case {
        Shape input;
        int x, y, rows, images;
    };
    const std::vector<Case> cases = {{{1, 64, 56, 56}, 4, 4, 1, 1}, {{1, 64, 56, 56}, 6, 4, 2, 1},
                                     {{2, 32, 14, 14}, 4, 4, 0, 2}, {{3, 32, 7, 9}, 4, 2, 0, 1},
                                     {{1, 32, 27, 27}, 6, 4, 3, 1}, {{4, 16, 13, 11}, 5, 3, 2, 1}};
    for (const Case& c : cases) {
        Schedule s = kF4;
        s.winograd_x = c.x;
        s.winograd_y = c.y;
        s.block_rows = c.rows;
        s.block_images = c.images;
        const Op op = convolution(c.input, 32, kSame);
        REQUIRE(problem(op, s) == "");
        const WinogradGeometry g = winograd_geometry(pipeline_of(op, s));
        INFO(to_string(c.input) << " in tiles of " << c.x << "x" << c.y);
        int64_t outputs = 0;
        int64_t pairs = 0;
        for (const TileClass& t : g.tile_classes) {
            const int64_t count = t.columns * t.rows * g.images;
            const int width = t.edge_x ? g.x.edge : g.x.tile;
            const int height = t.edge_y ? g.y.edge : g.y.tile;
            outputs += count * width * height;
            pairs += count * (width + 2) * (height + 2);
        }
        CHECK(g.blocks * outputs >= elements(op.output_shape) / 32);
        CHECK((g.overhang || g.blocks * outputs == elements(op.output_shape) / 32));
        int64_t products = 0;
        for (const PositionClass& p : g.position_classes) {
            CHECK(p.first_tile + p.tiles <= g.tiles);
            products += p.tiles * p.count_x * p.count_y;
        }
        CHECK(products == pairs);
    }
}

TEST_CASE("Winograd: the slots of a position are neighbours") {
    Schedule s{.algorithm = Algorithm::winograd_raw,
               .winograd_x = 4,
               .winograd_y = 4,
               .chunks = 1,
               .block_images = 1};
    const Op op = convolution({1, 16, 7, 7}, 16, kSame);
    const SlotAxis axis = slot_axis(winograd_geometry(pipeline_of(op, s)).x);
    CHECK(axis.positions == std::vector<int>{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5});
    CHECK(axis.slots == std::vector<std::vector<int>>{{0, 2, 4, 6, 8, 10}, {1, 3, 5, 7, 9}});
}

TEST_CASE("Winograd schedules that an op cannot have are refused with the reason") {
    const Op op = convolution({2, 64, 14, 14}, 64, kSame);
    CHECK(problem(op, kF4) == "");
    const auto with = [&](auto change) {
        Schedule s = kF4;
        change(s);
        return problem(op, s);
    };
    CHECK(with([](Schedule& s) { s.winograd_x = 7; }) == "winograd_x is 7, expected 2 to 6");
    CHECK(with([](Schedule& s) { s.winograd_y = 1; }) == "winograd_y is 1, expected 2 to 6");
    CHECK(with([](Schedule& s) { s.tile_o = 3; }) ==
          "tile_o is 3, expected a divisor of 4 output blocks");
    CHECK(with([](Schedule& s) { s.tile_x = 0; }) == "tile_x is 0, expected at least 1");
    CHECK(with([](Schedule& s) { s.unroll_ci = 3; }) == "unroll_ci is 3, expected a divisor of 16");
    CHECK(with([](Schedule& s) { s.tile_x = 16; }) ==
          "a tile takes 32 registers, expected fewer than 32");
    CHECK(with([](Schedule& s) { s.block_rows = 5; }) ==
          "block_rows is 5, expected 0 to 4 tile rows");
    CHECK(with([](Schedule& s) { s.block_images = 3; }) ==
          "block_images is 3, expected a divisor of 2 images");
    CHECK(with([](Schedule& s) {
              s.block_rows = 1;
              s.block_images = 2;
          }) == "block_images is 2, expected 1 where block_rows is not 0");
    CHECK(with([](Schedule& s) { s.algorithm = Algorithm::direct; }) ==
          "the algorithm is direct, expected no numbers of Winograd");
    CHECK(with([](Schedule& s) { s.chunks = 2; }) ==
          "chunks is 2, expected 0: only winograd_raw has chunks");
    CHECK(with([](Schedule& s) { s.prefetch = -1; }) == "prefetch is -1, expected at least 0");
    Schedule raw = kF4;
    raw.algorithm = Algorithm::winograd_raw;
    raw.tile_x = raw.tile_o = 1;
    CHECK(problem(op, raw) == "winograd_x is 4, expected at least half of 14 outputs");
    const Op small = convolution({1, 64, 7, 7}, 64, kSame);
    CHECK(problem(small, raw) == "chunks is 0, expected a divisor of 4 input blocks");
    raw.chunks = 2;
    CHECK(problem(small, raw) == "");
    CHECK(schedule_problem(small, raw, find_target("x86-64-v3")) ==
          "a tile takes 56 registers, expected fewer than 16");
    Schedule tall = raw;
    tall.winograd_x = tall.winograd_y = 6;
    CHECK(problem(convolution({1, 64, 11, 7}, 64, kSame), tall) ==
          "the products take 15488 bytes of stack, expected at most 12288");
    Window strided = kSame;
    strided.stride = 2;
    CHECK(problem(convolution({1, 64, 14, 14}, 64, strided), kF4) ==
          "winograd needs a 3x3 convolution with stride 1 and without groups");
    Schedule stride2 = kF4;
    stride2.algorithm = Algorithm::winograd_stride2;
    const Op halved = convolution({1, 64, 14, 14}, 64, strided);
    CHECK(problem(halved, stride2) == "winograd_stride2 has tiles of 2x2, expected winograd_x and "
                                      "winograd_y to be 2 and prefetch to be 0");
    stride2.winograd_x = stride2.winograd_y = 2;
    CHECK(problem(halved, stride2) == "");
    CHECK(problem(op, stride2) ==
          "winograd_stride2 needs a 3x3 convolution with stride 2 and without groups");
    CHECK(problem(convolution({1, 64, 3, 14}, 64, kSame), kF4) ==
          "winograd_y is 4, expected at most 3 outputs");
}
