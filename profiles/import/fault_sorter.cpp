#include "profiles/import/fault_sorter.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <queue>
#include <string>

#include "base/error.h"
#include "base/temporary_files.h"

namespace brownout {
namespace {

// Faults of a run that are read at a time when runs are merged.
constexpr std::size_t kMergeBlock = 4096;

std::uint64_t keyOf(const FaultCount& fault) {
    return std::uint64_t{fault.group} << 32 | fault.cell;
}

bool before(const FaultCount& a, const FaultCount& b) { return keyOf(a) < keyOf(b); }

void sort(std::vector<FaultCount>& faults) {
    // Dumps deliver their faults in order unless a map scrambles them.
    if (!std::is_sorted(faults.begin(), faults.end(), before)) {
        std::sort(faults.begin(), faults.end(), before);
    }
}

/// One sorted run, read block by block.
class Run {
 public:
    Run(int descriptor, std::uint64_t first, std::size_t count)
        : descriptor_(descriptor), next_(first), left_(count) {}

    /// The first fault that hasn't been taken; null at the end.
    const FaultCount* front(const std::filesystem::path& folder) {
        if (at_ == block_.size()) fill(folder);
        return at_ < block_.size() ? &block_[at_] : nullptr;
    }
    void pop() { ++at_; }

 private:
    void fill(const std::filesystem::path& folder) {
        block_.resize(std::min(left_, kMergeBlock));
        at_ = 0;
        auto* bytes = reinterpret_cast<char*>(block_.data());
        const std::size_t size = block_.size() * sizeof(FaultCount);
        for (std::size_t done = 0; done < size;) {
            const ssize_t got = ::pread(descriptor_, bytes + done, size - done,
                                        static_cast<off_t>(next_ * sizeof(FaultCount) + done));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) {
                throw ioError(folder.string(), "a temporary file in it cannot be read",
                              got == 0 ? EIO : errno);
            }
            done += static_cast<std::size_t>(got);
        }
        next_ += block_.size();
        left_ -= block_.size();
    }

    int descriptor_;
    std::uint64_t next_;
    std::size_t left_;
    std::vector<FaultCount> block_;
    std::size_t at_ = 0;
};

}  // namespace

FaultSorter::FaultSorter(std::filesystem::path folder, std::size_t inMemory)
    : folder_(std::move(folder)), inMemory_(std::max<std::size_t>(1, inMemory)) {}

FaultSorter::~FaultSorter() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void FaultSorter::spill() {
    if (descriptor_ < 0) descriptor_ = openNamelessFile(folder_);
    sort(buffer_);
    const auto* bytes = reinterpret_cast<const char*>(buffer_.data());
    const std::size_t size = buffer_.size() * sizeof(FaultCount);
    for (std::size_t done = 0; done < size;) {
        const ssize_t written = ::write(descriptor_, bytes + done, size - done);
        if (written < 0) {
            if (errno == EINTR) continue;
            throw ioError(folder_.string(), "a temporary file in it cannot be written", errno);
        }
        done += static_cast<std::size_t>(written);
    }
    runs_.push_back(buffer_.size());
    buffer_.clear();
}

void FaultSorter::drain(const std::function<void(const FaultCount&)>& take) {
    sort(buffer_);
    if (runs_.empty()) {
        for (const FaultCount& fault : buffer_) take(fault);
        buffer_.clear();
        return;
    }
    if (!buffer_.empty()) spill();
    buffer_.shrink_to_fit();

    std::vector<Run> runs;
    std::uint64_t first = 0;
    for (const std::size_t count : runs_) {
        runs.emplace_back(descriptor_, first, count);
        first += count;
    }
    using Head = std::pair<std::uint64_t, std::size_t>;  // key, run
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
    const auto push = [&](std::size_t run) {
        if (const FaultCount* fault = runs[run].front(folder_)) heads.push({keyOf(*fault), run});
    };
    for (std::size_t run = 0; run < runs.size(); ++run) push(run);
    while (!heads.empty()) {
        const std::size_t run = heads.top().second;
        heads.pop();
        take(*runs[run].front(folder_));
        runs[run].pop();
        push(run);
    }
    runs_.clear();
}

}  // namespace brownout
