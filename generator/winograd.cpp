#include "winograd.h"

#include <cmath>
#include <stdexcept>

namespace resnetc {
namespace {

// Finite points in order of preference: small powers of two, in pairs p and -p, whose rows share
// their sums.
const std::vector<double> kPoints = {0, 1, -1, 2, -2, 0.5, -0.5};

// Coefficients, constant first, of the product of (x - p_i) over the first `count` points without
// infinity and without the point `skip`.
std::vector<double> product_polynomial(const std::vector<double>& points, int count, int skip) {
    std::vector<double> polynomial = {1};
    for (int i = 0; i < count; ++i) {
        const double point = points[static_cast<size_t>(i)];
        if (i == skip || std::isinf(point)) {
            continue;
        }
        polynomial.push_back(0);
        for (size_t k = polynomial.size() - 1; k > 0; --k) {
            polynomial[k] = polynomial[k - 1] - point * polynomial[k];
        }
        polynomial[0] *= -point;
    }
    return polynomial;
}

// Product of (p_j - p_i) over the other finite points.
double lagrange_denominator(const std::vector<double>& points, int count, size_t j) {
    double product = 1;
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
        if (i != j && !std::isinf(points[i]) && !std::isinf(points[j])) {
            product *= points[j] - points[i];
        }
    }
    return product;
}

} // namespace

CookToom cook_toom(const std::vector<double>& points, int outputs, int taps,
                   const std::vector<double>& divisors) {
    const int count = outputs + taps - 1;
    const auto size = static_cast<size_t>(count);
    if (points.size() < size || divisors.size() < size) {
        throw std::logic_error("cook_toom: too few points");
    }
    CookToom matrices{.outputs = outputs, .taps = taps};
    matrices.input.assign(size, std::vector<double>(size, 0.0));
    matrices.weights.assign(size, std::vector<double>(static_cast<size_t>(taps), 0.0));
    matrices.output.assign(static_cast<size_t>(outputs), std::vector<double>(size, 0.0));
    for (size_t j = 0; j < size; ++j) {
        const bool infinite = std::isinf(points[j]);
        const std::vector<double> row =
            product_polynomial(points, count, infinite ? -1 : static_cast<int>(j));
        const double factor = divisors[j] / lagrange_denominator(points, count, j);
        for (size_t i = 0; i < row.size(); ++i) {
            matrices.input[j][i] = row[i] * factor;
        }
        if (infinite) {
            matrices.weights[j].back() = 1 / divisors[j];
            matrices.output.back()[j] = 1;
            continue;
        }
        for (size_t i = 0; i < static_cast<size_t>(taps); ++i) {
            matrices.weights[j][i] = std::pow(points[j], static_cast<double>(i)) / divisors[j];
        }
        for (size_t i = 0; i < static_cast<size_t>(outputs); ++i) {
            matrices.output[i][j] = std::pow(points[j], static_cast<double>(i));
        }
    }
    return matrices;
}

CookToom stride2_matrices() {
    return {.outputs = 2,
            .taps = 3,
            .input = {{1, 0, -1, 0, 0},
                      {0, 1, 0, 0, 0},
                      {0, 0, 1, 0, 0},
                      {0, 0, -1, 0, 1},
                      {0, 0, 0, 1, 0}},
            .weights = {{1, 0, 0}, {0, 1, 0}, {1, 0, 1}, {0, 0, 1}},
            .output = {{1, 1, 0}, {0, 1, 1}}};
}

std::vector<double> weight_divisors(const std::vector<double>& points, int count) {
    std::vector<double> divisors;
    for (size_t j = 0; j < static_cast<size_t>(count); ++j) {
        divisors.push_back(lagrange_denominator(points, count, j));
    }
    return divisors;
}

std::vector<double> nested_points(int outputs, int edge_outputs) {
    if (outputs < 1 || outputs > kMaxWinogradTile || edge_outputs < 0 || edge_outputs >= outputs) {
        throw std::logic_error("nested_points: no such tiles");
    }
    std::vector<double> points(kPoints.begin(), kPoints.begin() + outputs + 1);
    const int before = edge_outputs > 0 ? edge_outputs + 1 : outputs + 1;
    points.insert(points.begin() + before, kInfinity);
    return points;
}

} // namespace resnetc
