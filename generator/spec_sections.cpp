#include "spec_sections.h"

#include "spec_limits.h"

namespace resnetc {

namespace {

const char* const kPaddingForms =
    "symmetric, same, valid, an integer, or [top, left, bottom, right]";

// `padding: 1` or `padding: [top, left, bottom, right]`.
PaddingSpec read_padding_numbers(Diagnostics& diagnostics, const YamlNode& node,
                                 const std::string& what) {
    PaddingSpec padding;
    padding.rule = PaddingRule::numbers;
    if (node.kind == YamlKind::sequence) {
        if (node.items.size() != 4) {
            diagnostics.error(node.where, what + " has " + counted(node.items.size(), "element") +
                                              ", expected four: top, left, bottom, right");
            return padding;
        }
        const auto sides = read_integers(diagnostics, node, what, limits::kPadding, {4, 4});
        padding.numbers = {sides[0].value, sides[1].value, sides[2].value, sides[3].value};
        return padding;
    }
    const int all = read_integer(diagnostics, node, what, limits::kPadding).value_or(0);
    padding.numbers = {all, all, all, all};
    return padding;
}

bool looks_like_a_number(const YamlNode& node) {
    const std::string& text = node.text;
    const size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    return text.size() > sign && text[sign] >= '0' && text[sign] <= '9';
}

std::optional<StemPool> read_stem_pool(Diagnostics& diagnostics, const MapReader& stem) {
    const YamlNode* node = stem.find("pool");
    if (node == nullptr) {
        return StemPool{};
    }
    if (is_word(*node, "none")) {
        return std::nullopt;
    }
    if (node->kind != YamlKind::map) {
        refuse_value(diagnostics, *node, "stem.pool",
                     "none or a map with the keys kernel, stride and padding",
                     none_hint(*node, "pool"));
        return std::nullopt;
    }
    const MapReader map(diagnostics, *node, "stem.pool", {"kernel", "stride", "padding"});
    StemPool pool;
    pool.kernel = map.integer("kernel", pool.kernel.value, limits::kKernel);
    pool.stride = map.integer("stride", pool.stride.value, limits::kStride);
    pool.padding = read_padding(diagnostics, map);
    return pool;
}

} // namespace

Located<PaddingSpec> read_padding(Diagnostics& diagnostics, const MapReader& map) {
    const YamlNode* node = map.find("padding");
    if (node == nullptr) {
        return {};
    }
    const std::string what = map.path_of("padding");
    Located<PaddingSpec> padding;
    padding.where = node->where;
    if (is_word(*node, "symmetric")) {
        padding.value.rule = PaddingRule::symmetric;
    } else if (is_word(*node, "same")) {
        padding.value.rule = PaddingRule::same;
    } else if (is_word(*node, "valid")) {
        padding.value.rule = PaddingRule::valid;
    } else if (node->kind == YamlKind::sequence ||
               (node->kind == YamlKind::plain && looks_like_a_number(*node))) {
        padding.value = read_padding_numbers(diagnostics, *node, what);
    } else {
        refuse_value(diagnostics, *node, what, kPaddingForms,
                     node->kind == YamlKind::quoted ? "remove the quotes"
                     : node->kind == YamlKind::plain
                         ? did_you_mean(node->text, {"symmetric", "same", "valid"})
                         : "");
    }
    return padding;
}

std::optional<StemSpec> read_stem(Diagnostics& diagnostics, const MapReader& root) {
    StemSpec stem;
    stem.widths = {{64, {}}};
    const YamlNode* node = root.find("stem");
    if (node == nullptr) {
        stem.pool = StemPool{};
        return stem;
    }
    if (is_word(*node, "none")) {
        return std::nullopt;
    }
    if (node->kind != YamlKind::map) {
        refuse_value(diagnostics, *node, "stem",
                     "none or a map with the keys kernel, stride, widths, padding and pool",
                     none_hint(*node, "stem"));
        return std::nullopt;
    }
    const MapReader map(diagnostics, *node, "stem",
                        {"kernel", "stride", "widths", "padding", "pool"});
    stem.where = node->where;
    stem.kernel = map.integer("kernel", stem.kernel.value, limits::kKernel);
    stem.stride = map.integer("stride", stem.stride.value, limits::kStride);
    if (const YamlNode* widths = map.find("widths")) {
        auto read = read_integers(diagnostics, *widths, "stem.widths", limits::kChannels,
                                  limits::kStemConvolutions);
        stem.widths = read.empty() ? stem.widths : read;
    }
    stem.padding = read_padding(diagnostics, map);
    stem.pool = read_stem_pool(diagnostics, map);
    return stem;
}

ShortcutSpec read_shortcut(Diagnostics& diagnostics, const MapReader& root, bool batch_norm) {
    static const std::vector<Word<ShortcutKind>> kinds = {
        {"projection", ShortcutKind::projection},
        {"avg_pool_projection", ShortcutKind::avg_pool_projection},
        {"pad", ShortcutKind::pad},
        {"avg_pool_pad", ShortcutKind::avg_pool_pad},
        {"identity", ShortcutKind::identity}};
    ShortcutSpec shortcut;
    shortcut.batch_norm = {batch_norm, {}};
    const YamlNode* node = root.find("shortcut");
    if (node == nullptr || node->kind == YamlKind::refused) {
        return shortcut;
    }
    if (node->kind != YamlKind::map) {
        shortcut.kind = root.word<ShortcutKind>("shortcut", ShortcutKind::projection, kinds);
        return shortcut;
    }
    const MapReader map(diagnostics, *node, "shortcut", {"kind", "batch_norm"});
    map.require("kind", "projection, avg_pool_projection, pad, avg_pool_pad or identity");
    shortcut.kind = map.word<ShortcutKind>("kind", ShortcutKind::projection, kinds);
    shortcut.batch_norm = map.boolean("batch_norm", batch_norm);
    const bool convolves = shortcut.kind.value == ShortcutKind::projection ||
                           shortcut.kind.value == ShortcutKind::avg_pool_projection;
    if (!convolves && shortcut.batch_norm.where.line > 0) {
        diagnostics.error(shortcut.batch_norm.where,
                          "shortcut.batch_norm without a projection, expected kind: projection "
                          "or avg_pool_projection");
    }
    return shortcut;
}

std::optional<HeadSpec> read_head(Diagnostics& diagnostics, const MapReader& root) {
    HeadSpec head;
    const YamlNode* node = root.find("head");
    if (node == nullptr) {
        return head;
    }
    if (is_word(*node, "none")) {
        return std::nullopt;
    }
    if (node->kind != YamlKind::map) {
        refuse_value(diagnostics, *node, "head", "none or a map with the keys classes and softmax",
                     none_hint(*node, "head"));
        return std::nullopt;
    }
    const MapReader map(diagnostics, *node, "head", {"classes", "softmax"});
    head.where = node->where;
    head.classes = map.integer("classes", head.classes.value, limits::kClasses);
    head.softmax = map.boolean("softmax", false);
    return head;
}

} // namespace resnetc
