// Reader of the pickles in PyTorch files. Included by the readers of both kinds of them.
//
// A pickle is a program for a stack machine that can call anything. This machine builds inert
// values and calls nothing: what PyTorch would call is recorded as a call, if it is one of the few
// that state dicts need, and refused by its name otherwise.
//
// Format: CPython's Lib/pickletools.py, protocols 2 to 5, which are what torch.save writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// A pickle with more values than these is refused; ResNet-200 with its optimizer has about 50,000.
inline constexpr size_t kMostPickleValues = 1'000'000;

// What to do about files that hold more than tensors.
inline constexpr const char* kStateDictHint =
    "save the tensors alone: torch.save(model.state_dict(), PATH)";

enum class PickleKind : uint8_t {
    none,
    boolean,
    integer,      // up to 64 bits
    long_integer, // more
    real,
    text,
    bytes,
    list,
    tuple,
    dict, // or an OrderedDict
    set,
    global,    // a class or function that may be named
    call,      // of a function that may be called
    persistent // a reference to something outside of the pickle: a storage
};

using PickleRef = uint32_t; // index into Pickle::values

struct PickleValue {
    PickleKind kind = PickleKind::none;
    bool is_ordered_dict = false;
    int64_t integer = 0;   // boolean, integer
    std::string_view text; // text (UTF-8), bytes; long_integer: two's complement, little-endian;
                           // global: "torch.FloatStorage"
    // list, tuple, set: the elements; dict: key, value, key, value, ... ; call: the global and the
    // tuple of arguments; persistent: the id. Values may contain themselves.
    std::vector<PickleRef> items;
};

struct Pickle {
    std::vector<PickleValue> values;
    PickleRef root = 0;
    size_t end = 0; // offset of the first byte behind the pickle

    const PickleValue& operator[](PickleRef ref) const { return values[ref]; }
};

// Runs the pickle that begins at `begin` in `bytes`, which must outlive the result. Messages about
// the file `path` begin with `what` ("data.pkl") and the byte. Throws DiagnosticError for what is
// not well-formed, of another protocol or too large, and for globals, calls and opcodes other than
// those of a state dict.
Pickle read_pickle(const std::string& path, const std::string& what, std::string_view bytes,
                   size_t begin = 0);

// "a number", "a tuple", ... for messages.
const char* to_string(PickleKind kind);

} // namespace resnetc
