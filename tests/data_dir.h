// Where the tests find the external test data (pretrained networks, labelled pictures), which is
// not part of the repository. Included by tests tagged [data].
//
// In: the CMake cache variable RESNETC_DATA_DIR. Out: paths in it, or "SKIPPED: ..." on standard
// output, which makes CTest report the test as skipped:
//
//     TEST_CASE("resnet20 meets PyTorch's logits", "[data]") {
//         const auto weights = data_file("cifar10/resnet20/resnet20.safetensors");
//         if (!weights)
//             return;
//         ...
//     }
#pragma once

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace resnetc_test {

// Prints the line by which CTest knows a skipped test. The test must return right after it.
inline void report_skipped(const std::string& reason) {
    std::cout << "SKIPPED: " << reason << std::endl;
}

// The folder with the test data; std::nullopt, and the test reported as skipped, if there is none.
inline std::optional<std::filesystem::path> data_dir() {
    const std::filesystem::path folder = RESNETC_DATA_DIR;
    std::error_code ignored;
    if (std::filesystem::is_directory(folder, ignored))
        return folder;
    report_skipped("no test data in " + folder.string() + " (CMake: RESNETC_DATA_DIR)");
    return std::nullopt;
}

// The file `relative` ("imagenet/labels.csv") in the data folder; std::nullopt, and the test
// reported as skipped, if the folder or the file is absent.
inline std::optional<std::string> data_file(const std::string& relative) {
    const auto folder = data_dir();
    if (!folder)
        return std::nullopt;
    const std::filesystem::path file = *folder / relative;
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored))
        return file.string();
    report_skipped("no " + file.string());
    return std::nullopt;
}

} // namespace resnetc_test
