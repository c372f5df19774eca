// The opcodes of pickles that hold data, and names for messages about the others. Included by
// pickle.cpp only. Source: CPython's Lib/pickletools.py.
#pragma once

#include <cstdint>
#include <string>

namespace resnetc {

enum class PickleOpcode : uint8_t {
    mark = '(',
    stop = '.',
    pop = '0',
    pop_mark = '1',
    dup = '2',
    bin_bytes = 'B',
    short_bin_bytes = 'C',
    bin_float = 'G',
    bin_int = 'J',
    bin_int_1 = 'K',
    bin_int_2 = 'M',
    none = 'N',
    bin_persid = 'Q',
    reduce = 'R',
    bin_string = 'T',
    short_bin_string = 'U',
    bin_unicode = 'X',
    append = 'a',
    build = 'b',
    global = 'c',
    dict = 'd',
    appends = 'e',
    bin_get = 'h',
    long_bin_get = 'j',
    list = 'l',
    bin_put = 'q',
    long_bin_put = 'r',
    set_item = 's',
    tuple = 't',
    set_items = 'u',
    empty_tuple = ')',
    empty_list = ']',
    empty_dict = '}',
    proto = 0x80,
    tuple_1 = 0x85,
    tuple_2 = 0x86,
    tuple_3 = 0x87,
    new_true = 0x88,
    new_false = 0x89,
    long_1 = 0x8a,
    long_4 = 0x8b,
    short_bin_unicode = 0x8c,
    bin_unicode_8 = 0x8d,
    bin_bytes_8 = 0x8e,
    empty_set = 0x8f,
    add_items = 0x90,
    frozen_set = 0x91,
    stack_global = 0x93,
    memoize = 0x94,
    frame = 0x95,
    byte_array_8 = 0x96
};

// "NEWOBJ" for an opcode that is none of those above but known to Python, "0xff" for others.
std::string unsupported_opcode_name(PickleOpcode opcode);

} // namespace resnetc
