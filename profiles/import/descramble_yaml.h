#pragma once

#include <string>

#include "profiles/import/descramble_map.h"
#include "profiles/import/input.h"

namespace brownout {

/// Reads a descramble map (IMPORT.md). Throws Error naming the file and the line of anything that
/// isn't a key, value or list the map knows. What the keys mean together is checked by
/// DescrambleMap.
MapDescription readMap(Input& input);

/// "a3", "a3^a7", "a3 ^ 1": an address bit, or several with XOR; 1 inverts. Nothing if it is none.
std::optional<AddressBit> parseAddressBit(const std::string& text);

}  // namespace brownout
