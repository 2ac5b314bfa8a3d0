#pragma once

#include <vector>

#include "profiles/generator/spatial_parameters.h"

namespace brownout {

/// A number of SpatialParameters and the attribute that holds it in a file (FORMAT.md). An absent
/// attribute stands for the default. `arrays_across`, the only integer, is apart.
struct SpatialField {
    const char* name;
    double SpatialParameters::*member;
};

const std::vector<SpatialField>& spatialFields();

constexpr const char* kArraysAcross = "arrays_across";

}  // namespace brownout
