// The readers of PyTorch files: what they read, what they say about malformed files
// (tests/errors/torch, word for word), that nothing in a file is run, and that no damaged file
// makes them crash.
#include "torch_checkpoint.h"

#include "checkpoint_format.h"
#include "diagnostics.h"
#include "pickle.h"

#include "catch.h"
#include "data_dir.h"
#include "support/checkpoint_cases.h"

using namespace resnetc;
using namespace resnetc_test;
using namespace std::string_literals;

namespace {

const std::filesystem::path kCases = cases_folder("torch");

// The files that hold every kind of tensor.
void check_valid(const std::vector<CheckpointTensor>& tensors) {
    REQUIRE(tensors.size() == 6);
    CHECK(tensors[0].name == "brain");
    CHECK(tensors[0].dtype == "BF16");
    CHECK(tensors[0].shape == std::vector<int64_t>{1, 3});
    CHECK(tensors[0].values == std::vector<float>{1.0F, -2.0F, -0x1.0p-126F});
    CHECK(tensors[1].name == "conv.weight"); // the second to fifth element
    CHECK(tensors[1].shape == std::vector<int64_t>{2, 1, 1, 2});
    CHECK(tensors[1].values == std::vector<float>{1.5F, -2.0F, 0.125F, 3e38F});
    CHECK(tensors[2].name == "fc.weight"); // stored by columns: 7, 1.5; -2, 0.125; 3e38, 5
    CHECK(tensors[2].shape == std::vector<int64_t>{2, 3});
    CHECK(tensors[2].values == std::vector<float>{7.0F, -2.0F, 3e38F, 1.5F, 0.125F, 5.0F});
    CHECK(tensors[3].name == "half"); // a parameter
    CHECK(tensors[3].dtype == "F16");
    CHECK(tensors[3].values == std::vector<float>{1.0F, -0.5F, 0x1p-24F});
    CHECK(tensors[4].name == "nothing");
    CHECK(tensors[4].shape == std::vector<int64_t>{0, 4});
    CHECK(tensors[4].values.empty());
    CHECK(tensors[5].name == "steps");
    CHECK(tensors[5].dtype == "I64");
    CHECK(tensors[5].shape.empty());
    CHECK(tensors[5].values.empty());
}

// What read_pickle says about these opcodes behind PROTO 2.
std::string pickle_complaint(const std::string& opcodes) {
    try {
        read_pickle("a.pt", "data.pkl", "\x80\x02" + opcodes);
        return "";
    } catch (const DiagnosticError& error) {
        return format(error.diagnostics.at(0));
    }
}

} // namespace

TEST_CASE("torch: valid files with every kind of tensor", "[torch]") {
    check_valid(read_torch_zip("valid.pt", bytes_of(kCases / "valid.pt")));
    check_valid(read_torch_zip("valid.pt", bytes_of(kCases / "valid_big_endian.pt")));
    check_valid(read_torch_legacy("valid.th", bytes_of(kCases / "valid.th")));
}

TEST_CASE("torch: a file written by Python 2", "[torch]") {
    const auto tensors = read_torch_legacy("old.th", bytes_of(kCases / "valid_python2.th"));
    REQUIRE(tensors.size() == 1);
    CHECK(tensors[0].name == "a");
    CHECK(tensors[0].shape == std::vector<int64_t>{2, 2});
    CHECK(tensors[0].values == std::vector<float>{1.5F, -2.0F, 0.25F, 3.0F});
}

TEST_CASE("torch: both kinds of files are recognised by their content", "[torch]") {
    CHECK(recognise(bytes_of(kCases / "valid.pt")) == CheckpointFormat::pytorch_zip);
    CHECK(recognise(bytes_of(kCases / "valid.th")) == CheckpointFormat::pytorch_legacy);
    check_valid(parse_checkpoint("x", bytes_of(kCases / "valid.pt")).tensors);
    check_valid(parse_checkpoint("x.safetensors", bytes_of(kCases / "valid.th")).tensors);
}

TEST_CASE("torch: every malformed file and its message", "[torch]") {
    CHECK(check_malformed_files(kCases, {".pt"}) >= 120);
    CHECK(check_malformed_files(kCases, {".th"}) >= 20);
}

TEST_CASE("torch: no truncation is accepted", "[torch]") {
    for (const char* name : {"valid.pt", "valid.th"}) {
        INFO(name);
        const std::string valid = bytes_of(kCases / name);
        CHECK(accepted_truncations(name, valid) == 0);
        CHECK_FALSE(complaint(name, valid + '\0').empty());
    }
}

TEST_CASE("torch: every single-bit flip ends in tensors or in a message", "[torch]") {
    // Checksums cover all of a zip archive but a few fields that are not used: times, versions.
    const std::string zip = bytes_of(kCases / "valid.pt");
    CHECK(accepted_flips("valid.pt", zip) < zip.size());
    // A legacy file has none: flips in values and names cannot be seen.
    const std::string legacy = bytes_of(kCases / "valid.th");
    CHECK(accepted_flips("valid.th", legacy) < legacy.size() * 4);
}

TEST_CASE("pickle: values of every kind", "[torch]") {
    const std::string opcodes = "\x80\x04(NM\xe8\x03J\xff\xff\xff\xff\x8a\x03\x00\x00\x80\x8a\x00"
                                "\x8b\x08\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\x7f"
                                "G\x3f\xf0\x00\x00\x00\x00\x00\x00\x88\x89"
                                "\x8c\x02\xc3\xb6X\x01\x00\x00\x00x"
                                "\x8d\x01\x00\x00\x00\x00\x00\x00\x00yU\x01zT\x01\x00\x00\x00\xff"
                                "C\x01"
                                "aB\x01\x00\x00\x00"
                                "b\x8e\x01\x00\x00\x00\x00\x00\x00\x00"
                                "c(K\x01l(K\x01K\x02"
                                "d\x8f(K\x03\x90(K\x04\x91}K\x05K\x06s2K\x07"
                                "0(K\x08"
                                "1t."s;
    const Pickle pickle = read_pickle("a.pt", "data.pkl", opcodes);
    CHECK(pickle.end == opcodes.size());
    const PickleValue& root = pickle[pickle.root];
    REQUIRE(root.kind == PickleKind::tuple);
    const std::vector<int64_t> integers = {1000, -1, -0x800000, 0, 0x7fffffffffffffff};
    REQUIRE(root.items.size() == 23);
    CHECK(pickle[root.items[0]].kind == PickleKind::none);
    for (size_t i = 0; i < integers.size(); ++i) {
        CHECK(pickle[root.items[i + 1]].kind == PickleKind::integer);
        CHECK(pickle[root.items[i + 1]].integer == integers[i]);
    }
    const std::vector<std::pair<PickleKind, std::string>> rest = {
        {PickleKind::real, ""},         {PickleKind::boolean, ""},   {PickleKind::boolean, ""},
        {PickleKind::text, "\xc3\xb6"}, {PickleKind::text, "x"},     {PickleKind::text, "y"},
        {PickleKind::text, "z"},        {PickleKind::bytes, "\xff"}, {PickleKind::bytes, "a"},
        {PickleKind::bytes, "b"},       {PickleKind::bytes, "c"},    {PickleKind::list, ""},
        {PickleKind::dict, ""},         {PickleKind::set, ""},       {PickleKind::set, ""},
        {PickleKind::dict, ""},         {PickleKind::dict, ""}};
    for (size_t i = 0; i < rest.size(); ++i) {
        INFO("item " << i + 6);
        CHECK(pickle[root.items[i + 6]].kind == rest[i].first);
        CHECK(pickle[root.items[i + 6]].text == rest[i].second);
    }
    CHECK(pickle[root.items[7]].integer == 1);
    CHECK(pickle[root.items[8]].integer == 0);
    CHECK(pickle[root.items[21]].items.size() == 2);
    CHECK(root.items[22] == root.items[21]);
}

TEST_CASE("pickle: containers may hold themselves", "[torch]") {
    const Pickle pickle = read_pickle("a.pt", "data.pkl",
                                      "\x80\x02]q\x00h\x00"
                                      "a."s);
    CHECK(pickle[pickle.root].items == std::vector<PickleRef>{pickle.root});
}

TEST_CASE("pickle: more than is ever needed", "[torch]") {
    CHECK(pickle_complaint(std::string(1'000'001, ']')) ==
          "a.pt: error: data.pkl, byte 1000002: the pickle has more than 1000000 values, fewer "
          "were expected\nhint: save the tensors alone: torch.save(model.state_dict(), PATH)\n");
    CHECK(pickle_complaint("N" + std::string(1'000'000, '2')) ==
          "a.pt: error: data.pkl, byte 1000002: the pickle's stack holds more than 1000000 values, "
          "fewer were expected\n");
    CHECK(pickle_complaint(std::string(1000, '(') + std::string(1000, 't') + "0N.").find("1 was") ==
          std::string::npos);
}

TEST_CASE("torch: the real files give the tensors of their safetensors", "[torch][data]") {
    const auto resnet20 = data_file("cifar10/resnet20/resnet20-12fca82f.th");
    const auto projection = data_file("cifar10/resnet20_projection/resnet20.pth");
    if (!resnet20 || !projection) {
        return;
    }
    check_same_tensors(*resnet20, *data_file("cifar10/resnet20/resnet20.safetensors"), "module.");
    check_same_tensors(*projection,
                       *data_file("cifar10/resnet20_projection/resnet20_projection.safetensors"));
}

TEST_CASE("torch: the real files are bound as their safetensors", "[torch][data]") {
    const std::vector<std::vector<std::string>> files = {
        {"resnet20", "cifar10/resnet20/resnet20-12fca82f.th",
         "cifar10/resnet20/resnet20.safetensors"},
        {"resnet20_projection", "cifar10/resnet20_projection/resnet20.pth",
         "cifar10/resnet20_projection/resnet20_projection.safetensors"}};
    for (const std::vector<std::string>& file : files) {
        const auto torch = data_file(file[1]);
        const auto safetensors = data_file(file[2]);
        if (!torch || !safetensors) {
            return;
        }
        INFO(file[0]);
        const Spec spec =
            load_spec(std::string(RESNETC_SOURCE_DIR) + "/specs/models/" + file[0] + ".yaml");
        const Network network = build_network(spec);
        const Weights weights = bind_weights(load_checkpoint(*torch), network, spec.checkpoint);
        CHECK(weights == bind_weights(load_checkpoint(*safetensors), network, spec.checkpoint));
        CHECK_FALSE(weights.empty());
    }
}

TEST_CASE("torch: a real file of codes and codebooks is listed, not bound", "[torch][data]") {
    const auto path = data_file("imagenet/resnet18_pqf/resnet18_codebook_original.pth");
    if (!path) {
        return;
    }
    const Checkpoint checkpoint = load_checkpoint(*path);
    CHECK(checkpoint.tensors.size() == 82);
    const Spec spec = load_spec(std::string(RESNETC_SOURCE_DIR) + "/specs/models/resnet18.yaml");
    CHECK_THROWS_AS(bind_weights(checkpoint, build_network(spec), spec.checkpoint),
                    DiagnosticError);
}
