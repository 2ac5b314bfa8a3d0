#include "hardware/bench/bench_memory.h"

#include <algorithm>

#include "hardware/device/word_bytes.h"

namespace brownout {

BenchMemory::BenchMemory(std::shared_ptr<ChipSource> chips, const LoadId& load,
                         Conversion conversion, std::uint64_t base, BenchFailure failure)
    : chips_(std::move(chips)),
      load_(load),
      conversion_(std::move(conversion)),
      base_(base),
      failure_(failure),
      wordBytes_(bytesOfWord(chips_.geometry())),
      words_(chips_.geometry().words(), 0) {}

bool BenchMemory::holds(std::uint64_t address, std::uint64_t count) const {
    return address >= base_ && address - base_ <= bytes() && count <= bytes() - (address - base_);
}

void BenchMemory::supplyIs(double volts) {
    supplyV_ = volts;
    lowestV_ = std::min(lowestV_, volts);
}

std::shared_ptr<const FaultOverlay> BenchMemory::faults() {
    const double volts = failure_ == BenchFailure::kRead ? supplyV_ : lowestV_;
    if (failure_ == BenchFailure::kRead) ++load_.load;
    return chips_.faults(load_, conversion_(volts));
}

std::string BenchMemory::read(std::uint64_t address, std::uint64_t count) {
    if (count == 0) return "";
    const std::uint64_t first = (address - base_) / wordBytes_;
    const std::uint64_t end = (address - base_ + count - 1) / wordBytes_ + 1;
    std::vector<Word> words(words_.begin() + static_cast<std::ptrdiff_t>(first),
                            words_.begin() + static_cast<std::ptrdiff_t>(end));
    faults()->apply(first, words);
    std::string bytes(count, '\0');
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t at = address - base_ + i;
        bytes[i] = static_cast<char>(words[at / wordBytes_ - first] >> (at % wordBytes_ * 8));
    }
    return bytes;
}

void BenchMemory::write(std::uint64_t address, const std::string& bytes) {
    if (failure_ == BenchFailure::kRetention) {
        faults()->apply(0, words_);
        lowestV_ = supplyV_;
        ++load_.load;
    }
    for (std::uint64_t i = 0; i < bytes.size(); ++i) {
        const std::uint64_t at = address - base_ + i;
        const std::uint64_t shift = at % wordBytes_ * 8;
        Word& word = words_[at / wordBytes_];
        word = (word & ~(Word{0xFF} << shift)) | Word{static_cast<unsigned char>(bytes[i])}
                                                     << shift;
    }
}

}  // namespace brownout
