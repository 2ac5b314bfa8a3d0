#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "inference/formats/encoded_network.h"
#include "model/check_placement.h"
#include "model/drawn_chips.h"
#include "model/memory_map.h"

namespace brownout {

/// The way in which a system treats the codes in a part of a word that its protection detected as
/// wrong.
enum class DetectedPolicy {
    kZeroCode,  ///< the code that the memory returns: 0 under parity, the data as read under SECDED
    kZeroWeight  ///< the code whose weight is nearest to 0 (weight nulling)
};

/// Returns "zero-code" or "zero-weight".
std::string toString(DetectedPolicy policy);
/// Reads what toString(DetectedPolicy) gives. Throws UsageError for another name.
DetectedPolicy detectedPolicyFromString(const std::string& name);

/// Lays the codes of a network out in a memory, in blocks of `blockWords` words. Throws Error as
/// MemoryMap does.
MemoryMap layOut(const EncodedNetwork& network, const SramGeometry& geometry,
                 const LayoutSettings& layout, std::uint32_t blockWords = 1);

/// The place of a network's codes, as far as an accelerator or supplies of its layers' own decide
/// it.
struct NetworkPlacement {
    /// Arrays of the memory that hold weights; 0: all that a chip has for data.
    std::uint32_t arrays = 0;
    /// Supply domain of each stored tensor, in the order of storedTensors(); "" or none at all:
    /// that of the memory.
    std::vector<std::string> domains = {};
    /// Order of the elements of each stored tensor in the memory; null or none at all: as in the
    /// file.
    std::vector<std::shared_ptr<const std::vector<std::uint32_t>>> orders = {};
};

/// Lays the codes of a network out in the arrays of a chip that hold data, in the blocks of its
/// protection. Throws Error as MemoryMap does.
MemoryMap layOut(const EncodedNetwork& network, const CheckPlacement& placement,
                 const LayoutSettings& layout, const NetworkPlacement& where = {});

/// Returns the arrays of each supply domain of a network's own, for faultsByDomain. Throws Error if
/// the network is larger than the memory, shifted in it, or spread over all arrays: an array hangs
/// on one supply.
std::vector<ArrayDomain> arrayDomains(const MemoryMap& map, const NetworkPlacement& where);

/// Returns the smallest chip of 512 x 64 arrays that holds each network once, check bits included,
/// under each protection. Throws Error as protectionFor does.
SramGeometry chipFor(const std::vector<EncodedNetwork>& networks,
                     const std::vector<std::string>& protections);

/// Returns `count` even steps through the words of a memory, each the beginning of a block of
/// `blockWords` words. Throws UsageError if there are fewer blocks.
std::vector<std::uint64_t> evenOffsets(std::uint64_t count, std::uint64_t words,
                                       std::uint32_t blockWords = 1);

/// Accesses of the weight memory that one inference costs, in words.
struct WordAccesses {
    std::uint64_t reads = 0;  ///< word reads: every word once
    /// Word writes: every word anew where the network is larger than the memory, else none.
    std::uint64_t writes = 0;
    std::uint64_t storedBits = 0;  ///< cells that hold the network, spare and check bits included
};

/// Returns the accesses of a network whose blocks have `checkBits` check bits each.
WordAccesses accessesPerInference(const MemoryMap& map, std::uint32_t checkBits);

}  // namespace brownout
