#include "model/field/block_darts.h"

namespace brownout {

void BlockDarts::draw(const UniformField& field, std::uint32_t first, std::uint32_t end,
                      std::uint32_t block) {
    const std::vector<Stratum>& strata = fieldStrata();
    counts_.clear();
    groups_.clear();
    runs_.clear();
    if (end == strata.size()) --end;
    for (std::uint32_t stratum = first; stratum < end; ++stratum) {
        counts_.add((1U << 8) + stratum, block);
    }
    counts_.draw(field.seed(), RandomDomain::kUniformField, field.chip());
    for (std::uint32_t stratum = first; stratum < end; ++stratum) {
        const std::uint32_t count = strata[stratum].darts.count(counts_.first()[stratum - first]);
        const std::uint32_t perGroup = strata[stratum].level == 0 ? 8 : 4;
        runs_.push_back({stratum, count, groups_.size()});
        groups_.add(((stratum + 1) << 16) + block, 0, (count + perGroup - 1) / perGroup);
    }
    groups_.draw(field.seed(), RandomDomain::kUniformField, field.chip());
}

}  // namespace brownout
