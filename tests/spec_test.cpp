// The spec reader: every malformed spec of tests/errors/specs with its message word for word, and
// the meaning of every field.
//
// After a wanted change of a message, in tests/errors/specs:
//     for f in *.yaml; do resnetc summary $f 2> ${f%.yaml}.expected; done
// and read the diff.
#include "spec.h"

#include "file_io.h"
#include "network.h"
#include "spec_limits.h"
#include "yaml_tree.h"

#include "catch.h"

#include <filesystem>
#include <set>

using namespace resnetc;

namespace {

const std::filesystem::path kSource = RESNETC_SOURCE_DIR;
const std::filesystem::path kCases = kSource / "tests/errors/specs";

// Makes a folder the working directory until the end of the scope, so that messages name files as a
// user in that folder sees them.
class WorkingDirectory {
public:
    explicit WorkingDirectory(const std::filesystem::path& folder)
        : before_(std::filesystem::current_path()) {
        std::filesystem::current_path(folder);
    }
    ~WorkingDirectory() { std::filesystem::current_path(before_); }
    WorkingDirectory(const WorkingDirectory&) = delete;
    WorkingDirectory& operator=(const WorkingDirectory&) = delete;

private:
    std::filesystem::path before_;
};

std::string shown(const DiagnosticError& error) {
    std::string text;
    for (const Diagnostic& diagnostic : error.diagnostics) {
        text += format(diagnostic);
    }
    return text;
}

// A spec from the lines that every spec needs and `more`.
Spec parse(const std::string& more, const std::string& needed = "block: basic\ndepths: [2, 2]\n") {
    return parse_spec({"net.yaml", "version: 1\nname: net\n" + needed + more});
}

// What is said about a text as net.yaml; "" if it is accepted.
std::string complaint(const std::string& text) {
    try {
        parse_spec({"net.yaml", text});
    } catch (const DiagnosticError& error) {
        return shown(error);
    }
    return "";
}

} // namespace

TEST_CASE("every malformed spec gets its message") {
    const WorkingDirectory here(kCases);
    std::set<std::string> cases;
    for (const auto& entry : std::filesystem::directory_iterator(".")) {
        if (entry.path().extension() == ".yaml") {
            cases.insert(entry.path().filename().string());
        }
    }
    CHECK(cases.size() >= 80);
    for (const std::string& name : cases) {
        INFO(name);
        const std::string expected_path = name.substr(0, name.size() - 5) + ".expected";
        REQUIRE(std::filesystem::exists(expected_path));
        std::string found;
        try {
            build_network(load_spec(name));
        } catch (const DiagnosticError& error) {
            found = shown(error);
        }
        CHECK(found == read_file(expected_path, 1 << 20));
    }
}

TEST_CASE("the shortest spec is a torchvision ResNet") {
    const Spec spec = parse("", "block: bottleneck\ndepths: [3, 4, 6, 3]\n");
    CHECK(spec.name.value == "net");
    CHECK(spec.batch.value == 1);
    CHECK(spec.channels.value == 3);
    CHECK(spec.height.value == 224);
    CHECK(spec.width.value == 224);
    REQUIRE(spec.stem);
    CHECK(spec.stem->kernel.value == 7);
    CHECK(spec.stem->stride.value == 2);
    REQUIRE(spec.stem->widths.size() == 1);
    CHECK(spec.stem->widths[0].value == 64);
    REQUIRE(spec.stem->pool);
    CHECK(spec.stem->pool->kernel.value == 3);
    CHECK(spec.stem->pool->stride.value == 2);
    CHECK(spec.expansion.value == 4);
    CHECK(spec.groups.value == 1);
    CHECK(spec.width_per_group.value == 64);
    REQUIRE(spec.widths.size() == 4);
    CHECK(spec.widths[3].value == 512);
    CHECK(spec.strides[0].value == 1);
    CHECK(spec.strides[3].value == 2);
    CHECK(spec.stride_in.value == StridePlace::conv2);
    CHECK(spec.shortcut.kind.value == ShortcutKind::projection);
    CHECK(spec.shortcut.batch_norm.value);
    CHECK(spec.padding.value.rule == PaddingRule::symmetric);
    CHECK(spec.bn_eps.value == 1e-5);
    CHECK_FALSE(spec.conv_bias.value);
    REQUIRE(spec.head);
    CHECK(spec.head->classes.value == 1000);
    CHECK_FALSE(spec.head->softmax.value);
    REQUIRE(spec.preprocessing);
    CHECK(spec.preprocessing->resize == ResizeMode::short_side);
    CHECK(spec.preprocessing->short_side == 256);
    CHECK(spec.preprocessing->scale == 255.0);
    CHECK(spec.preprocessing->mean == std::vector<double>{0.485, 0.456, 0.406});
    CHECK(spec.preprocessing->stddev == std::vector<double>{0.229, 0.224, 0.225});
    CHECK(spec.labels.empty());
    CHECK(spec.checkpoint.naming.value == CheckpointNaming::automatic);
}

TEST_CASE("every field is read and knows its place") {
    const Spec spec = parse(R"(description: "all fields"
input: {batch: 2, channels: 1, height: 48, width: 64}
stem:
  kernel: 5
  stride: 3
  widths: [8, 16]
  padding: [1, 2, 3, 4]
  pool: {kernel: 2, stride: 1, padding: valid}
widths: [32, 48]
strides: [2, 3]
expansion: 2
groups: 4
width_per_group: 32
stride_in: conv1
shortcut: {kind: avg_pool_projection, batch_norm: false}
padding: same
batch_norm: true
bn_eps: 1e-3
conv_bias: true
head: {classes: 2, softmax: true}
preprocessing: {resize: exact, colour: grey, scale: 1, mean: 127.5, stddev: [64]}
labels: [cat, "no"]
checkpoint:
  naming: huggingface
  rename:
    - {match: 'a(b)', replace: $1$$}
)",
                            "block: bottleneck\ndepths: [1, 3]\n");
    CHECK(spec.description.value == "all fields");
    CHECK(spec.batch.value == 2);
    CHECK(spec.channels.value == 1);
    CHECK(spec.height.value == 48);
    CHECK(spec.width.value == 64);
    CHECK(spec.width.where.line == 6);
    CHECK(spec.width.where.column == 51);
    REQUIRE(spec.stem);
    CHECK(spec.stem->kernel.value == 5);
    CHECK(spec.stem->stride.value == 3);
    CHECK(spec.stem->widths[1].value == 16);
    CHECK(spec.stem->widths[1].where.column == 15);
    CHECK(spec.stem->padding.value.rule == PaddingRule::numbers);
    CHECK(spec.stem->padding.value.numbers == Padding{1, 2, 3, 4});
    CHECK(spec.stem->pool->kernel.value == 2);
    CHECK(spec.stem->pool->padding.value.rule == PaddingRule::valid);
    CHECK(spec.widths[1].value == 48);
    CHECK(spec.strides[1].value == 3);
    CHECK(spec.expansion.value == 2);
    CHECK(spec.groups.value == 4);
    CHECK(spec.width_per_group.value == 32);
    CHECK(spec.stride_in.value == StridePlace::conv1);
    CHECK(spec.shortcut.kind.value == ShortcutKind::avg_pool_projection);
    CHECK_FALSE(spec.shortcut.batch_norm.value);
    CHECK(spec.padding.value.rule == PaddingRule::same);
    CHECK(spec.bn_eps.value == 1e-3);
    CHECK(spec.conv_bias.value);
    CHECK(spec.head->classes.value == 2);
    CHECK(spec.head->softmax.value);
    CHECK(spec.preprocessing->resize == ResizeMode::exact);
    CHECK(spec.preprocessing->colour == ColourOrder::grey);
    CHECK(spec.preprocessing->scale == 1.0);
    CHECK(spec.preprocessing->mean == std::vector<double>{127.5});
    CHECK(spec.preprocessing->stddev == std::vector<double>{64.0});
    CHECK(spec.labels == std::vector<std::string>{"cat", "no"});
    CHECK(spec.checkpoint.naming.value == CheckpointNaming::huggingface);
    REQUIRE(spec.checkpoint.rename.size() == 1);
    CHECK(spec.checkpoint.rename[0].match.value == "a(b)");
    CHECK(spec.checkpoint.rename[0].replace.value == "$1$$");
}

TEST_CASE("parts of a network can be left out") {
    const Spec spec = parse("stem: none\nhead: none\npreprocessing: none\n");
    CHECK_FALSE(spec.stem);
    CHECK_FALSE(spec.head);
    CHECK_FALSE(spec.preprocessing);
    CHECK_FALSE(parse("stem: {pool: none}\n").stem->pool);
    CHECK_FALSE(parse("input: {channels: 1}\n").preprocessing);
    const Spec bare = parse("batch_norm: false\n");
    CHECK_FALSE(bare.shortcut.batch_norm.value); // a projection follows the network
}

TEST_CASE("preprocessing follows the input's size") {
    CHECK(parse("input: {height: 32, width: 32}\n").preprocessing->short_side == 37);
    CHECK(parse("input: {height: 160, width: 320}\n").preprocessing->short_side == 366);
    CHECK(parse("preprocessing: {resize: none}\n").preprocessing->resize == ResizeMode::none);
    CHECK(parse("preprocessing: {resize: 232}\n").preprocessing->short_side == 232);
}

TEST_CASE("built-in labels and label files") {
    const Spec imagenet = parse("labels: imagenet1k\n");
    REQUIRE(imagenet.labels.size() == 1000);
    CHECK(imagenet.labels[0] == "tench");
    CHECK(imagenet.labels[207] == "golden retriever");
    CHECK(imagenet.labels[999] == "toilet tissue");
    const Spec cifar = parse("head: {classes: 10}\nlabels: cifar10\n");
    REQUIRE(cifar.labels.size() == 10);
    CHECK(cifar.labels[9] == "truck");

    const Spec file = parse_spec({(kCases / "net.yaml").string(),
                                  "version: 1\nname: net\nblock: basic\ndepths: [1]\n"
                                  "head: {classes: 2}\nlabels: {file: ../labels/two.txt}\n"});
    CHECK(file.labels == std::vector<std::string>{"first", "caf\u00e9 au lait"});
}

TEST_CASE("CRLF line ends are read, and places stay right") {
    std::string text = "version: 1\r\nname: net\r\nblock: basic\r\ndepths: [2, 2]\r\n";
    CHECK(complaint(text).empty());
    CHECK(complaint(text + "heat: none\r\n") == "net.yaml:5:1: error: unknown key 'heat'\n"
                                                "heat: none\n"
                                                "^\n"
                                                "hint: did you mean 'head'?\n");
}

TEST_CASE("a spec of more than 1 MiB is refused") {
    const std::string text = "# " + std::string(kYamlSizeLimit, 'x') + "\n";
    CHECK(complaint(text) == "net.yaml: error: is larger than 1 MiB (1048579 bytes)\n");
}

TEST_CASE("a missing spec is refused") {
    try {
        load_spec("no_such_folder/net.yaml");
        FAIL("nothing thrown");
    } catch (const DiagnosticError& error) {
        CHECK(shown(error) ==
              "no_such_folder/net.yaml: error: cannot be opened: No such file or directory\n");
    }
}

TEST_CASE("all errors of a spec come in one run, sorted") {
    CHECK(complaint("version: 1\nname: net\nblock: basik\ndepths: [0]\nheat: none\n") ==
          "net.yaml:3:8: error: block is 'basik', expected basic or bottleneck\n"
          "block: basik\n"
          "       ^\n"
          "hint: did you mean 'basic'?\n"
          "net.yaml:4:10: error: depths[0] is 0, expected an integer from 1 to 500\n"
          "depths: [0]\n"
          "         ^\n"
          "net.yaml:5:1: error: unknown key 'heat'\n"
          "heat: none\n"
          "^\n"
          "hint: did you mean 'head'?\n");
}

TEST_CASE("overrides replace fields and keep what depends on them") {
    Spec spec = parse("labels: imagenet1k\n");
    apply_overrides(spec, {4, std::nullopt, 448, 320, 10});
    CHECK(spec.batch.value == 4);
    CHECK(spec.channels.value == 3);
    CHECK(spec.height.value == 448);
    CHECK(spec.width.value == 320);
    CHECK(spec.head->classes.value == 10);
    CHECK(spec.labels.empty());
    CHECK(spec.preprocessing->short_side == 512);

    Spec same = parse("labels: imagenet1k\n");
    apply_overrides(same, {{}, {}, {}, {}, 1000});
    CHECK(same.labels.size() == 1000);

    Spec grey = parse("");
    apply_overrides(grey, {{}, 1, {}, {}, {}});
    CHECK_FALSE(grey.preprocessing);
}

TEST_CASE("overrides that cannot be are refused") {
    Spec spec = parse("head: none\n");
    try {
        apply_overrides(spec, {5000, {}, {}, {}, 10});
        FAIL("nothing thrown");
    } catch (const DiagnosticError& error) {
        CHECK(shown(error) == "net.yaml: error: batch is 5000 on the command line, expected an "
                              "integer from 1 to 4096\n"
                              "net.yaml: error: classes on the command line, but the spec has no "
                              "head\n");
    }
}

TEST_CASE("specs/README.md states the limits") {
    const std::string readme = read_file((kSource / "specs/README.md").string(), 1 << 20);
    const std::vector<std::pair<std::string, IntRange>> ranges = {
        {"input.batch", limits::kBatch},
        {"input.channels", limits::kChannels},
        {"input.height", limits::kSize},
        {"input.width", limits::kSize},
        {"stem.kernel", limits::kKernel},
        {"stem.stride", limits::kStride},
        {"stem.widths", limits::kChannels},
        {"depths", limits::kDepth},
        {"widths", limits::kChannels},
        {"strides", limits::kStride},
        {"expansion", limits::kExpansion},
        {"groups", limits::kGroups},
        {"width_per_group", limits::kWidthPerGroup},
        {"head.classes", limits::kClasses},
        {"stem.pool.kernel", limits::kKernel},
        {"stem.pool.stride", limits::kStride}};
    for (const auto& [field, range] : ranges) {
        INFO(field);
        const size_t row = readme.find("| `" + field + "` |");
        REQUIRE(row != std::string::npos);
        const std::string line = readme.substr(row, readme.find('\n', row) - row);
        const std::string text = std::to_string(range.min) + " to " + std::to_string(range.max);
        CHECK(line.find(text) != std::string::npos);
    }
}
