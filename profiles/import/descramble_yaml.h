#pragma once

#include <string>

#include "base/input.h"
#include "profiles/import/descramble_map.h"

namespace brownout {

/// Reads a descramble map (IMPORT.md). Throws Error naming the file and the line of anything that
/// isn't a key, value or list the map knows. What the keys mean together is checked by
/// DescrambleMap.
MapDescription readMap(Input& input);

/// Reads "a3", "a3^a7" or "a3 ^ 1": an address bit, or several with XOR; 1 inverts. Returns nothing
/// if `text` is none of these.
std::optional<AddressBit> parseAddressBit(const std::string& text);

}  // namespace brownout
