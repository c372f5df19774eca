// `resnetc summary SPEC`: the layer table, totals and the output of every stage.
#include "commands.h"
#include "network.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ostream>

namespace resnetc {

namespace {

constexpr size_t kColumns = 9;
using Row = std::array<std::string, kColumns>;

std::string type_text(const Layer& layer) {
    std::string text = to_string(layer.kind);
    if (layer.groups > 1) {
        text += ", " + std::to_string(layer.groups) + " groups";
    }
    return text;
}

bool has_window(const Layer& layer) {
    return layer.kind == LayerKind::conv || layer.kind == LayerKind::max_pool ||
           layer.kind == LayerKind::avg_pool;
}

// "1", or "2,2,3,3" (top, left, bottom, right) if the sides differ.
std::string padding_text(const Padding& p) {
    std::string top = std::to_string(p.top);
    if (p == Padding{p.top, p.top, p.top, p.top}) {
        return top;
    }
    return top + "," + std::to_string(p.left) + "," + std::to_string(p.bottom) + "," +
           std::to_string(p.right);
}

Row row_of(const Layer& layer) {
    Row row = {
        layer.name, type_text(layer), "", "", "", to_string(layer.input), to_string(layer.output)};
    if (has_window(layer)) {
        const std::string kernel = std::to_string(layer.window.kernel);
        row[2] = kernel + "x" + kernel;
        row[4] = padding_text(layer.window.padding);
    }
    if (has_window(layer) || layer.kind == LayerKind::pad_channels) {
        row[3] = std::to_string(layer.window.stride);
    }
    row[7] = layer.params > 0 ? std::to_string(layer.params) : "";
    row[8] = layer.macs > 0 ? std::to_string(layer.macs) : "";
    return row;
}

void print_table(const std::vector<Row>& rows, std::ostream& out) {
    std::array<size_t, kColumns> widths{};
    for (const Row& row : rows) {
        for (size_t i = 0; i < kColumns; ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    for (const Row& row : rows) {
        std::string line;
        for (size_t i = 0; i < kColumns; ++i) {
            const std::string space(widths[i] - row[i].size(), ' ');
            const bool number = i == 7 || i == 8;
            line += number ? space + row[i] : row[i] + space;
            line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    }
}

// A part of the network and what comes out of it.
struct TraceStep {
    std::string name;
    Shape output;
};

// The output of the stem's convolutions, of its pool, of each stage and of each layer of the head.
std::vector<TraceStep> trace_of(const Network& network) {
    std::vector<TraceStep> trace;
    int stage = 0;
    for (const Layer& layer : network.layers) {
        stage = std::max(stage, layer.stage);
        std::string name = "stem";
        if (layer.stage > 0) {
            name = "layer" + std::to_string(layer.stage);
        } else if (stage > 0 || layer.kind == LayerKind::max_pool) {
            name = layer.name;
        }
        if (trace.empty() || trace.back().name != name) {
            trace.push_back({name, layer.output});
        }
        trace.back().output = layer.output;
    }
    return trace;
}

void print_trace(const Network& network, std::ostream& out) {
    std::vector<TraceStep> trace = trace_of(network);
    trace.insert(trace.begin(), {"input", network.input});
    size_t width = 0;
    for (const TraceStep& step : trace) {
        width = std::max(width, step.name.size());
    }
    for (const TraceStep& step : trace) {
        out << "  " << step.name << std::string(width - step.name.size(), ' ') << "  "
            << to_string(step.output) << '\n';
    }
}

// Running means and variances, which Keras counts as parameters and PyTorch does not.
int64_t running_statistics(const Network& network) {
    int64_t count = 0;
    for (const Layer& layer : network.layers) {
        count += layer.kind == LayerKind::batch_norm ? 2 * layer.output.c : 0;
    }
    return count;
}

void print_totals(const Network& network, std::ostream& out) {
    out << "\nparams  " << network.params;
    if (const int64_t statistics = running_statistics(network); statistics > 0) {
        out << "  (" << network.params + statistics << " with running means and variances)";
    }
    out << "\nMACs    " << network.macs;
    if (network.input.n > 1) {
        out << "  (" << network.macs / network.input.n << " an image)";
    }
    out << '\n';
}

void print_text(const Network& network, std::ostream& out) {
    std::vector<Row> rows = {
        {"layer", "type", "kernel", "stride", "padding", "input", "output", "params", "MACs"}};
    for (const Layer& layer : network.layers) {
        rows.push_back(row_of(layer));
    }
    print_table(rows, out);
    out << '\n' << network.name << '\n';
    print_trace(network, out);
    print_totals(network, out);
}

nlohmann::ordered_json shape_json(const Shape& s) {
    return {s.n, s.c, s.h, s.w};
}

// One layer a line, so that two summaries can be compared by diff.
void print_json(const Network& network, std::ostream& out) {
    out << "{\"name\": " << nlohmann::json(network.name).dump()
        << ",\n \"params\": " << network.params << ",\n \"macs\": " << network.macs
        << ",\n \"layers\": [";
    const char* separator = "\n  ";
    for (const Layer& layer : network.layers) {
        const nlohmann::ordered_json row = {{"name", layer.name},
                                            {"type", to_string(layer.kind)},
                                            {"input", shape_json(layer.input)},
                                            {"output", shape_json(layer.output)},
                                            {"params", layer.params},
                                            {"macs", layer.macs}};
        out << separator << row.dump();
        separator = ",\n  ";
    }
    out << "\n]}\n";
}

} // namespace

int run_summary(const SummaryOptions& options, std::ostream& out) {
    Spec spec = load_spec(options.spec);
    apply_overrides(spec, options.overrides);
    const Network network = build_network(spec);
    if (options.json) {
        print_json(network, out);
    } else {
        print_text(network, out);
    }
    return exit_ok;
}

} // namespace resnetc
