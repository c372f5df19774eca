#include "sha256.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace resnetc {
namespace {

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes
// (FIPS 180-4, section 4.2.2).
constexpr std::array<uint32_t, 64> kRoundConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr size_t kBlockBytes = 64;

// The eight working words a...h of FIPS 180-4, section 6.2.2.
using State = std::array<uint32_t, 8>;

uint32_t load_big_endian(const char* bytes) {
    std::array<unsigned char, 4> b{};
    std::memcpy(b.data(), bytes, b.size());
    return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | uint32_t{b[3]};
}

// Word t of the message schedule (section 6.2.2, step 1), in place of word t - 16: the last sixteen
// are all that is ever read, and they fit into registers.
inline uint32_t next_word(std::array<uint32_t, 16>& w, size_t t) {
    const uint32_t near_start = w[(t + 1) % 16];
    const uint32_t near_end = w[(t + 14) % 16];
    const uint32_t s0 = std::rotr(near_start, 7) ^ std::rotr(near_start, 18) ^ (near_start >> 3);
    const uint32_t s1 = std::rotr(near_end, 17) ^ std::rotr(near_end, 19) ^ (near_end >> 10);
    return w[t % 16] += s1 + w[(t + 9) % 16] + s0;
}

// One round; the caller rotates the names of the words instead of their values.
inline void round(uint32_t a, uint32_t b, uint32_t c, uint32_t& d, uint32_t e, uint32_t f,
                  uint32_t g, uint32_t& h, uint32_t constant_plus_word) {
    const uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const uint32_t choose = g ^ (e & (f ^ g));
    const uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const uint32_t majority = (a & b) | (c & (a | b));
    h += sum1 + choose + constant_plus_word;
    d += h;
    h += sum0 + majority;
}

// Section 6.2.2.
void compress(State& state, const char* block) {
    std::array<uint32_t, 16> w{};
    for (size_t t = 0; t < 16; ++t) {
        w[t] = load_big_endian(block + 4 * t);
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (size_t first = 0; first < 64; first += 16) {
        const auto input = [&](size_t t) {
            return kRoundConstants[first + t] + (first == 0 ? w[t] : next_word(w, t));
        };
        for (size_t t = 0; t < 16; t += 8) {
            round(a, b, c, d, e, f, g, h, input(t));
            round(h, a, b, c, d, e, f, g, input(t + 1));
            round(g, h, a, b, c, d, e, f, input(t + 2));
            round(f, g, h, a, b, c, d, e, input(t + 3));
            round(e, f, g, h, a, b, c, d, input(t + 4));
            round(d, e, f, g, h, a, b, c, input(t + 5));
            round(c, d, e, f, g, h, a, b, input(t + 6));
            round(b, c, d, e, f, g, h, a, input(t + 7));
        }
    }
    const State round_result = {a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < state.size(); ++i) {
        state[i] += round_result[i];
    }
}

// The rest of the message, the bit 1, zeros, and the message's length in bits (section 5.1.1).
void compress_padded_tail(State& state, std::string_view tail, uint64_t message_bytes) {
    std::array<char, 2 * kBlockBytes> padded{};
    std::memcpy(padded.data(), tail.data(), tail.size());
    padded[tail.size()] = static_cast<char>(0x80);
    const size_t size = tail.size() + 9 <= kBlockBytes ? kBlockBytes : 2 * kBlockBytes;
    const uint64_t bits = message_bytes * 8;
    for (size_t i = 0; i < 8; ++i) {
        padded[size - 1 - i] = static_cast<char>(bits >> (8 * i) & 0xff);
    }
    for (size_t at = 0; at < size; at += kBlockBytes) {
        compress(state, padded.data() + at);
    }
}

} // namespace

std::string sha256_hex(std::string_view bytes) {
    // Fractional parts of the square roots of the first eight primes (section 5.3.3).
    State state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    size_t at = 0;
    for (; bytes.size() - at >= kBlockBytes; at += kBlockBytes) {
        compress(state, bytes.data() + at);
    }
    compress_padded_tail(state, std::string(bytes.substr(at)), bytes.size());
    std::string hex;
    for (const uint32_t word : state) {
        for (int shift = 28; shift >= 0; shift -= 4) {
            hex += "0123456789abcdef"[word >> shift & 15];
        }
    }
    return hex;
}

} // namespace resnetc
