#include "emulation/task.h"

#include "inference/ranking.h"

namespace brownout {
namespace {

class Classification final : public Task {
 public:
    std::string name() const override { return "top-1"; }
    std::size_t criteria() const override { return 1; }

    Outcome score(Span<const float> outputs, std::int32_t label) const override {
        return rankOf(outputs, static_cast<std::size_t>(label)) == 0 ? 0 : 1;
    }
};

}  // namespace

std::shared_ptr<const Task> classification() { return std::make_shared<const Classification>(); }

}  // namespace brownout
