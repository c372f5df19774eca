#include "support.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace resnetc_test {

namespace fs = std::filesystem;

TempDir::TempDir() {
    std::string name = (fs::temp_directory_path() / "resnetc-program-XXXXXX").string();
    if (!mkdtemp(name.data()))
        throw std::runtime_error("no temporary folder");
    path = name;
}

TempDir::~TempDir() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

void TempDir::write(const std::string& name, const Bytes& bytes) const {
    std::ofstream(path / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

std::string TempDir::read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path / name, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<std::string> TempDir::list() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path))
        if (entry.path().filename().string().rfind("run.", 0) != 0)
            names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

Run run(const TempDir& dir, const std::string& program, const std::string& arguments) {
    const std::string command = "export ASAN_OPTIONS=allocator_may_return_null=1; cd '" +
                                dir.path.string() + "' && { '" FAKE_DIR "/" + program + "' " +
                                arguments + "; } >run.out 2>run.err";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, dir.read("run.out"), dir.read("run.err")};
}

Picture plain(int width, int height, int red, int green, int blue) {
    Picture picture{width, height, {}};
    for (int i = 0; i < width * height; i++)
        for (int value : {red, green, blue})
            picture.rgb.push_back(static_cast<uint8_t>(value));
    return picture;
}

Picture pattern(int width, int height) {
    Picture picture{width, height, {}};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int value : {x * 251 / width, y * 251 / height, (x * 7 + y * 13) % 256})
                picture.rgb.push_back(static_cast<uint8_t>(value));
    return picture;
}

Bytes text_bytes(const std::string& text) {
    return {text.begin(), text.end()};
}

Bytes ppm(const Picture& picture) {
    Bytes bytes = text_bytes("P6\n" + std::to_string(picture.width) + " " +
                             std::to_string(picture.height) + "\n255\n");
    bytes.insert(bytes.end(), picture.rgb.begin(), picture.rgb.end());
    return bytes;
}

Bytes npy(const std::string& type, const std::string& shape, const Bytes& data,
          const std::string& fortran) {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
    header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 11, ' ');
    header += '\n';
    Bytes bytes = text_bytes("\x93NUMPY\x01");
    bytes.push_back(0);
    bytes.push_back(static_cast<uint8_t>(header.size() & 0xFF));
    bytes.push_back(static_cast<uint8_t>(header.size() >> 8));
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
}

Bytes float_bytes(const std::vector<float>& values) {
    Bytes bytes(values.size() * sizeof(float));
    if (!values.empty())
        memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::string decode(const Bytes& bytes, resnetc::Image& image) {
    resnetc::Error error;
    if (resnetc::decode_image(bytes.data(), bytes.size(), image, error))
        return "";
    return error.text;
}

} // namespace resnetc_test
