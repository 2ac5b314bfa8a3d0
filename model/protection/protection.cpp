#include "model/protection/protection.h"

#include "base/error.h"
#include "model/protection/bit_masking.h"
#include "model/protection/in_place_ecc.h"
#include "model/protection/opportunistic_parity.h"
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

using Made = std::shared_ptr<const Protection>;

template <typename Kind>
Made make(std::uint32_t wordBits, std::uint32_t /*codeBits*/) {
    return std::make_shared<const Kind>(wordBits);
}

template <std::uint32_t kGroupBits, ParityWeight kWeight>
Made makeOpportunistic(std::uint32_t wordBits, std::uint32_t /*codeBits*/) {
    return std::make_shared<const OpportunisticParity>(wordBits, kGroupBits, kWeight);
}

Made makeOpportunisticOfWeight(std::uint32_t wordBits, std::uint32_t codeBits) {
    if (codeBits == 8 || codeBits == 16 || codeBits == 32) {
        return std::make_shared<const OpportunisticParity>(wordBits, codeBits,
                                                           ParityWeight::kFirst);
    }
    throw Error("protection op-weight",
                (codeBits == 0 ? "weights whose number of bits is unknown or differs"
                               : "weights of " + std::to_string(codeBits) + " bits") +
                    std::string("; expected 8, 16 or 32 bits"));
}

template <MaskingParity kParity>
Made makeBitMasking(std::uint32_t wordBits, std::uint32_t codeBits) {
    return std::make_shared<const BitMasking>(wordBits, codeBits, kParity);
}

struct Entry {
    ProtectionText text;
    Made (*make)(std::uint32_t wordBits, std::uint32_t codeBits);
};

constexpr auto kFirst = ParityWeight::kFirst;
constexpr auto kLargest = ParityWeight::kLargest;

/// Every protection there is. A new one is a file in this folder and a line here.
constexpr Entry kProtections[] = {
    {{"none", "the cells as they are"}, make<NoProtection>},
    {{"parity", "a check bit a word; a wrong word reads as 0"}, make<ParityProtection>},
    {{"parity-byte", "a check bit a byte; a wrong byte reads as 0"}, make<ByteParityProtection>},
    {{"parity-128", "a check bit for 128 bits, which read as 0"}, make<WideParityProtection>},
    {{"secded", "8 check bits a word; one wrong bit is corrected, two detected"},
     make<SecdedProtection>},
    {{"op-weight",
      "opportunistic parity: even parity of each weight of 8, 16 or 32 bits by "
      "flipping its LSB; no cell added; a wrong weight becomes 0"},
     makeOpportunisticOfWeight},
    {{"op-8", "the same over 8 bits"}, makeOpportunistic<8, kFirst>},
    {{"op-16", "over 16 bits"}, makeOpportunistic<16, kFirst>},
    {{"op-32", "over 32 bits"}, makeOpportunistic<32, kFirst>},
    {{"op-64", "over 64 bits"}, makeOpportunistic<64, kFirst>},
    {{"op-128", "over 128 bits"}, makeOpportunistic<128, kFirst>},
    {{"op-256", "over 256 bits"}, makeOpportunistic<256, kFirst>},
    {{"op-64-largest", "op-64 that flips the LSB of the weight of largest magnitude"},
     makeOpportunistic<64, kLargest>},
    {{"op-128-largest", "op-128 so"}, makeOpportunistic<128, kLargest>},
    {{"op-256-largest", "op-256 so"}, makeOpportunistic<256, kLargest>},
    {{"in-place-ecc", "SECDED in the bits that 7 of 8 weights, held in [-64, 63], leave free"},
     make<InPlaceEcc>},
    {{"bit-masking",
      "a check bit for each bit position of a word's weights; a wrong position "
      "becomes their signs"},
     makeBitMasking<MaskingParity::kBit>},
    {{"bit-masking-weight", "a check bit a weight; a wrong weight becomes 0 or -1, as its sign"},
     makeBitMasking<MaskingParity::kCode>},
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

std::vector<ProtectionText> protectionTexts() {
    std::vector<ProtectionText> texts;
    for (const Entry& entry : kProtections) texts.push_back(entry.text);
    return texts;
}

std::vector<std::string> protectionNames() {
    std::vector<std::string> names;
    for (const Entry& entry : kProtections) names.emplace_back(entry.text.name);
    return names;
}

std::shared_ptr<const Protection> makeProtection(const std::string& name, std::uint32_t wordBits,
                                                 std::uint32_t codeBits) {
    if (wordBits == 0 || wordBits > 64) {
        throw Error("protection",
                    "words of " + std::to_string(wordBits) + " bits; expected 1 to 64");
    }
    std::string known;
    for (const Entry& entry : kProtections) {
        if (name == entry.text.name) return entry.make(wordBits, codeBits);
        known += (known.empty() ? "" : ", ") + std::string(entry.text.name);
    }
    throw UsageError("protection", "'" + name + "'; expected one of " + known);
}

void requireSingleWords(const Protection& protection, const std::string& what) {
    if (protection.blockWords() == 1) return;
    throw Error("protection " + protection.name(),
                "protects blocks of " + std::to_string(protection.blockWords()) + " words; " +
                    what + " protects each word by itself");
}

void requireTwosComplement(const Protection& protection, const WordCodes& codes,
                           const CodeValues& values, std::uint32_t fewest, std::uint32_t most) {
    const std::string place = "protection " + protection.name();
    if (codes.bits < fewest || codes.bits > most) {
        throw Error(place, "weights of " + std::to_string(codes.bits) + " bits; expected " +
                               std::to_string(fewest) +
                               (most > fewest ? " to " + std::to_string(most) : ""));
    }
    // In two's complement the lowest code of all is the sign bit alone, and the highest is all
    // others.
    const auto value = [&](Code code) {
        return values.value(codes.tensor, codes.elementAt(0), code);
    };
    const Code sign = Code{1} << (codes.bits - 1);
    if (value(sign) < value(0) && value(0) <= value(sign - 1) && value(sign) < value(sign + 1)) {
        return;
    }
    throw Error(place, "weights that aren't in two's complement, as those of int" +
                           std::to_string(codes.bits) + " are");
}

}  // namespace brownout
