// Runs a fuzz target without libFuzzer, always with the same inputs: what every build can do.
//
//     replay_READER [--mutations N] [--seed S] [--memory MIB] [--hang SECONDS] [--damage FILE]...
//                   FILE|FOLDER...
//
// First every file as it is (of folders: all in them), then every truncation and every single-bit
// flip of the files after --damage, then N mutations of files picked at random. A crash, an
// input that takes 20 seconds of the processor, or more than MIB MiB + 64 times the input in live
// memory ends the run with a message and keeps the input as replay_READER.finding in the working
// folder. Prints the executions.
//
// The same interface as libFuzzer's, so that a target with a mutator of its own has it here, too.
#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

extern "C" {
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
[[gnu::weak]] size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                             unsigned int seed);
// Of the address sanitizer; its header is not among those that g++ brings along.
const char* __ubsan_default_options();
void __sanitizer_set_death_callback(void (*callback)());
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, size_t),
                                              void (*on_free)(const volatile void*));
size_t __sanitizer_get_allocated_size(const volatile void* block);
}

namespace {

using Bytes = std::vector<uint8_t>;
namespace fs = std::filesystem;

constexpr size_t kMaxSize = 16384;   // of a mutation, as in scripts/fuzz.sh
constexpr size_t kMemoryFactor = 64; // live bytes allowed for each byte of the input

struct Options {
    size_t mutations = 0;
    unsigned seed = 1;
    size_t memory = size_t{1} << 20; // bytes allowed beside kMemoryFactor
    int hang = 20;                   // seconds of the processor: the machine may be busy
    std::vector<fs::path> damaged;
    std::vector<fs::path> inputs;
};

// What the hooks and handlers, which get no arguments, have to know.
struct State {
    const uint8_t* data = nullptr; // the input that runs; NULL: none does
    size_t size = 0;
    size_t live = 0;  // bytes allocated since it began
    size_t limit = 0; // for `live`
    size_t peak = 0;  // of all inputs
    size_t executions = 0;
    std::minstd_rand random;
    char finding[256] = "";
};
State state;

// Async-signal-safe.
void keep_input() {
    if (state.data == nullptr) {
        return;
    }
    const int file = ::open(state.finding, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    const bool kept = file >= 0 && ::write(file, state.data, state.size) >= 0;
    const char* text = kept ? "replay: finding, its input is in " : "replay: finding, not kept: ";
    for (const char* part : {text, const_cast<const char*>(state.finding), "\n"}) {
        (void)!::write(STDERR_FILENO, part, std::strlen(part));
    }
    state.data = nullptr;
}

void on_signal(int number) {
    const char* text = number == SIGPROF ? "replay: the input hangs\n" : "replay: abort\n";
    (void)!::write(STDERR_FILENO, text, std::strlen(text));
    keep_input();
    ::_exit(1);
}

void on_malloc(const volatile void*, size_t size) {
    if (state.data == nullptr) {
        return;
    }
    state.live += size;
    state.peak = std::max(state.peak, state.live);
    if (state.live > state.limit) {
        char text[120];
        const int length =
            std::snprintf(text, sizeof text, "replay: %zu bytes of memory for %zu bytes of input\n",
                          state.live, state.size);
        (void)!::write(STDERR_FILENO, text, static_cast<size_t>(length));
        keep_input();
        ::_exit(1);
    }
}

void on_free(const volatile void* block) {
    if (state.data != nullptr && block != nullptr) {
        state.live -= std::min(state.live, __sanitizer_get_allocated_size(block));
    }
}

void run_one(const uint8_t* data, size_t size, const Options& options) {
    const itimerval hang{{0, 0}, {options.hang, 0}};
    ::setitimer(ITIMER_PROF, &hang, nullptr);
    state.live = 0;
    state.limit = options.memory + kMemoryFactor * size;
    state.size = size;
    state.data = data;
    LLVMFuzzerTestOneInput(data, size);
    state.data = nullptr;
    ++state.executions;
}

// In memory of its own size, so that the sanitizer sees a read behind the end.
void run_copy(const Bytes& bytes, const Options& options) {
    const Bytes copy(bytes.begin(), bytes.end());
    const uint8_t nothing = 0;
    run_one(copy.empty() ? &nothing : copy.data(), copy.size(), options);
}

Bytes read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        std::fprintf(stderr, "replay: error: cannot read %s\n", path.c_str());
        std::exit(2);
    }
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// The files, those of folders in the order of their names, so that a seed always means the same.
std::vector<Bytes> read_all(const std::vector<fs::path>& inputs) {
    std::vector<fs::path> paths;
    for (const fs::path& input : inputs) {
        if (!fs::is_directory(input)) {
            paths.push_back(input);
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(input)) {
            if (entry.is_regular_file()) {
                paths.push_back(entry.path());
            }
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Bytes> files;
    for (const fs::path& path : paths) {
        files.push_back(read(path));
    }
    return files;
}

void damage(const Bytes& file, const Options& options) {
    for (size_t size = 0; size < file.size(); ++size) {
        run_copy({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}, options);
    }
    Bytes flipped = file;
    for (size_t bit = 0; bit < 8 * file.size(); ++bit) {
        const auto mask = static_cast<uint8_t>(1U << bit % 8);
        flipped[bit / 8] ^= mask;
        run_copy(flipped, options);
        flipped[bit / 8] ^= mask;
    }
}

void mutate(const std::vector<Bytes>& files, const Options& options) {
    Bytes buffer(kMaxSize);
    for (size_t i = 0; i < options.mutations; ++i) {
        const Bytes& file = files[state.random() % files.size()];
        size_t size = std::min(file.size(), kMaxSize);
        std::copy_n(file.begin(), size, buffer.begin());
        for (size_t change = state.random() % 4 + 1; change > 0; --change) {
            size = LLVMFuzzerCustomMutator != nullptr
                       ? LLVMFuzzerCustomMutator(buffer.data(), size, kMaxSize,
                                                 static_cast<unsigned>(state.random()))
                       : LLVMFuzzerMutate(buffer.data(), size, kMaxSize);
        }
        run_copy({buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size)}, options);
    }
}

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (!argument.starts_with("--")) {
            options.inputs.emplace_back(argument);
            continue;
        }
        const std::string value = i + 1 < argc ? argv[++i] : "";
        if (argument == "--mutations") {
            options.mutations = std::strtoul(value.c_str(), nullptr, 10);
        } else if (argument == "--seed") {
            options.seed = static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 10));
        } else if (argument == "--memory") {
            options.memory = std::strtoul(value.c_str(), nullptr, 10) << 20;
        } else if (argument == "--hang") {
            options.hang = std::atoi(value.c_str());
        } else if (argument == "--damage" && !value.empty()) {
            options.damaged.emplace_back(value);
        } else {
            std::fprintf(stderr, "replay: error: option %s %s\n", argument.c_str(), value.c_str());
            std::exit(2);
        }
    }
    return options;
}

} // namespace

// g++ keeps its two sanitizers apart: the death callback is the address sanitizer's alone, and the
// other has to end by a signal.
extern "C" const char* __ubsan_default_options() {
    return "abort_on_error=1:print_stacktrace=1";
}

// One change: some bits or bytes, a number that is often a limit, or bytes removed, repeated or
// moved.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size) {
    const auto below = [](size_t limit) { return state.random() % std::max<size_t>(limit, 1); };
    const size_t at = below(size);
    const size_t run = std::min(size - at, below(16) + 1);
    switch (size == 0 ? 3 : below(7)) {
    case 0:
        data[at] ^= static_cast<uint8_t>(1U << below(8));
        return size;
    case 1:
        data[at] = static_cast<uint8_t>(state.random());
        return size;
    case 2: { // as many bytes of a limit as there is room for, in either order
        constexpr uint64_t limits[] = {0,
                                       1,
                                       0x7F,
                                       0x80,
                                       0xFF,
                                       0x7FFF,
                                       0xFFFF,
                                       0x7FFFFFFF,
                                       0xFFFFFFFF,
                                       0x7FFFFFFFFFFFFFFF,
                                       0xFFFFFFFFFFFFFFFF};
        const uint64_t value = limits[below(std::size(limits))];
        const size_t width = std::min(size - at, size_t{1} << below(4));
        const bool big_endian = below(2) == 1;
        for (size_t i = 0; i < width; ++i) {
            data[at + (big_endian ? width - 1 - i : i)] = static_cast<uint8_t>(value >> (8 * i));
        }
        return size;
    }
    case 3: // a byte more
        if (size >= max_size) {
            return size;
        }
        std::memmove(data + at + 1, data + at, size - at);
        data[at] = static_cast<uint8_t>(state.random());
        return size + 1;
    case 4:
        std::memmove(data + at, data + at + run, size - at - run);
        return size - run;
    case 5: // a piece twice
        if (size + run > max_size) {
            return size;
        }
        std::memmove(data + at + run, data + at, size - at);
        return size + run;
    default: // a piece over another
        std::memmove(data + below(size - run + 1), data + at, run);
        return size;
    }
}

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    const std::string name = fs::path(argv[0]).filename().string();
    std::snprintf(state.finding, sizeof state.finding, "%s.finding", name.c_str());
    state.random.seed(options.seed);
    std::signal(SIGPROF, on_signal);
    std::signal(SIGABRT, on_signal);
    __sanitizer_set_death_callback(keep_input);
    if (__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) == 0) {
        std::fprintf(stderr, "replay: error: memory cannot be watched\n");
        return 2;
    }
    const std::vector<Bytes> files = read_all(options.inputs);
    const std::vector<Bytes> damaged = read_all(options.damaged);
    if (files.empty()) {
        std::fprintf(stderr, "replay: error: no files, expected some to begin with\n");
        return 2;
    }
    for (const Bytes& file : files) {
        run_copy(file, options);
    }
    for (const Bytes& file : damaged) {
        damage(file, options);
    }
    mutate(files, options);
    std::printf("%s: %zu executions (%zu files, %zu of them damaged at every bit, %zu mutations of "
                "seed %u), at most %.1f MiB at a time, no finding\n",
                name.c_str(), state.executions, files.size(), damaged.size(), options.mutations,
                options.seed, static_cast<double>(state.peak) / 1048576);
    return 0;
}
