#include "inference/engines/changed_kernels.h"

namespace brownout {

void ChangedKernels::change(std::size_t weight) {
    const std::size_t kernel = weight / 9;
    outOfDate_ = true;
    if (changed_[kernel] != 0) return;
    changed_[kernel] = 1;
    patched_.push_back(static_cast<std::uint32_t>(kernel));
}

void ChangedKernels::settle() {
    settled_.insert(settled_.end(), patched_.begin(), patched_.end());
    for (const std::uint32_t kernel : patched_) changed_[kernel] = 0;
    patched_.clear();
    outOfDate_ = false;
}

void ChangedKernels::update(const kernels::Kernels& by, float* packedMemory) {
    for (const std::uint32_t kernel : settled_) {
        if (changed_[kernel] == 0) kernels_->evaluate(kernel, by, packedMemory);
    }
    settled_.clear();
    if (!outOfDate_) return;
    for (const std::uint32_t kernel : patched_) kernels_->evaluate(kernel, by, packedMemory);
    outOfDate_ = false;
}

}  // namespace brownout
