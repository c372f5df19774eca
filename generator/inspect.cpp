// `resnetc inspect FILE`: the tensors of a checkpoint.
#include "commands.h"

#include "checkpoint_format.h"
#include "diagnostics.h"
#include "file_io.h"
#include "message_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iomanip>
#include <ostream>

namespace resnetc {
namespace {

int64_t element_count(const std::vector<int64_t>& shape) {
    if (std::ranges::find(shape, 0) != shape.end()) {
        return 0; // the other extents may overflow
    }
    int64_t count = 1;
    for (const int64_t extent : shape) {
        count *= extent;
    }
    return count;
}

void print_table(const Checkpoint& checkpoint, CheckpointFormat format, std::ostream& out) {
    constexpr size_t widest_name = 100;
    size_t name_width = 4;
    size_t shape_width = 5;
    size_t dtype_width = 5;
    for (const CheckpointTensor& tensor : checkpoint.tensors) {
        name_width = std::max(name_width, std::min(widest_name, printable(tensor.name).size()));
        shape_width = std::max(shape_width, shape_text(tensor.shape).size());
        dtype_width = std::max(dtype_width, tensor.dtype.size());
    }
    const auto row = [&](const std::string& name, const std::string& dtype,
                         const std::string& shape, const std::string& values) {
        out << std::left << std::setw(static_cast<int>(name_width)) << name << "  "
            << std::setw(static_cast<int>(dtype_width)) << dtype << "  "
            << std::setw(static_cast<int>(shape_width)) << shape << "  " << std::right
            << std::setw(12) << values << '\n';
    };
    row("name", "dtype", "shape", "values");
    int64_t total = 0;
    for (const CheckpointTensor& tensor : checkpoint.tensors) {
        const int64_t count = element_count(tensor.shape);
        total += count;
        row(printable(tensor.name), tensor.dtype, shape_text(tensor.shape), std::to_string(count));
    }
    out << '\n'
        << checkpoint.path << ": " << to_string(format) << ", "
        << counted(checkpoint.tensors.size(), "tensor") << ", "
        << counted(static_cast<size_t>(total), "value") << "\nSHA-256 " << checkpoint.sha256
        << '\n';
}

void print_json(const Checkpoint& checkpoint, CheckpointFormat format, std::ostream& out) {
    nlohmann::ordered_json tensors = nlohmann::ordered_json::array();
    int64_t parameters = 0;
    for (const CheckpointTensor& tensor : checkpoint.tensors) {
        tensors.push_back(
            {{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}});
        // Integer tensors count steps; only floats can be learnt.
        const bool is_float = tensor.dtype.starts_with("F") || tensor.dtype.starts_with("BF");
        parameters += is_float ? element_count(tensor.shape) : 0;
    }
    const nlohmann::ordered_json document = {
        {"path", checkpoint.path},     {"sha256", checkpoint.sha256},
        {"format", to_string(format)}, {"tensors", std::move(tensors)},
        {"parameters", parameters},
    };
    out << document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

} // namespace

int run_inspect(const InspectOptions& options, std::ostream& out) {
    const std::string bytes = read_file(options.checkpoint, kLargestCheckpoint);
    const CheckpointFormat format = recognise(bytes);
    const Checkpoint checkpoint = parse_checkpoint(options.checkpoint, bytes);
    if (options.json) {
        print_json(checkpoint, format, out);
    } else {
        print_table(checkpoint, format, out);
    }
    return exit_ok;
}

} // namespace resnetc
