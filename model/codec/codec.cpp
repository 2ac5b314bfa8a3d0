#include "model/codec/codec.h"

#include "base/error.h"
#include "model/codec/parity.h"
#include "model/codec/secded.h"

namespace brownout {
namespace {

/// No check bits: every word decodes to itself.
class NoCodec final : public Codec {
 public:
    explicit NoCodec(std::uint32_t wordBits) : Codec(wordBits, 0) {}
    std::string name() const override { return "none"; }
    std::uint8_t encode(Word) const override { return 0; }
    DecodedWord decode(CodedWord read) const override { return {read.data, WordStatus::kClean}; }
};

template <typename Kind>
std::shared_ptr<const Codec> make(std::uint32_t wordBits) {
    return std::make_shared<const Kind>(wordBits);
}

struct Entry {
    const char* name;
    std::shared_ptr<const Codec> (*make)(std::uint32_t wordBits);
};

/// Every codec there is. A new one is a file in this folder and a line here.
constexpr Entry kCodecs[] = {
    {"none", make<NoCodec>},
    {"parity", make<ParityCodec>},
    {"parity-byte", make<ByteParityCodec>},
    {"secded", make<SecdedCodec>},
};

}  // namespace

const char* nameOf(WordStatus status) {
    switch (status) {
        case WordStatus::kCorrected:
            return "corrected";
        case WordStatus::kDetected:
            return "detected";
        case WordStatus::kClean:
            break;
    }
    return "clean";
}

std::vector<std::string> codecNames() {
    std::vector<std::string> names;
    for (const Entry& entry : kCodecs) names.emplace_back(entry.name);
    return names;
}

std::shared_ptr<const Codec> makeCodec(const std::string& name, std::uint32_t wordBits) {
    if (wordBits == 0 || wordBits > 64) {
        throw Error("codec", "words of " + std::to_string(wordBits) + " bits; expected 1 to 64");
    }
    std::string known;
    for (const Entry& entry : kCodecs) {
        if (name == entry.name) return entry.make(wordBits);
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw UsageError("codec", "'" + name + "'; expected one of " + known);
}

}  // namespace brownout
