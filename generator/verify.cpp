// `resnetc verify`: the compiled pipelines against the double-precision interpreter, op by op.
#include "build.h"
#include "file_io.h"
#include "generate.h"
#include "npy.h"
#include "process.h"
#include "reference.h"
#include "runner.h"
#include "work_folder.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <iomanip>
#include <map>
#include <ostream>

namespace resnetc {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxOutputBytes = size_t{1} << 34;

// Largest accepted error of a layer, relative to its largest value: float rounding over the longest
// sums of a ResNet, Winograd's transforms included, stays several times below.
constexpr double kTolerance = 1e-4;

struct OpError {
    std::string op;
    double error = 0;   // largest absolute difference
    double largest = 0; // largest absolute reference value
};

// The network's input for one run: raw bytes for the pipelines, doubles for the reference.
struct RunInput {
    bool u8 = false;
    std::string bytes;
    ReferenceTensor reference;
};

// Values between -2 and 2, about what normalised pixels are; the same on every machine.
RunInput pseudo_random_input(const Shape& shape) {
    RunInput input;
    std::vector<float> values(static_cast<size_t>(elements(shape)));
    uint32_t state = 1;
    for (float& value : values) {
        state = state * 1664525U + 1013904223U; // Numerical Recipes' generator
        value = static_cast<float>(static_cast<int>(state >> 20U) - 2048) / 1024.0F;
    }
    input.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    input.reference.assign(values.begin(), values.end());
    return input;
}

std::vector<RunInput> split_npy(const std::string& path, const Compilation& c) {
    const NpyArray array = load_npy(path);
    const Shape& s = c.network.input;
    const bool u8 = array.type == NpyType::u8;
    const std::vector<int64_t> tail =
        u8 ? std::vector<int64_t>{s.h, s.w, s.c} : std::vector<int64_t>{s.c, s.h, s.w};
    const bool fits = array.shape.size() == 4 && array.shape[0] % s.n == 0 && array.shape[0] > 0 &&
                      std::equal(tail.begin(), tail.end(), array.shape.begin() + 1);
    if (!fits) {
        fail(path, "has the wrong shape, expected uint8 (N," + std::to_string(s.h) + "," +
                       std::to_string(s.w) + "," + std::to_string(s.c) + ") or float32 (N," +
                       std::to_string(s.c) + "," + std::to_string(s.h) + "," + std::to_string(s.w) +
                       ") with N a multiple of " + std::to_string(s.n));
    }
    if (u8 && !c.spec.preprocessing) {
        fail(path, "holds pixels, but the spec has no preprocessing: expected float32");
    }
    std::vector<RunInput> runs(static_cast<size_t>(array.shape[0] / s.n));
    const size_t bytes = array.bytes.size() / runs.size();
    for (size_t i = 0; i < runs.size(); ++i) {
        runs[i].u8 = u8;
        runs[i].bytes = array.bytes.substr(i * bytes, bytes);
        if (u8) {
            const auto* pixels = reinterpret_cast<const uint8_t*>(runs[i].bytes.data());
            runs[i].reference = normalise_pixels(*c.spec.preprocessing, s, {pixels, bytes});
        } else {
            std::vector<float> values(bytes / sizeof(float));
            std::memcpy(values.data(), runs[i].bytes.data(), bytes);
            runs[i].reference.assign(values.begin(), values.end());
        }
    }
    return runs;
}

// NCHWc16 floats to NCHW doubles.
ReferenceTensor unblock(const float* blocked, const Shape& s) {
    ReferenceTensor tensor(static_cast<size_t>(elements(s)));
    const int64_t blocks = channel_blocks(s.c);
    size_t out = 0;
    for (int64_t n = 0; n < s.n; ++n) {
        for (int64_t c = 0; c < s.c; ++c) {
            const int64_t plane = (n * blocks + c / kChannelBlock) * s.h * s.w;
            for (int64_t i = 0; i < s.h * s.w; ++i) {
                tensor[out++] = blocked[(plane + i) * kChannelBlock + c % kChannelBlock];
            }
        }
    }
    return tensor;
}

void compare(const ReferenceTensor& actual, const ReferenceTensor& expected, OpError& worst) {
    for (size_t i = 0; i < expected.size(); ++i) {
        const double error = std::abs(actual[i] - expected[i]);
        // Not std::max: a NaN must stay visible.
        worst.error = error <= worst.error ? worst.error : error;
        worst.largest = std::max(worst.largest, std::abs(expected[i]));
    }
}

// Runs the ops and the reference over one input and widens `errors` (one entry an op).
void compare_run(const Compilation& c, const Weights& weights, const RunInput& input,
                 const std::vector<std::string>& steps, const fs::path& folder,
                 std::vector<OpError>& errors) {
    const fs::path input_file = folder / "input.bin";
    const fs::path output_file = folder / "output.bin";
    write_file(input_file.string(), input.bytes);
    std::vector<std::string> command = steps;
    command.insert(command.end(),
                   {input.u8 ? "u8" : "f32", input_file.string(), output_file.string()});
    run_tool(command, [](const std::string&) {});
    const std::string bytes = read_file(output_file.string(), kMaxOutputBytes);

    std::map<int, std::vector<size_t>> ops_of_layer; // whose output is that layer's
    std::vector<size_t> offsets;
    size_t offset = 0;
    for (size_t i = 0; i < c.graph.ops.size(); ++i) {
        const Op& op = c.graph.ops[i];
        offsets.push_back(offset);
        const int tensor = op.output >= 0 ? op.output : op.input;
        const Tensor& t = c.graph.tensors[static_cast<size_t>(tensor)];
        offset += static_cast<size_t>(op.output >= 0 ? stored_floats(t) : elements(t.shape)) * 4;
        ops_of_layer[t.layer].push_back(i);
    }
    if (bytes.size() != offset) {
        throw ToolError("the compiled ops wrote " + std::to_string(bytes.size()) +
                            " bytes, expected " + std::to_string(offset),
                        "");
    }
    const auto check = [&](int layer, const ReferenceTensor& expected) {
        for (const size_t i : ops_of_layer[layer]) {
            const Op& op = c.graph.ops[i];
            const auto* floats = reinterpret_cast<const float*>(bytes.data() + offsets[i]);
            const ReferenceTensor actual =
                op.output >= 0 ? unblock(floats, op.output_shape)
                               : ReferenceTensor(floats, floats + elements(op.output_shape));
            compare(actual, expected, errors[i]);
        }
    };
    check(kNetworkInput, input.reference);
    run_reference(c.network, weights, input.reference, check);
}

bool accepted(const OpError& error) {
    return error.error <= kTolerance * std::max(error.largest, 1e-6);
}

void print_json(const std::vector<OpError>& errors, bool ok, std::ostream& out) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const OpError& e : errors) {
        layers.push_back({{"op", e.op}, {"max_abs_error", e.error}, {"max_abs_value", e.largest}});
    }
    out << nlohmann::ordered_json{{"ok", ok},
                                  {"output_max_abs_error", errors.back().error},
                                  {"layers", layers}}
               .dump(2)
        << '\n';
}

void print_table(const std::vector<OpError>& errors, bool ok, std::ostream& out) {
    out << std::left << std::setw(28) << "op" << std::right << std::setw(14) << "largest error"
        << std::setw(16) << "largest value" << '\n';
    for (const OpError& e : errors) {
        out << std::left << std::setw(28) << e.op << std::right << std::scientific
            << std::setprecision(2) << std::setw(14) << e.error << std::setw(16) << e.largest
            << (accepted(e) ? "" : "  <- too large") << '\n';
    }
    out << "output: largest error " << errors.back().error << (ok ? ", ok" : ", NOT ok") << '\n';
}

} // namespace

int run_verify(const VerifyOptions& options, std::ostream& out) {
    const WorkFolder work("verify", options.keep);
    GenerateOptions sources;
    sources.spec = options.spec;
    sources.overrides = options.overrides;
    sources.weights = options.weights;
    sources.target = options.target;
    sources.schedules = options.schedules;
    sources.output = (work.path() / "src").string();
    const Generated generated = generate(sources);
    const Compilation& c = generated.compilation;
    check_runner(options.runner, c.plan.target);
    std::vector<RunInput> runs;
    if (options.npy.empty()) {
        runs.push_back(pseudo_random_input(c.network.input));
    } else {
        runs = split_npy(options.npy, c);
    }
    const fs::path binary = work.path() / "cmake";
    run_cmake({.source = sources.output,
               .binary = binary.string(),
               .options = {"-DRESNETC_STEPS=ON", "-DRESNETC_PROGRAM=OFF"},
               .targets = {"steps"},
               .triple = cross_triple(c.plan.target),
               .jobs = 0,
               .verbose = false});

    std::vector<OpError> errors(c.graph.ops.size());
    for (size_t i = 0; i < errors.size(); ++i) {
        errors[i].op = c.graph.ops[i].name;
    }
    const std::vector<std::string> steps =
        runner_command(options.runner, (binary / (c.spec.name.value + "_steps")).string());
    for (const RunInput& run : runs) {
        compare_run(c, generated.weights, run, steps, work.path(), errors);
    }
    bool ok = true;
    for (const OpError& error : errors) {
        ok = ok && accepted(error);
    }
    if (options.json) {
        print_json(errors, ok, out);
    } else {
        print_table(errors, ok, out);
    }
    return ok ? exit_ok : exit_refused;
}

} // namespace resnetc
