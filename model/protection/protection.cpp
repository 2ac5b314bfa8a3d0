#include "model/protection/protection.h"

#include "base/error.h"
#include "model/protection/parity.h"
#include "model/protection/secded.h"

namespace brownout {
namespace {

/// No check bits: every word decodes to itself.
class NoProtection final : public Protection {
 public:
    explicit NoProtection(std::uint32_t wordBits) : Protection(wordBits, 0) {}
    std::string name() const override { return "none"; }
    bool showsCells() const override { return true; }

 private:
    std::uint8_t encodeBlock(Span<Word>) const override { return 0; }
    WordStatus decodeBlock(Span<Word>, std::uint8_t) const override { return WordStatus::kClean; }
};

template <typename Kind>
std::shared_ptr<const Protection> make(std::uint32_t wordBits) {
    return std::make_shared<const Kind>(wordBits);
}

struct Entry {
    const char* name;
    std::shared_ptr<const Protection> (*make)(std::uint32_t wordBits);
};

/// Every protection there is. A new one is a file in this folder and a line here.
constexpr Entry kProtections[] = {
    {"none", make<NoProtection>},
    {"parity", make<ParityProtection>},
    {"parity-byte", make<ByteParityProtection>},
    {"parity-128", make<WideParityProtection>},
    {"secded", make<SecdedProtection>},
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

std::vector<std::string> protectionNames() {
    std::vector<std::string> names;
    for (const Entry& entry : kProtections) names.emplace_back(entry.name);
    return names;
}

std::shared_ptr<const Protection> makeProtection(const std::string& name, std::uint32_t wordBits) {
    if (wordBits == 0 || wordBits > 64) {
        throw Error("protection",
                    "words of " + std::to_string(wordBits) + " bits; expected 1 to 64");
    }
    std::string known;
    for (const Entry& entry : kProtections) {
        if (name == entry.name) return entry.make(wordBits);
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw UsageError("protection", "'" + name + "'; expected one of " + known);
}

void requireSingleWords(const Protection& protection, const std::string& what) {
    if (protection.blockWords() == 1) return;
    throw Error("protection " + protection.name(),
                "protects blocks of " + std::to_string(protection.blockWords()) + " words; " +
                    what + " protects each word by itself");
}

}  // namespace brownout
