#include "spec_limits.h"
#include "spec_sections.h"

#include <algorithm>
#include <cmath>

namespace resnetc {

namespace {

// torchvision's ImageNet statistics (torchvision.transforms._presets.ImageClassification).
const std::vector<double> kImageNetMean = {0.485, 0.456, 0.406};
const std::vector<double> kImageNetStddev = {0.229, 0.224, 0.225};

// torchvision resizes to 256 for a crop of 224.
int default_short_side(const Spec& spec) {
    const int larger = std::max(spec.height.value, spec.width.value);
    return static_cast<int>(std::lround(larger * 256.0 / 224.0));
}

void read_resize(Diagnostics& diagnostics, const MapReader& map, const Spec& spec,
                 PreprocessingSpec& preprocessing) {
    const YamlNode* node = map.find("resize");
    preprocessing.resize = ResizeMode::short_side;
    preprocessing.short_side = default_short_side(spec);
    if (node == nullptr) {
        return;
    }
    if (is_word(*node, "none") || is_word(*node, "exact")) {
        preprocessing.resize = node->text == "none" ? ResizeMode::none : ResizeMode::exact;
        preprocessing.short_side = 0;
        return;
    }
    const int crop = std::max(spec.height.value, spec.width.value);
    const bool number = node->kind == YamlKind::plain &&
                        node->text.find_first_not_of("+-.0123456789") == std::string::npos;
    if (!number) {
        refuse_value(diagnostics, *node, map.path_of("resize"),
                     "none, exact, or the pixels of the short side",
                     node->kind == YamlKind::plain ? did_you_mean(node->text, {"none", "exact"})
                                                   : "");
        return;
    }
    const auto pixels = read_integer(diagnostics, *node, map.path_of("resize"), limits::kShortSide);
    if (pixels && *pixels < crop) {
        diagnostics.error(node->where,
                          map.path_of("resize") + " is " + std::to_string(*pixels) +
                              ", expected at least " + std::to_string(crop) +
                              ", the larger of the input's height and width",
                          "the network's input is cropped out of the resized picture");
    }
    preprocessing.short_side = pixels.value_or(preprocessing.short_side);
}

void read_colour(Diagnostics& diagnostics, const MapReader& map, const Spec& spec,
                 PreprocessingSpec& preprocessing) {
    const int channels = spec.channels.value;
    const auto colour = map.word<ColourOrder>(
        "colour", channels == 1 ? ColourOrder::grey : ColourOrder::rgb,
        {{"rgb", ColourOrder::rgb}, {"bgr", ColourOrder::bgr}, {"grey", ColourOrder::grey}});
    preprocessing.colour = colour.value;
    const int expected = colour.value == ColourOrder::grey ? 1 : 3;
    if (channels == expected) {
        return;
    }
    const SourceLocation where = colour.where.line > 0 ? colour.where : map.where();
    const std::string count = counted(static_cast<size_t>(channels), "input channel");
    if (channels == 1 || channels == 3) {
        diagnostics.error(where,
                          map.path_of("colour") + " does not suit " + count + ", expected " +
                              (channels == 1 ? "grey" : "rgb or bgr"),
                          "change it or input.channels");
    } else {
        diagnostics.error(
            where, "preprocessing of pictures for " + count + ", expected 3 (rgb, bgr) or 1 (grey)",
            "write preprocessing: none");
    }
}

// One number for all channels, or a list with one a channel.
std::vector<double> read_per_channel(Diagnostics& diagnostics, const MapReader& map,
                                     const std::string& key, RealRange range, size_t channels,
                                     const std::vector<double>& fallback) {
    const YamlNode* node = map.find(key);
    if (node == nullptr && !fallback.empty()) {
        return fallback;
    }
    node = map.require(key, "one number a channel");
    const std::string what = map.path_of(key);
    std::vector<double> values(channels, 1.0);
    if (node == nullptr) {
        return values;
    }
    if (node->kind == YamlKind::plain) {
        return std::vector<double>(channels,
                                   read_real(diagnostics, *node, what, range).value_or(1.0));
    }
    if (node->kind != YamlKind::sequence) {
        refuse_value(diagnostics, *node, what, "a number or a list with one number a channel",
                     node->kind == YamlKind::quoted ? "remove the quotes" : "");
        return values;
    }
    if (node->items.size() != channels) {
        diagnostics.error(node->where, what + " has " + counted(node->items.size(), "element") +
                                           ", expected " + std::to_string(channels) +
                                           ", one a channel");
        return values;
    }
    for (size_t i = 0; i < channels; ++i) {
        const std::string name = what + "[" + std::to_string(i) + "]";
        values[i] = read_real(diagnostics, node->items[i], name, range).value_or(1.0);
    }
    return values;
}

} // namespace

std::optional<PreprocessingSpec> default_preprocessing(const Spec& spec) {
    if (spec.channels.value != 3) {
        return std::nullopt;
    }
    PreprocessingSpec preprocessing;
    preprocessing.resize = ResizeMode::short_side;
    preprocessing.short_side = default_short_side(spec);
    preprocessing.mean = kImageNetMean;
    preprocessing.stddev = kImageNetStddev;
    return preprocessing;
}

std::optional<PreprocessingSpec> read_preprocessing(Diagnostics& diagnostics, const MapReader& root,
                                                    const Spec& spec) {
    const YamlNode* node = root.find("preprocessing");
    if (node == nullptr) {
        return default_preprocessing(spec);
    }
    if (is_word(*node, "none")) {
        return std::nullopt;
    }
    if (node->kind != YamlKind::map) {
        refuse_value(diagnostics, *node, "preprocessing",
                     "none or a map with the keys resize, colour, scale, mean and stddev",
                     none_hint(*node, "preprocessing"));
        return std::nullopt;
    }
    const MapReader map(diagnostics, *node, "preprocessing",
                        {"resize", "colour", "scale", "mean", "stddev"});
    PreprocessingSpec preprocessing;
    preprocessing.where = node->where;
    read_resize(diagnostics, map, spec, preprocessing);
    read_colour(diagnostics, map, spec, preprocessing);
    preprocessing.scale = map.real("scale", 255.0, limits::kPixelScale).value;
    const bool rgb = preprocessing.colour == ColourOrder::rgb;
    const size_t channels = preprocessing.colour == ColourOrder::grey ? 1 : 3;
    preprocessing.mean = read_per_channel(diagnostics, map, "mean", limits::kMean, channels,
                                          rgb ? kImageNetMean : std::vector<double>{});
    preprocessing.stddev = read_per_channel(diagnostics, map, "stddev", limits::kStddev, channels,
                                            rgb ? kImageNetStddev : std::vector<double>{});
    return preprocessing;
}

} // namespace resnetc
