// The program as it is shipped: static, small, and, with all that left_out.c leaves out, giving the
// same results as one linked with everything.
#include "support.h"

#include <cstring>
#include <elf.h>
#include <zlib.h>

using namespace resnetc_test;

#ifdef FAKE_STATIC

namespace {

// The PNG with one more chunk right behind its header, which ends at byte 33.
Bytes with_chunk(Bytes file, const std::string& name, const std::string& data) {
    const std::string body = name + data;
    const uLong crc =
        crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
    Bytes chunk;
    const auto append = [&](uint64_t value) {
        for (int shift = 24; shift >= 0; shift -= 8)
            chunk.push_back(static_cast<uint8_t>(value >> shift));
    };
    append(data.size());
    chunk.insert(chunk.end(), body.begin(), body.end());
    append(crc);
    file.insert(file.begin() + 33, chunk.begin(), chunk.end());
    return file;
}

} // namespace

TEST_CASE("the static program needs no other file and is small", "[program]") {
    TempDir dir;
    std::filesystem::copy_file(FAKE_DIR "/fake_static", dir.path / "copy");
    const std::string file = dir.read("copy");
    Elf64_Ehdr header;
    memcpy(&header, file.data(), sizeof header);
    REQUIRE(memcmp(header.e_ident, ELFMAG, SELFMAG) == 0);
    for (size_t i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        memcpy(&segment, &file[header.e_phoff + i * sizeof segment], sizeof segment);
        CHECK(segment.p_type != PT_INTERP);
    }
    // What is shipped beside weights and pipelines: 0.71 MB. The bound for a whole program with the
    // code of its network is in program_contract_test.cpp.
    CHECK(file.size() < 750000);
}

TEST_CASE("the static program decodes whatever the other one does", "[program]") {
    TempDir dir;
    const Picture picture = pattern(20, 13);
    std::vector<std::pair<std::string, Bytes>> files;
    for (Jpeg kind : {Jpeg::baseline, Jpeg::progressive, Jpeg::grey, Jpeg::cmyk, Jpeg::ycck,
                      Jpeg::two_components, Jpeg::many_scans})
        files.emplace_back("kind" + std::to_string(static_cast<int>(kind)), jpeg(picture, kind));
    for (bool interlaced : {false, true})
        for (int bits : {8, 16})
            files.emplace_back("png" + std::to_string(bits) + (interlaced ? "i" : "n"),
                               png(picture, interlaced, bits, interlaced));
    // Chunks whose readers calculate with pow and strtod.
    const std::string zero(1, '\0');
    const std::vector<std::pair<std::string, std::string>> chunks = {
        {"gAMA", zero + zero + "\xb1\x8f"},
        {"cHRM", std::string(30, '\1') + "\2\3"},
        {"sRGB", zero},
        {"sBIT", "\4\4\4"},
        {"sCAL", "\1" + ("1.5" + zero + "2.5e1")},
        {"pCAL", "x" + zero + std::string(8, '\1') + zero + "\2m" + zero + "1.5" + zero + "0.1"}};
    for (const auto& [name, data] : chunks)
        files.emplace_back("png." + name, with_chunk(png(picture, false), name, data));
    // Damage leads into every corner of the decoders.
    for (const auto& [name, bytes] : std::vector(files))
        for (size_t i = 0; i < bytes.size(); i += 5) {
            Bytes damaged = bytes;
            damaged[i] = static_cast<uint8_t>(~damaged[i]);
            files.emplace_back(name + "." + std::to_string(i), damaged);
        }
    for (const auto& [name, bytes] : files)
        dir.write(name, bytes);
    const Run all = run(dir, "fake", "--json kind* png*");
    const Run leave_out = run(dir, "fake_static", "--json kind* png*");
    CHECK(all.status != 0);
    CHECK(leave_out.status == all.status);
    CHECK(leave_out.out == all.out);
    CHECK(leave_out.err == all.err);
    CHECK(run(dir, "fake_static", "--bench 3 kind0").status == 0);
    CHECK(run(dir, "fake_static", "--help").out == run(dir, "fake", "--help").out);
}

#endif
