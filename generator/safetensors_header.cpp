#include "safetensors_header.h"

#include "message_text.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <set>
#include <unordered_set>

namespace resnetc {
namespace {

constexpr size_t kDeepestNesting = 32;
constexpr std::string_view kMetadata = "__metadata__";
const std::string kTensorKeys = "dtype, shape and data_offsets were expected";

// Receives the parser's events. Every event returns whether the parser should go on.
class HeaderEvents {
public:
    using Json = nlohmann::json;

    HeaderEvents(std::vector<SafetensorsEntry>& entries, Diagnostics& problems)
        : entries_(entries), problems_(problems) {}

    bool null() { return wrong_value("null"); }
    bool boolean(bool) { return wrong_value("a boolean"); }
    bool number_integer(Json::number_integer_t value) { return wrong_value(std::to_string(value)); }
    bool number_float(Json::number_float_t, const std::string& text) {
        return wrong_value(
            text.size() <= 40 ? text : "a number of " + std::to_string(text.size()) + " digits");
    }
    bool binary(Json::binary_t&) { return wrong_value("binary data"); }

    bool number_unsigned(Json::number_unsigned_t value) {
        if (place_ != Place::in_list || skipped_depth_ > 0) {
            return wrong_value(std::to_string(value));
        }
        if (list_.size() == kMostSafetensorsDimensions) {
            if (list_is_right_) {
                list_is_right_ = false;
                return report(tensor() + ": " + field_ + " holds more than " +
                              std::to_string(kMostSafetensorsDimensions) +
                              " numbers, fewer were expected");
            }
            return true;
        }
        list_.push_back(value);
        return true;
    }

    bool string(std::string& value) {
        if (skipped_depth_ > 0 || (place_ == Place::in_entry && in_metadata())) {
            return true;
        }
        if (place_ == Place::in_entry && field_ == "dtype") {
            entries_.back().dtype = std::move(value);
            return true;
        }
        return wrong_value("a string");
    }

    bool start_object(std::size_t) {
        if (skipped_depth_ == 0 && place_ == Place::before) {
            place_ = Place::in_root;
            return true;
        }
        if (skipped_depth_ == 0 && place_ == Place::in_root) {
            place_ = Place::in_entry;
            fields_.clear();
            return true;
        }
        return skip("an object");
    }

    bool end_object() {
        if (skipped_depth_ > 0) {
            --skipped_depth_;
            return true;
        }
        if (place_ == Place::in_entry) {
            place_ = Place::in_root;
            return in_metadata() || check_fields();
        }
        return true;
    }

    bool start_array(std::size_t) {
        if (skipped_depth_ == 0 && place_ == Place::in_entry && !in_metadata() &&
            (field_ == "shape" || field_ == "data_offsets")) {
            place_ = Place::in_list;
            list_.clear();
            list_is_right_ = true;
            return true;
        }
        return skip("an array");
    }

    bool end_array() {
        if (skipped_depth_ > 0) {
            --skipped_depth_;
            return true;
        }
        place_ = Place::in_entry;
        if (list_is_right_) {
            SafetensorsEntry& entry = entries_.back();
            (field_ == "shape" ? entry.shape : entry.data_offsets) = list_;
        }
        return true;
    }

    bool key(std::string& key) {
        if (skipped_depth_ > 0) {
            return true;
        }
        if (place_ == Place::in_root) {
            return entry_key(key);
        }
        return field_key(key);
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) {
        // The parser counts the bytes it has read, from the header's first; 8 come before that.
        problems_.error({}, "the header is not valid JSON at byte " + std::to_string(position + 7) +
                                " of the file, an object of tensors was expected");
        return false;
    }

private:
    enum class Place { before, in_root, in_entry, in_list };

    bool in_metadata() const { return name_ == kMetadata; }
    std::string tensor() const { return "tensor " + in_quotes(name_); }

    bool report(const std::string& message, const std::string& hint = "") {
        problems_.error({}, message, hint);
        if (++reported_ == kMostSafetensorsProblems) {
            problems_.error({}, "more than " + std::to_string(kMostSafetensorsProblems) +
                                    " problems, the others are not listed");
            return false;
        }
        return true;
    }

    bool entry_key(const std::string& key) {
        name_ = key;
        const bool first = names_.insert(key).second;
        if (!in_metadata()) {
            if (entries_.size() == kMostSafetensorsEntries) {
                problems_.error({}, "the header names more than " +
                                        std::to_string(kMostSafetensorsEntries) +
                                        " tensors, fewer were expected");
                return false;
            }
            entries_.push_back({key, {}, {}, {}});
        }
        if (first) {
            return true;
        }
        return report((in_metadata() ? std::string(kMetadata) : tensor()) +
                      " occurs twice in the header, distinct names were expected");
    }

    bool field_key(const std::string& key) {
        field_ = key;
        const bool first = fields_.insert(key).second;
        if (in_metadata()) {
            if (fields_.size() > kMostSafetensorsEntries) {
                problems_.error({}, "__metadata__ has more than " +
                                        std::to_string(kMostSafetensorsEntries) +
                                        " keys, fewer were expected");
                return false;
            }
            return first || report("__metadata__: key " + in_quotes(key) +
                                   " occurs twice, distinct keys were expected");
        }
        const std::vector<std::string> known = {"dtype", "shape", "data_offsets"};
        if (key != known[0] && key != known[1] && key != known[2]) {
            return report(tensor() + ": unknown key " + in_quotes(key) + ", " + kTensorKeys,
                          did_you_mean(key.substr(0, 40), known));
        }
        return first || report(tensor() + ": " + key + " occurs twice, it was expected once");
    }

    // An entry without a field; one with a wrong value has been reported where it stood.
    bool check_fields() {
        for (const char* field : {"dtype", "shape", "data_offsets"}) {
            if (!fields_.contains(field) &&
                !report(tensor() + " has no key '" + field + "', which was expected")) {
                return false;
            }
        }
        return true;
    }

    // A value, described by `what`, of a type that has no place here.
    bool wrong_value(const std::string& what) {
        if (skipped_depth_ > 0) {
            return true;
        }
        switch (place_) {
        case Place::before:
            return report("the header is " + what + ", an object of tensors was expected");
        case Place::in_root:
            return report((in_metadata() ? "__metadata__ is " : tensor() + " is ") + what +
                          (in_metadata() ? ", an object of strings was expected"
                                         : ", an object with dtype, shape and data_offsets was "
                                           "expected"));
        case Place::in_entry:
            return wrong_field(what);
        case Place::in_list:
            if (!list_is_right_) {
                return true;
            }
            list_is_right_ = false;
            return report(tensor() + ": " + field_ + " holds " + what +
                          ", non-negative integers below 2^64 were expected");
        }
        return true;
    }

    bool wrong_field(const std::string& what) {
        if (in_metadata()) {
            return report("__metadata__: the value of " + in_quotes(field_) + " is " + what +
                          ", a string was expected");
        }
        if (field_ == "dtype") {
            return report(tensor() + ": dtype is " + what + ", a string was expected");
        }
        if (field_ == "shape" || field_ == "data_offsets") {
            return report(tensor() + ": " + field_ + " is " + what +
                          ", an array of non-negative integers was expected");
        }
        return true; // an unknown key, reported already
    }

    // Reports a container that has no place here and passes over all that is in it.
    bool skip(const char* what) {
        if (skipped_depth_ == 0 && !wrong_value(what)) {
            return false;
        }
        if (++skipped_depth_ <= kDeepestNesting) {
            return true;
        }
        report("the header is nested deeper than " + std::to_string(kDeepestNesting) +
               " levels, three were expected");
        return false;
    }

    std::vector<SafetensorsEntry>& entries_;
    Diagnostics& problems_;
    size_t reported_ = 0;
    Place place_ = Place::before;
    size_t skipped_depth_ = 0; // containers open inside a value that is passed over
    std::string name_;         // of the entry being read
    std::string field_;        // of its key being read
    std::unordered_set<std::string> names_;
    std::set<std::string> fields_; // keys seen in the entry being read
    std::vector<uint64_t> list_;
    bool list_is_right_ = true;
};

} // namespace

std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view text,
                                                       Diagnostics& problems) {
    std::vector<SafetensorsEntry> entries;
    // The parser takes a NUL for the end of its input and would not look behind it.
    const size_t nul = text.find('\0');
    if (nul != std::string_view::npos) {
        problems.error({}, "the header holds a NUL at byte " + std::to_string(nul + 8) +
                               " of the file, JSON text was expected");
        return entries;
    }
    HeaderEvents events(entries, problems);
    nlohmann::json::sax_parse(text.begin(), text.end(), &events);
    return entries;
}

} // namespace resnetc
