#include "inference/plan/buffers.h"

#include <algorithm>
#include <map>

#include "inference/plan/free_space.h"
#include "inference/plan/plan.h"

namespace brownout {

std::size_t Buffers::add(std::size_t elements, std::size_t step) {
    Buffer buffer;
    buffer.elements = elements;
    buffer.firstStep = buffer.lastStep = step;
    buffers_.push_back(buffer);
    return buffers_.size() - 1;
}

void Buffers::write(std::size_t buffer, std::size_t step) {
    read(buffer, step);
    buffers_[buffer].firstStep = std::min(buffers_[buffer].firstStep, step);
    buffers_[buffer].writtenBy = step + 1;
}

void Buffers::read(std::size_t buffer, std::size_t step) {
    buffers_[buffer].lastStep = std::max(buffers_[buffer].lastStep, step);
}

bool Buffers::nest(std::size_t inner, std::size_t outer, std::size_t offset, std::size_t elements) {
    Buffer& buffer = buffers_[inner];
    if (buffer.within || buffer.writtenBy == 0 || buffer.elements != elements) return false;
    buffer.within = outer;
    buffer.offset = offset;
    buffers_[outer].writtenBy = std::max(buffers_[outer].writtenBy, buffer.writtenBy);
    return true;
}

/// Returns the buffers that lie in no other, in the order of their first steps. An outer buffer
/// comes after those in it, and is in use as long as any of them.
std::vector<std::size_t> Buffers::outermost() {
    for (const Buffer& buffer : buffers_) {
        if (!buffer.within) continue;
        Buffer& outer = buffers_[*buffer.within];
        outer.firstStep = std::min(outer.firstStep, buffer.firstStep);
        outer.lastStep = std::max(outer.lastStep, buffer.lastStep);
    }
    std::vector<std::size_t> order;
    for (std::size_t b = 0; b < buffers_.size(); ++b) {
        if (!buffers_[b].within) order.push_back(b);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return buffers_[a].firstStep < buffers_[b].firstStep;
    });
    return order;
}

void Buffers::place(Plan& plan) {
    // By last step: buffers leave their place before the first step of the next one.
    std::multimap<std::size_t, std::size_t> inUse;
    FreeSpace space;
    plan.bufferOffsets.resize(buffers_.size());
    for (const std::size_t b : outermost()) {
        const Buffer& buffer = buffers_[b];
        while (!inUse.empty() && inUse.begin()->first < buffer.firstStep) {
            const std::size_t past = inUse.begin()->second;
            space.release(plan.bufferOffsets[past], buffers_[past].elements);
            inUse.erase(inUse.begin());
        }
        const std::size_t offset = space.take(buffer.elements);
        plan.bufferOffsets[b] = offset;
        plan.bufferUses.push_back({offset, buffer.elements, buffer.firstStep, buffer.lastStep});
        inUse.emplace(buffer.lastStep, b);
    }
    plan.activationElements = space.end();
    for (std::size_t b = buffers_.size(); b-- > 0;) {
        const Buffer& buffer = buffers_[b];
        if (buffer.within)
            plan.bufferOffsets[b] = plan.bufferOffsets[*buffer.within] + buffer.offset;
    }
}

}  // namespace brownout
