#include "emulation/shared_memory.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace brownout {
namespace {

class SharedMemory final : public WeightMemory, public ChipSocket {
 public:
    explicit SharedMemory(std::shared_ptr<Bench> bench)
        : bench_(std::move(bench)), content_(bench_->memory->words(), 0) {}
    ~SharedMemory() override {
        const std::lock_guard<std::mutex> lock(bench_->mutex);
        if (bench_->user == this) bench_->user = nullptr;
    }

    std::uint64_t words() const override { return content_.size(); }
    const Protection& protection() const override { return bench_->memory->protection(); }

    void setSupply(const OperatingPoint& at) override {
        const std::lock_guard<std::mutex> lock(bench_->mutex);
        load_ = inserted_;
        at_ = at;
        occupy();
        faults_ = bench_->socket->faults();
    }

    void write(std::uint64_t first, Span<const Word> words) override {
        checkAccess(first, words.size(), 0);
        std::copy(words.begin(), words.end(),
                  content_.begin() + static_cast<std::ptrdiff_t>(first));
    }

    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override {
        checkAccess(first, words.size(), statuses.size());
        const std::lock_guard<std::mutex> lock(bench_->mutex);
        if (bench_->user != this && at_) occupy();
        bench_->memory->write(first, Span<const Word>(content_).subspan(first, words.size()));
        bench_->memory->read(first, words, statuses);
    }

    const SramGeometry& geometry() const override { return bench_->socket->geometry(); }
    void insert(const LoadId& load) override { inserted_ = load; }
    std::shared_ptr<const FaultOverlay> faults() const override { return faults_; }

 private:
    void occupy() {
        bench_->user = nullptr;
        bench_->socket->insert(load_);
        bench_->memory->setSupply(*at_);
        bench_->user = this;
    }

    std::shared_ptr<Bench> bench_;
    std::vector<Word> content_;
    LoadId inserted_;
    LoadId load_;  ///< the chip and load that act, inserted before the last setSupply
    std::optional<OperatingPoint> at_;
    std::shared_ptr<const FaultOverlay> faults_ = std::make_shared<const FaultOverlay>();
};

}  // namespace

CampaignMemory shareOf(std::shared_ptr<Bench> bench) {
    auto memory = std::make_unique<SharedMemory>(std::move(bench));
    ChipSocket* const socket = memory.get();
    return CampaignMemory{std::move(memory), socket};
}

}  // namespace brownout
