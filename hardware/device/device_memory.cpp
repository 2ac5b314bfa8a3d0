#include "hardware/device/device_memory.h"

#include <algorithm>
#include <thread>

#include "base/error.h"

namespace brownout {

DeviceMemory::DeviceMemory(std::shared_ptr<HardwareDevice> device,
                           std::shared_ptr<const Protection> protection)
    : device_(std::move(device)),
      protection_(std::move(protection)),
      placement_(device_->settings().geometry, *protection_),
      mine_(device_->mutex(), std::defer_lock),
      data_(placement_.dataGeometry().words(), 0),
      check_(placement_.chipGeometry().words() - data_.size(), 0) {
    if (protection_->wordBits() != device_->settings().geometry.wordBits()) {
        throw Error("protection " + protection_->name(),
                    "for words of " + std::to_string(protection_->wordBits()) +
                        " bits; the device's have " +
                        std::to_string(device_->settings().geometry.wordBits()));
    }
}

void DeviceMemory::setSupply(const OperatingPoint& at) {
    if (!at.domains.empty()) {
        throw Error(device_->target().name(), "has one supply; expected no supply domains");
    }
    if (!mine_.owns_lock()) mine_.lock();
    device_->supply().requireWithinLimits(at.supply);
    supplyV_ = at.supply;
    atNominal_ = false;  // another memory may have had the device
    exposed_ = false;
    measured_.clear();
}

void DeviceMemory::release() {
    if (!mine_.owns_lock()) return;
    moveToNominal();
    mine_.unlock();
}

void DeviceMemory::moveToNominal() {
    if (!atNominal_) device_->supply().moveToNominal();
    atNominal_ = true;
}

void DeviceMemory::expose() {
    const DeviceSettings& settings = device_->settings();
    if (settings.access == DeviceAccess::kRetention) {
        if (exposed_) return;
        moveToNominal();
        measured_.push_back(device_->supply().moveTo(supplyV_));
        atNominal_ = false;
        std::this_thread::sleep_for(settings.hold);
        device_->supply().check();
        moveToNominal();
    } else if (!exposed_) {
        measured_.push_back(device_->supply().moveTo(supplyV_));
        atNominal_ = false;
    }
    exposed_ = true;
}

std::vector<DeviceMemory::Run> DeviceMemory::checkRuns(std::uint64_t begin,
                                                       std::uint64_t end) const {
    std::vector<Run> runs;
    if (placement_.checkBits() == 0) return runs;
    std::vector<std::uint64_t> words;
    for (std::uint64_t at = begin; at < end; at += placement_.blockWords()) {
        words.push_back(placement_.placeOf(at).word);
    }
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    for (const std::uint64_t word : words) {
        if (runs.empty() || runs.back().first + runs.back().count != word)
            runs.push_back({word, 0});
        ++runs.back().count;
    }
    return runs;
}

void DeviceMemory::write(std::uint64_t first, Span<const Word> words) {
    checkAccess(first, words.size(), 0);
    if (!mine_.owns_lock()) throw Error("memory", "is written before its supply is set");
    moveToNominal();
    exposed_ = false;
    const Word mask = protection_->dataMask();
    for (std::size_t i = 0; i < words.size(); ++i) data_[first + i] = words[i] & mask;
    const std::uint64_t size = placement_.blockWords();
    const std::uint64_t begin = first / size * size;
    const std::uint64_t end = (first + words.size() + size - 1) / size * size;
    std::vector<Word> coded(data_.begin() + static_cast<std::ptrdiff_t>(begin),
                            data_.begin() + static_cast<std::ptrdiff_t>(end));
    for (std::uint64_t at = begin; at < end; at += size) {
        const std::uint8_t check =
            protection_->encode(Span<Word>(coded.data() + (at - begin), size));
        if (placement_.checkBits() == 0) continue;
        const auto place = placement_.placeOf(at);
        const Word bits = ~(~Word{0} << placement_.checkBits()) << place.shift;
        Word& word = check_[place.word - data_.size()];
        word = (word & ~bits) | Word{check} << place.shift;
    }
    device_->writeChecked(begin, coded);
    for (const Run& run : checkRuns(begin, end)) {
        device_->writeChecked(run.first, {check_.data() + (run.first - data_.size()), run.count});
    }
}

void DeviceMemory::read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) {
    checkAccess(first, words.size(), statuses.size());
    if (!mine_.owns_lock()) throw Error("memory", "is read before its supply is set");
    expose();
    const std::uint64_t size = placement_.blockWords();
    const std::uint64_t begin = first / size * size;
    const std::uint64_t end = (first + words.size() + size - 1) / size * size;
    std::vector<Word> coded(end - begin);
    device_->read(begin, coded);
    std::vector<Word> check(check_.size());
    for (const Run& run : checkRuns(begin, end)) {
        device_->read(run.first, {check.data() + (run.first - data_.size()), run.count});
    }
    // A supply that was somewhere else meanwhile makes the words worthless.
    measured_.push_back(device_->supply().check());
    for (std::uint64_t at = begin; at < end; at += size) {
        std::uint8_t bits = 0;
        if (placement_.checkBits() > 0) {
            const auto place = placement_.placeOf(at);
            bits = static_cast<std::uint8_t>(check[place.word - data_.size()] >> place.shift &
                                             ~(~Word{0} << placement_.checkBits()));
        }
        const Span<Word> block(coded.data() + (at - begin), size);
        const WordStatus status = protection_->decode(block, bits);
        for (std::uint64_t i = 0; i < size; ++i) {
            if (at + i < first || at + i >= first + words.size()) continue;
            words[at + i - first] = block[i];
            if (!statuses.empty()) statuses[at + i - first] = status;
        }
    }
}

}  // namespace brownout
