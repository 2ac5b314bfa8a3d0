#include "model/functional_memory.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace brownout {

FunctionalMemory::FunctionalMemory(std::shared_ptr<const Chip> chip, const LoadId& load)
    : chip_(std::move(chip)), content_(chip_->geometry().words(), 0), load_(load) {}

void FunctionalMemory::setSupply(double supply) {
    faults_ = FaultOverlay(chip_->geometry(), chip_->failingAt(supply));
    resolved_ = faults_.resolved(load_);
}

void FunctionalMemory::startLoad(const LoadId& load) {
    load_ = load;
    resolved_ = faults_.resolved(load_);
}

void FunctionalMemory::write(std::uint64_t first, Span<const Word> words) {
    checkRange(first, words.size());
    std::copy(words.begin(), words.end(), content_.begin() + static_cast<std::ptrdiff_t>(first));
}

void FunctionalMemory::read(std::uint64_t first, Span<Word> words) {
    checkRange(first, words.size());
    std::copy_n(content_.begin() + static_cast<std::ptrdiff_t>(first), words.size(), words.begin());
    resolved_.apply(first, words);
}

void FunctionalMemory::checkRange(std::uint64_t first, std::uint64_t count) const {
    if (first > content_.size() || count > content_.size() - first) {
        throw Error("memory", "words " + std::to_string(first) + " to " +
                                  std::to_string(first + count) + " of " +
                                  std::to_string(content_.size()));
    }
}

}  // namespace brownout
