// The matrices of Winograd's minimal filtering algorithms. Included by the packer (weights), the
// emitter (inputs and outputs) and their tests; pure functions, which know no layer and no layout.
//
// In: points and sizes. Out: A, B, G of  y = A^T [(G g) * (B^T d)],  * element by element:
// `outputs` values of the correlation of `outputs + taps - 1` data d with `taps` weights g.
//
// Sources: A. L. Toom (1963) and S. A. Cook (1966) for the construction by interpolation at points;
// A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv:1509.09308, for
// the form above and its nesting in two dimensions; B. Barabasz, A. Anderson, K. M. Soodhalter and
// D. Gregg, "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural
// Networks", arXiv:1803.10986, for the choice of the points.
#pragma once

#include <limits>
#include <vector>

namespace resnetc {

using Matrix = std::vector<std::vector<double>>; // rows

// The point at infinity: the product of the leading coefficients.
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Tiles of at most so many outputs along an axis: larger ones lose too much accuracy in float.
inline constexpr int kMaxWinogradTile = 6;

struct CookToom {
    int outputs = 0;
    int taps = 0;
    Matrix input{};   // B^T, (outputs + taps - 1) squared
    Matrix weights{}; // G, (outputs + taps - 1) x taps
    Matrix output{};  // A^T, outputs x (outputs + taps - 1)
};

// The matrices on the first outputs + taps - 1 of `points`, which are distinct, at most one of them
// infinite. Row j of G is (1, p_j, p_j^2, ...) / divisor[j]; row j of B^T is multiplied by that, so
// any divisor but zero will do. There are as many as points.
CookToom cook_toom(const std::vector<double>& points, int outputs, int taps,
                   const std::vector<double>& divisors);

// The divisors that leave no fraction in B^T but powers of two: the product of (p_j - p_i) over the
// first `count` points, i != j, both finite; 1 for infinity.
std::vector<double> weight_divisors(const std::vector<double>& points, int count);

// The same for two outputs with stride 2, by F(2,2) for the even inputs and plain products for the
// odd: G gives the 4 distinct weights w0, w1, w0 + w2, w2; B^T the 5 inputs d0 - d2, d1, d2, d4 -
// d2, d3, which are multiplied by weights 0, 1, 2, 3, 1; A^T takes the 3 sums of products 0 + 1, 2
// and 3
// + 4.
CookToom stride2_matrices();

// Points for tiles of `outputs` outputs (2 to 6, 3 taps) beside smaller ones of `edge_outputs` (0:
// there are none). The smaller use the first edge_outputs + 2, infinity among them, so that both
// multiply by the same transformed weights.
std::vector<double> nested_points(int outputs, int edge_outputs);

} // namespace resnetc
