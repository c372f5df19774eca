#include "pickle_stack.h"

#include "diagnostics.h"
#include "message_text.h"

namespace resnetc {
namespace {

constexpr size_t kMostMarks = 1000; // containers being built at the same time

} // namespace

void PickleInput::refuse(const std::string& message, const std::string& hint) const {
    fail(path_, what_ + ", byte " + std::to_string(opcode_at_) + ": " + message, hint);
}

std::string_view PickleInput::take_bytes(uint64_t count) {
    if (count > bytes_left()) {
        refuse("the pickle ends in the middle, " + counted(count - bytes_left(), "more byte") +
               (count - bytes_left() == 1 ? " was expected" : " were expected"));
    }
    const std::string_view taken = bytes_.substr(position_, static_cast<size_t>(count));
    position_ += taken.size();
    return taken;
}

std::string_view PickleInput::take_line() {
    const size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) {
        refuse("the pickle ends in the middle of a name, a newline was expected");
    }
    const std::string_view line = bytes_.substr(position_, end - position_);
    position_ = end + 1;
    return line;
}

void PickleStack::push(PickleRef ref) {
    if (stack_.size() == kMostPickleValues) {
        input_.refuse("the pickle's stack holds more than " + std::to_string(kMostPickleValues) +
                      " values, fewer were expected");
    }
    stack_.push_back(ref);
}

void PickleStack::push_value(PickleValue value) {
    if (pickle_.values.size() == kMostPickleValues) {
        input_.refuse("the pickle has more than " + std::to_string(kMostPickleValues) +
                          " values, fewer were expected",
                      kStateDictHint);
    }
    pickle_.values.push_back(std::move(value));
    push(static_cast<PickleRef>(pickle_.values.size() - 1));
}

void PickleStack::need(size_t count) const {
    const size_t there = stack_.size() - (marks_.empty() ? 0 : marks_.back());
    if (there < count) {
        input_.refuse("the opcode finds " + counted(there, "value") + " on the stack, " +
                      std::to_string(count) + (count == 1 ? " was" : " were") + " expected");
    }
}

PickleRef PickleStack::pop() {
    need(1);
    const PickleRef ref = stack_.back();
    stack_.pop_back();
    return ref;
}

std::vector<PickleRef> PickleStack::pop_last(size_t count) {
    need(count);
    std::vector<PickleRef> items(stack_.end() - static_cast<ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
}

std::vector<PickleRef> PickleStack::pop_to_mark() {
    if (marks_.empty()) {
        input_.refuse("the opcode needs a mark on the stack, none is there");
    }
    std::vector<PickleRef> items = pop_last(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
}

PickleValue& PickleStack::top(PickleKind kind) {
    need(1);
    PickleValue& value = pickle_.values[stack_.back()];
    if (value.kind != kind) {
        input_.refuse(std::string("the opcode changes ") + to_string(value.kind) + ", " +
                      to_string(kind) + " was expected");
    }
    return value;
}

void PickleStack::duplicate() {
    need(1);
    push(stack_.back());
}

void PickleStack::mark() {
    if (marks_.size() == kMostMarks) {
        input_.refuse("the pickle is nested deeper than " + std::to_string(kMostMarks) +
                      " levels, fewer were expected");
    }
    marks_.push_back(stack_.size());
}

// Every put takes a byte at least, so no pickle needs more slots than it has bytes.
void PickleStack::put(size_t slot) {
    need(1);
    if (slot >= input_.size()) {
        input_.refuse("memo slot " + std::to_string(slot) + " is filled, one below " +
                      std::to_string(input_.size()) + " was expected");
    }
    if (slot >= memo_.size()) {
        memo_.resize(slot + 1);
    }
    memo_[slot] = stack_.back();
}

void PickleStack::get(size_t slot) {
    if (slot >= memo_.size() || !memo_[slot]) {
        input_.refuse("memo slot " + std::to_string(slot) +
                      " is read, one that was filled before was expected");
    }
    push(*memo_[slot]);
}

Pickle PickleStack::finish() {
    if (stack_.size() != 1 || !marks_.empty()) {
        input_.refuse("the pickle ends with " + counted(stack_.size(), "value") + " and " +
                      counted(marks_.size(), "mark") + " on its stack, one value was expected");
    }
    pickle_.root = stack_.back();
    pickle_.end = input_.position();
    return std::move(pickle_);
}

const char* to_string(PickleKind kind) {
    switch (kind) {
    case PickleKind::none:
        return "None";
    case PickleKind::boolean:
        return "a boolean";
    case PickleKind::integer:
    case PickleKind::long_integer:
        return "an integer";
    case PickleKind::real:
        return "a float";
    case PickleKind::text:
        return "a text";
    case PickleKind::bytes:
        return "bytes";
    case PickleKind::list:
        return "a list";
    case PickleKind::tuple:
        return "a tuple";
    case PickleKind::dict:
        return "a dict";
    case PickleKind::set:
        return "a set";
    case PickleKind::global:
        return "a class or function";
    case PickleKind::call:
        return "a tensor";
    case PickleKind::persistent:
        return "a storage";
    }
    return "a value";
}

} // namespace resnetc
