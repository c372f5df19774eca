// The memory of the machine that reads pickles: input, values, stack, marks and memo. Included by
// pickle.cpp only, which has the opcodes.
//
// Every function throws DiagnosticError, with the opcode's place, if the pickle asks for something
// that is not there or not allowed.
#pragma once

#include "little_endian.h"
#include "pickle.h"

#include <optional>

namespace resnetc {

// The bytes of the pickle, read from front to back.
class PickleInput {
public:
    PickleInput(std::string path, std::string what, std::string_view bytes, size_t begin)
        : path_(std::move(path)), what_(std::move(what)), bytes_(bytes), begin_(begin),
          position_(begin) {}

    size_t position() const { return position_; }
    size_t bytes_left() const { return bytes_.size() - position_; }
    size_t size() const { return bytes_.size() - begin_; } // of the pickle at most

    // Messages name the place where this was called last.
    void begin_opcode() { opcode_at_ = position_; }
    [[noreturn]] void refuse(const std::string& message, const std::string& hint = "") const;

    std::string_view take_bytes(uint64_t count);
    std::string_view take_line(); // up to a newline, which is dropped
    template <typename T> T take() { return little_endian<T>(take_bytes(sizeof(T)), 0); }

private:
    std::string path_;
    std::string what_;
    std::string_view bytes_;
    size_t begin_;
    size_t position_;
    size_t opcode_at_ = 0;
};

class PickleStack {
public:
    explicit PickleStack(const PickleInput& input) : input_(input) {}

    void push(PickleRef ref);
    void push_value(PickleValue value);
    void push_integer(PickleKind kind, int64_t integer) {
        push_value({kind, false, integer, {}, {}});
    }
    void push_text(PickleKind kind, std::string_view text) {
        push_value({kind, false, 0, text, {}});
    }
    void push_items(PickleKind kind, std::vector<PickleRef> items) {
        push_value({kind, false, 0, {}, std::move(items)});
    }

    // Values below the last mark belong to a container that is still being built: they are not
    // there for these functions.
    PickleRef pop();
    std::vector<PickleRef> pop_last(size_t count); // the deepest first
    std::vector<PickleRef> pop_to_mark();
    PickleValue& top(PickleKind kind); // the value on top, which must be of this kind
    void duplicate();

    void mark();
    void put(size_t slot); // the value on top into the memo
    void put_next() { put(memo_.size()); }
    void get(size_t slot);

    const PickleValue& operator[](PickleRef ref) const { return pickle_[ref]; }

    // The pickle, whose root must be all that is left.
    Pickle finish();

private:
    void need(size_t count) const;

    const PickleInput& input_;
    Pickle pickle_;
    std::vector<PickleRef> stack_;
    std::vector<size_t> marks_; // sizes of the stack when they were set
    std::vector<std::optional<PickleRef>> memo_;
};

} // namespace resnetc
