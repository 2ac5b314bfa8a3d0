#include "tests/import/synthetic_dump.h"

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

namespace brownout::test {

void SyntheticDump::plantColumns(const std::map<double, std::uint32_t>& counts, double columnShare,
                                 std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    std::vector<std::pair<std::uint32_t, std::uint32_t>> badColumns;  // block, bit
    for (int i = 0; i < 6; ++i) badColumns.emplace_back(below(blocks_), below(wordBits()));
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> taken;
    for (auto at = counts.rbegin(); at != counts.rend(); ++at) {  // highest voltage first
        while (taken.size() < at->second) {
            PlantedFault fault;
            const bool column = static_cast<double>(random() >> 11) * 0x1p-53 < columnShare;
            const auto& [block, bit] =
                badColumns[below(static_cast<std::uint32_t>(badColumns.size()))];
            fault.block = column ? block : below(blocks_);
            fault.bit = column ? bit : below(wordBits());
            fault.address = below(kWordsPerBlock);
            fault.voltage = at->first;
            if (taken.emplace(fault.block, fault.address, fault.bit).second) plant(fault);
        }
    }
}

std::uint64_t SyntheticDump::count(double voltage) const {
    return static_cast<std::uint64_t>(
        std::count_if(faults_.begin(), faults_.end(),
                      [&](const PlantedFault& fault) { return fault.voltage >= voltage; }));
}

std::string SyntheticDump::text(double voltage) const {
    std::vector<std::uint16_t> words(std::size_t{blocks_} * kWordsPerBlock, 0xFFFF);
    for (const PlantedFault& fault : faults_) {
        if (fault.voltage < voltage) continue;
        std::uint16_t& word = words[std::size_t{fault.block} * kWordsPerBlock + fault.address];
        const unsigned bits = (mirrored_ ? 0x101U : 1U) << fault.bit;
        word = static_cast<std::uint16_t>(word & ~bits);
    }
    std::string text;
    text.reserve(words.size() * 4);
    for (const std::uint16_t word : words) {
        for (int shift = 12; shift >= 0; shift -= 4) text += "0123456789ABCDEF"[word >> shift & 15];
    }
    return text;
}

}  // namespace brownout::test
