#include "pickle.h"

#include "diagnostics.h"
#include "message_text.h"
#include "pickle_opcode.h"
#include "pickle_stack.h"
#include "torch_globals.h"

#include <algorithm>

namespace resnetc {
namespace {

constexpr int kOldestProtocol = 2;
constexpr int kNewestProtocol = 5;

// The opcodes, in groups. Each group's function returns whether the opcode is one of it.
class PickleMachine {
public:
    explicit PickleMachine(PickleInput& input) : input_(input), stack_(input) {}

    Pickle run() {
        read_protocol();
        while (true) {
            input_.begin_opcode();
            const auto opcode = static_cast<PickleOpcode>(input_.take<uint8_t>());
            if (opcode == PickleOpcode::stop) {
                return stack_.finish();
            }
            if (!scalar(opcode) && !string(opcode) && !container(opcode) && !addition(opcode) &&
                !stack(opcode) && !memo(opcode) && !object(opcode)) {
                input_.refuse("opcode " + unsupported_opcode_name(opcode) +
                                  " was found, those of a state dict were expected",
                              kStateDictHint);
            }
        }
    }

private:
    void read_protocol() {
        input_.begin_opcode();
        if (static_cast<PickleOpcode>(input_.take<uint8_t>()) != PickleOpcode::proto) {
            input_.refuse("no pickle begins here, one of protocol 2 to 5 was expected");
        }
        const int protocol = input_.take<uint8_t>();
        if (protocol < kOldestProtocol || protocol > kNewestProtocol) {
            input_.refuse("the pickle has protocol " + std::to_string(protocol) +
                          ", 2 to 5 was expected");
        }
    }

    bool scalar(PickleOpcode opcode) {
        switch (opcode) {
        case PickleOpcode::none:
            stack_.push_value({});
            return true;
        case PickleOpcode::new_true:
        case PickleOpcode::new_false:
            stack_.push_integer(PickleKind::boolean, opcode == PickleOpcode::new_true ? 1 : 0);
            return true;
        case PickleOpcode::bin_int:
            stack_.push_integer(PickleKind::integer, input_.take<int32_t>());
            return true;
        case PickleOpcode::bin_int_1:
            stack_.push_integer(PickleKind::integer, input_.take<uint8_t>());
            return true;
        case PickleOpcode::bin_int_2:
            stack_.push_integer(PickleKind::integer, input_.take<uint16_t>());
            return true;
        case PickleOpcode::long_1:
            push_long(input_.take_bytes(input_.take<uint8_t>()));
            return true;
        case PickleOpcode::long_4:
            push_long(input_.take_bytes(input_.take<uint32_t>()));
            return true;
        case PickleOpcode::bin_float: // no weight is written so: its value does not matter
            input_.take_bytes(sizeof(double));
            stack_.push_integer(PickleKind::real, 0);
            return true;
        default:
            return false;
        }
    }

    void push_long(std::string_view digits) {
        if (digits.size() > sizeof(int64_t)) {
            stack_.push_text(PickleKind::long_integer, digits);
            return;
        }
        uint64_t value = 0;
        for (size_t i = 0; i < digits.size(); ++i) {
            value |= uint64_t{static_cast<unsigned char>(digits[i])} << (8 * i);
        }
        if (!digits.empty() && digits.size() < sizeof(value) && (digits.back() & 0x80) != 0) {
            value |= ~uint64_t{0} << (8 * digits.size()); // the sign
        }
        stack_.push_integer(PickleKind::integer, static_cast<int64_t>(value));
    }

    bool string(PickleOpcode opcode) {
        switch (opcode) {
        case PickleOpcode::short_bin_unicode:
            push_text(input_.take_bytes(input_.take<uint8_t>()));
            return true;
        case PickleOpcode::bin_unicode:
            push_text(input_.take_bytes(input_.take<uint32_t>()));
            return true;
        case PickleOpcode::bin_unicode_8:
            push_text(input_.take_bytes(input_.take<uint64_t>()));
            return true;
        case PickleOpcode::short_bin_string: // Python 2's str
            push_text_or_bytes(input_.take_bytes(input_.take<uint8_t>()));
            return true;
        case PickleOpcode::bin_string:
            push_text_or_bytes(input_.take_bytes(input_.take<uint32_t>()));
            return true;
        case PickleOpcode::short_bin_bytes:
            stack_.push_text(PickleKind::bytes, input_.take_bytes(input_.take<uint8_t>()));
            return true;
        case PickleOpcode::bin_bytes:
            stack_.push_text(PickleKind::bytes, input_.take_bytes(input_.take<uint32_t>()));
            return true;
        case PickleOpcode::bin_bytes_8:
        case PickleOpcode::byte_array_8:
            stack_.push_text(PickleKind::bytes, input_.take_bytes(input_.take<uint64_t>()));
            return true;
        default:
            return false;
        }
    }

    void push_text(std::string_view text) {
        if (first_invalid_utf8(text) != std::string_view::npos) {
            input_.refuse("a text is not UTF-8, which was expected");
        }
        stack_.push_text(PickleKind::text, text);
    }

    void push_text_or_bytes(std::string_view text) {
        const bool is_text = first_invalid_utf8(text) == std::string_view::npos;
        stack_.push_text(is_text ? PickleKind::text : PickleKind::bytes, text);
    }

    bool container(PickleOpcode opcode) {
        switch (opcode) {
        case PickleOpcode::empty_list:
            stack_.push_items(PickleKind::list, {});
            return true;
        case PickleOpcode::empty_tuple:
            stack_.push_items(PickleKind::tuple, {});
            return true;
        case PickleOpcode::empty_dict:
            stack_.push_items(PickleKind::dict, {});
            return true;
        case PickleOpcode::empty_set:
            stack_.push_items(PickleKind::set, {});
            return true;
        case PickleOpcode::list:
            stack_.push_items(PickleKind::list, stack_.pop_to_mark());
            return true;
        case PickleOpcode::tuple:
            stack_.push_items(PickleKind::tuple, stack_.pop_to_mark());
            return true;
        case PickleOpcode::frozen_set:
            stack_.push_items(PickleKind::set, stack_.pop_to_mark());
            return true;
        case PickleOpcode::dict:
            stack_.push_items(PickleKind::dict, in_pairs(stack_.pop_to_mark()));
            return true;
        case PickleOpcode::tuple_1:
            stack_.push_items(PickleKind::tuple, stack_.pop_last(1));
            return true;
        case PickleOpcode::tuple_2:
            stack_.push_items(PickleKind::tuple, stack_.pop_last(2));
            return true;
        case PickleOpcode::tuple_3:
            stack_.push_items(PickleKind::tuple, stack_.pop_last(3));
            return true;
        default:
            return false;
        }
    }

    // Opcodes that put more into the container that lies below on the stack.
    bool addition(PickleOpcode opcode) {
        switch (opcode) {
        case PickleOpcode::append:
            add(PickleKind::list, stack_.pop_last(1));
            return true;
        case PickleOpcode::appends:
            add(PickleKind::list, stack_.pop_to_mark());
            return true;
        case PickleOpcode::add_items:
            add(PickleKind::set, stack_.pop_to_mark());
            return true;
        case PickleOpcode::set_item:
            add(PickleKind::dict, stack_.pop_last(2));
            return true;
        case PickleOpcode::set_items:
            add(PickleKind::dict, in_pairs(stack_.pop_to_mark()));
            return true;
        default:
            return false;
        }
    }

    void add(PickleKind kind, const std::vector<PickleRef>& items) {
        PickleValue& value = stack_.top(kind);
        value.items.insert(value.items.end(), items.begin(), items.end());
    }

    std::vector<PickleRef> in_pairs(std::vector<PickleRef> items) const {
        if (items.size() % 2 != 0) {
            input_.refuse("a dict is given keys and values, " + std::to_string(items.size()) +
                          " in all, an even number was expected");
        }
        return items;
    }

    bool stack(PickleOpcode opcode) {
        switch (opcode) {
        case PickleOpcode::mark:
            stack_.mark();
            return true;
        case PickleOpcode::pop:
            stack_.pop();
            return true;
        case PickleOpcode::pop_mark:
            stack_.pop_to_mark();
            return true;
        case PickleOpcode::dup:
            stack_.duplicate();
            return true;
        case PickleOpcode::frame:
            if (input_.take<uint64_t>() > input_.bytes_left()) {
                input_.refuse("a frame reaches over the end, which was expected after it");
            }
            return true;
        default:
            return false;
        }
    }

    bool memo(PickleOpcode opcode) {
        switch (opcode) {
        case PickleOpcode::bin_put:
            stack_.put(input_.take<uint8_t>());
            return true;
        case PickleOpcode::long_bin_put:
            stack_.put(input_.take<uint32_t>());
            return true;
        case PickleOpcode::memoize:
            stack_.put_next();
            return true;
        case PickleOpcode::bin_get:
            stack_.get(input_.take<uint8_t>());
            return true;
        case PickleOpcode::long_bin_get:
            stack_.get(input_.take<uint32_t>());
            return true;
        default:
            return false;
        }
    }

    bool object(PickleOpcode opcode) {
        switch (opcode) {
        case PickleOpcode::global: {
            const std::string_view module = input_.take_line();
            push_global(module, input_.take_line());
            return true;
        }
        case PickleOpcode::stack_global: {
            const std::vector<PickleRef> names = stack_.pop_last(2);
            for (const PickleRef name : names) {
                if (stack_[name].kind != PickleKind::text) {
                    input_.refuse(std::string("a global is named by ") +
                                  to_string(stack_[name].kind) + ", two texts were expected");
                }
            }
            push_global(stack_[names[0]].text, stack_[names[1]].text);
            return true;
        }
        case PickleOpcode::reduce:
            reduce();
            return true;
        case PickleOpcode::build: // an OrderedDict's attributes: state_dict() has _metadata
            stack_.pop();
            if (!stack_.top(PickleKind::dict).is_ordered_dict) {
                input_.refuse("a dict is given attributes, an OrderedDict was expected");
            }
            return true;
        case PickleOpcode::bin_persid:
            stack_.push_items(PickleKind::persistent, stack_.pop_last(1));
            return true;
        default:
            return false;
        }
    }

    void push_global(std::string_view module, std::string_view name) {
        const std::string_view known = find_torch_global(module, name);
        if (known.empty()) {
            input_.refuse("the pickle names " +
                              in_quotes(std::string(module) + "." + std::string(name)) +
                              ", only OrderedDict, tensors, parameters and storages were expected",
                          kStateDictHint);
        }
        stack_.push_text(PickleKind::global, known);
    }

    void reduce() {
        const std::vector<PickleRef> parts = stack_.pop_last(2);
        const PickleValue& function = stack_[parts[0]];
        const PickleValue& arguments = stack_[parts[1]];
        if (function.kind != PickleKind::global) {
            input_.refuse(std::string("the pickle calls ") + to_string(function.kind) +
                          ", a function was expected");
        }
        if (arguments.kind != PickleKind::tuple) {
            input_.refuse("the pickle calls " + in_quotes(function.text) + " with " +
                          to_string(arguments.kind) + ", a tuple was expected");
        }
        if (function.text == kOrderedDict) {
            stack_.push_value(ordered_dict(arguments));
        } else if (torch_may_call(function.text)) {
            stack_.push_items(PickleKind::call, parts);
        } else {
            input_.refuse(
                "the pickle calls " + in_quotes(function.text) +
                    ", only OrderedDict, _rebuild_tensor_v2 and _rebuild_parameter were expected",
                kStateDictHint);
        }
    }

    // OrderedDict(), or Python 2's OrderedDict([[key, value], ...]).
    PickleValue ordered_dict(const PickleValue& arguments) {
        PickleValue dict = {PickleKind::dict, true, 0, {}, {}};
        if (arguments.items.empty()) {
            return dict;
        }
        const PickleValue& pairs = stack_[arguments.items[0]];
        const auto is_pair = [&](PickleRef ref) {
            const PickleValue& pair = stack_[ref];
            return (pair.kind == PickleKind::list || pair.kind == PickleKind::tuple) &&
                   pair.items.size() == 2;
        };
        if (arguments.items.size() != 1 || pairs.kind != PickleKind::list ||
            !std::ranges::all_of(pairs.items, is_pair)) {
            input_.refuse("an OrderedDict is made of something else than a list of pairs, which "
                          "was expected");
        }
        copied_pairs_ += pairs.items.size();
        if (copied_pairs_ > input_.size()) { // the same pairs again and again
            input_.refuse("OrderedDicts are made of more pairs than the pickle has bytes, fewer "
                          "were expected");
        }
        for (const PickleRef ref : pairs.items) {
            const std::vector<PickleRef>& pair = stack_[ref].items;
            dict.items.insert(dict.items.end(), pair.begin(), pair.end());
        }
        return dict;
    }

    PickleInput& input_;
    PickleStack stack_;
    size_t copied_pairs_ = 0;
};

} // namespace

Pickle read_pickle(const std::string& path, const std::string& what, std::string_view bytes,
                   size_t begin) {
    PickleInput input(path, what, bytes, begin);
    return PickleMachine(input).run();
}

} // namespace resnetc
