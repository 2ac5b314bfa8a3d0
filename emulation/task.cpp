#include "emulation/task.h"

#include "base/error.h"
#include "inference/ranking.h"

namespace brownout {
namespace {

class Classification final : public Task {
 public:
    explicit Classification(std::uint32_t top) : top_(top) {}

    std::string name() const override { return "top-" + std::to_string(top_); }
    std::size_t criteria() const override { return top_ > 1 ? 2 : 1; }

    Outcome score(Span<const float> outputs, std::int32_t label) const override {
        const std::size_t rank = rankOf(outputs, static_cast<std::size_t>(label));
        return static_cast<Outcome>((rank >= 1 ? 1U : 0U) | (top_ > 1 && rank >= top_ ? 2U : 0U));
    }

 private:
    std::uint32_t top_;
};

}  // namespace

std::shared_ptr<const Task> classification(std::uint32_t top) {
    if (top == 0) throw UsageError("top", "0; expected at least 1");
    return std::make_shared<const Classification>(top);
}

}  // namespace brownout
