#include "inference/data/preprocessing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/fields.h"

namespace brownout {
namespace {

constexpr std::uint32_t kLongestSide = 16384;

/// A problem with a text: what was found and what was expected. It becomes an Error once it is
/// known whether an option or a file said so.
struct BadText {
    std::string problem;
};

[[noreturn]] void refuse(const std::string& text, const std::string& expected) {
    throw BadText{"'" + text + "'; expected " + expected};
}

std::optional<std::uint32_t> sideOf(std::string_view text) {
    const auto side = parseUnsigned(text);
    if (!side || *side < 1 || *side > kLongestSide) return std::nullopt;
    return static_cast<std::uint32_t>(*side);
}

/// Reads "N", whose width is then 0, or "HxW".
PixelSize sizeFrom(const std::string& text) {
    const std::size_t cross = text.find('x');
    const auto height = sideOf(std::string_view(text).substr(0, cross));
    const auto width = cross == std::string::npos
                           ? std::optional<std::uint32_t>(0)
                           : sideOf(std::string_view(text).substr(cross + 1));
    if (!height || !width) {
        refuse(text, "pixels, 1 to " + std::to_string(kLongestSide) + ": N or HEIGHTxWIDTH");
    }
    return {*height, *width};
}

/// Reads "0.25" or "1/4".
std::optional<double> ratioFrom(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto above = parseReal(trimmed(text.substr(0, slash)));
    if (slash == std::string_view::npos || !above) return above;
    const auto below = parseReal(trimmed(text.substr(slash + 1)));
    if (!below || *below == 0 || !std::isfinite(*above / *below)) return std::nullopt;
    return *above / *below;
}

std::vector<double> listFrom(const std::string& text, bool positive) {
    std::vector<std::string> fields;
    splitFields(text, ',', fields);
    std::vector<double> values;
    for (const std::string& field : fields) {
        const auto value = ratioFrom(field);
        if (!value || !std::isfinite(static_cast<float>(*value)) ||
            (positive && static_cast<float>(*value) <= 0)) {
            refuse(text, std::string(positive ? "positive " : "") +
                             "numbers, one or one for each channel: 0.5 or 0.485,0.456,0.406");
        }
        values.push_back(*value);
    }
    return values;
}

bool yesOrNo(const std::string& text) {
    for (const char* yes : {"yes", "true", "1"}) {
        if (text == yes) return true;
    }
    for (const char* no : {"no", "false", "0"}) {
        if (text == no) return false;
    }
    refuse(text, "yes or no");
}

std::int32_t offsetFrom(const std::string& text) {
    std::int32_t offset = 0;
    const char* begin = text.data() + (!text.empty() && text[0] == '+' ? 1 : 0);
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(begin, end, offset);
    if (parsed.ec != std::errc() || parsed.ptr != end || std::abs(offset) > 1'000'000) {
        refuse(text, "a whole number, -1000000 to 1000000");
    }
    return offset;
}

/// A step: its name, its text among the options, and how the text becomes part of the steps.
struct Step {
    const char* name;
    std::optional<std::string> PreprocessingOptions::*text;
    void (*apply)(const std::string& text, Preprocessing& steps);
};

const std::array<Step, 7>& allSteps() {
    using Options = PreprocessingOptions;
    static const std::array<Step, 7> steps = {
        {{"resize", &Options::resize,
          [](const std::string& text, Preprocessing& to) { to.resize = sizeFrom(text); }},
         {"crop", &Options::crop,
          [](const std::string& text, Preprocessing& to) {
              to.crop = sizeFrom(text);
              if (to.crop->width == 0) to.crop->width = to.crop->height;
          }},
         {"scale", &Options::scale,
          [](const std::string& text, Preprocessing& to) {
              to.scale = ratioFrom(text);
              if (!to.scale || !std::isfinite(static_cast<float>(*to.scale)) ||
                  static_cast<float>(*to.scale) == 0) {
                  refuse(text, "a factor that is not 0: 1, 0.5 or 1/255");
              }
          }},
         {"mean", &Options::mean,
          [](const std::string& text, Preprocessing& to) { to.mean = listFrom(text, false); }},
         {"std", &Options::std,
          [](const std::string& text, Preprocessing& to) { to.std = listFrom(text, true); }},
         {"bgr", &Options::bgr,
          [](const std::string& text, Preprocessing& to) { to.bgr = yesOrNo(text); }},
         {"labels-offset", &Options::labelsOffset,
          [](const std::string& text, Preprocessing& to) { to.labelsOffset = offsetFrom(text); }}}};
    return steps;
}

/// Returns what the networks' metadata says under `key`, the first network that says something
/// first; labels are the data's business and not in there. Throws UsageError if they differ.
const std::string* metadataText(const std::vector<const Network*>& networks, const Step& step,
                                const Network** said) {
    const std::string key = std::string("brownout.") + step.name;
    const std::string* text = nullptr;
    for (std::size_t i = 0; i < networks.size(); ++i) {
        const auto found = networks[i]->metadata.find(key);
        const std::string* here = found == networks[i]->metadata.end() ? nullptr : &found->second;
        const bool differs = (text == nullptr) != (here == nullptr) || (text && *text != *here);
        if (i > 0 && differs) {
            throw UsageError(
                step.name, "the networks ask for different images: " + networks[0]->file + " and " +
                               networks[i]->file + " differ in their metadata; say which");
        }
        if (i > 0) continue;
        text = here;
        *said = networks[i];
    }
    return text;
}

void addTo(std::string& list, const std::string& item) {
    list += (list.empty() ? "" : ", ") + item;
}

/// Returns true if the networks take images as bytes, 0 to 255. Throws UsageError if some do.
bool takeBytes(const std::vector<const Network*>& networks) {
    const auto takesBytes = [](const Network* network) {
        return network->inputs.size() == 1 && network->inputs[0].bytes;
    };
    const auto count = std::count_if(networks.begin(), networks.end(), takesBytes);
    if (count != 0 && static_cast<std::size_t>(count) != networks.size()) {
        throw UsageError("scale", "some of the networks take bytes, 0 to 255; say which");
    }
    return count != 0;
}

}  // namespace

ChosenPreprocessing preprocessingOf(const std::vector<const Network*>& networks,
                                    const PreprocessingOptions& options) {
    ChosenPreprocessing chosen;
    for (const Step& step : allSteps()) {
        if (const auto& text = options.*step.text) {
            try {
                step.apply(*text, chosen.steps);
            } catch (const BadText& bad) {
                throw UsageError(step.name, bad.problem);
            }
            continue;
        }
        if (step.text == &PreprocessingOptions::labelsOffset) continue;
        const Network* said = nullptr;
        const std::string* text = metadataText(networks, step, &said);
        if (text == nullptr) continue;
        try {
            step.apply(*text, chosen.steps);
        } catch (const BadText& bad) {
            throw Error(said->file + ": metadata brownout." + step.name, bad.problem);
        }
        addTo(chosen.fromNetwork, std::string(step.name) + " " + *text);
    }
    if (!chosen.steps.scale && takeBytes(networks)) {
        chosen.steps.scale = 1;
        addTo(chosen.fromNetwork, "scale 1, as it takes bytes");
    }
    return chosen;
}

}  // namespace brownout
