#include "profiles/import/descramble_map.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"

namespace brownout {
namespace {

// Limits that keep numbers in 32 bits and tables small.
constexpr std::uint32_t kMostWordsPerBlock = 1U << 26;
constexpr std::uint32_t kMostColumns = 1U << 16;

bool parity(std::uint64_t value) { return __builtin_parityll(value) != 0; }

std::uint32_t evaluate(const std::vector<AddressBit>& bits, std::uint32_t address) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bits.size(); ++i) {
        if (parity(bits[i].mask & address) != bits[i].inverted) value |= 1U << i;
    }
    return value;
}

std::optional<unsigned> exactLog2(std::uint32_t value) {
    if (value == 0 || (value & (value - 1)) != 0) return std::nullopt;
    return static_cast<unsigned>(__builtin_ctz(value));
}

std::string hex(std::uint64_t value) {
    std::ostringstream text;
    text << "0x" << std::hex << value;
    return text.str();
}

/// A nonzero x with parity(m & x) = 0 for all masks, if there is one: the kernel of the matrix over
/// GF(2) whose rows they are.
std::optional<std::uint64_t> kernelVector(std::vector<std::uint64_t> masks, unsigned bits) {
    std::vector<unsigned> pivots;  // of the first rows, which are reduced
    std::size_t rank = 0;
    for (unsigned bit = 0; bit < bits; ++bit) {
        const std::uint64_t mask = std::uint64_t{1} << bit;
        const auto found = std::find_if(masks.begin() + static_cast<std::ptrdiff_t>(rank),
                                        masks.end(), [&](auto row) { return (row & mask) != 0; });
        if (found == masks.end()) {
            // A free variable: set it and what follows from it in the pivot rows.
            std::uint64_t vector = mask;
            for (std::size_t i = 0; i < rank; ++i) {
                if ((masks[i] & mask) != 0) vector |= std::uint64_t{1} << pivots[i];
            }
            return vector;
        }
        std::iter_swap(masks.begin() + static_cast<std::ptrdiff_t>(rank), found);
        for (std::size_t i = 0; i < masks.size(); ++i) {
            if (i != rank && (masks[i] & mask) != 0) masks[i] ^= masks[rank];
        }
        pivots.push_back(bit);
        ++rank;
    }
    return std::nullopt;
}

std::string times(std::uint64_t a, std::uint64_t b) {
    return std::to_string(a) + " x " + std::to_string(b);
}

}  // namespace

void DescrambleMap::fail(const std::string& problem) const { throw Error(map_.name, problem); }

DescrambleMap::DescrambleMap(MapDescription description, const DumpShape& shape)
    : map_(std::move(description)) {
    deduceShape(shape);
    checkOrders();
    checkAddressBits();
    complementRow_ = flags(map_.complementRows, rows_, "row");
    complementColumn_ = flags(map_.complementColumns, columns_, "column");
    bitOfColumn_.resize(columns_);
    for (std::uint32_t bit = 0; bit < wordBits_; ++bit) {
        for (std::uint32_t select = 0; select < mux_; ++select) {
            bitOfColumn_[columnOf(bit, select)] = static_cast<std::uint8_t>(bit);
        }
    }
}

std::uint32_t DescrambleMap::columnOf(std::uint32_t bit, std::uint32_t select) const {
    const std::uint32_t wordBit = map_.bitOrder.empty() ? bit : map_.bitOrder[bit];
    const std::uint32_t column =
        map_.blockedColumns ? select * wordBits_ + wordBit : wordBit * mux_ + select;
    return map_.columnOrder.empty() ? column : map_.columnOrder[column];
}

std::vector<bool> DescrambleMap::flags(const Lines& lines, std::uint32_t count,
                                       const std::string& what) const {
    if (lines.listed.empty() && !lines.odd && !lines.even) return {};
    std::vector<bool> flags(count);
    for (std::uint32_t i = 0; i < count; ++i) flags[i] = i % 2 == 1 ? lines.odd : lines.even;
    for (const std::uint32_t line : lines.listed) {
        if (line >= count) {
            fail("complement " + what + " " + std::to_string(line) + "; there are " +
                 std::to_string(count));
        }
        flags[line] = true;
    }
    return flags;
}

void DescrambleMap::deduceShape(const DumpShape& shape) {
    if (map_.wordBits && shape.wordBits && *map_.wordBits != *shape.wordBits) {
        fail("words have " + std::to_string(*map_.wordBits) + " bits, but those of the dump have " +
             std::to_string(*shape.wordBits));
    }
    if (map_.wordsPerBlock && shape.wordsPerBlock && *map_.wordsPerBlock != *shape.wordsPerBlock) {
        fail(std::to_string(*map_.wordsPerBlock) + " words a block, but the dump has " +
             std::to_string(*shape.wordsPerBlock));
    }
    const auto bits = map_.wordBits ? map_.wordBits : shape.wordBits;
    const auto words = map_.wordsPerBlock ? map_.wordsPerBlock : shape.wordsPerBlock;
    if (map_.columnMux) {
        mux_ = *map_.columnMux;
    } else if (!map_.selectBits.empty()) {
        mux_ = map_.selectBits.size() < 16 ? 1U << map_.selectBits.size() : 0;
    } else if (map_.columns && bits && *bits > 0 && *map_.columns % *bits == 0) {
        mux_ = *map_.columns / *bits;
    }
    if (mux_ == 0 || mux_ > kMostColumns) fail("the column mux must be 1 to 65536");
    if (!bits && !map_.columns) {
        fail("the number of columns (or of bits a word) is not known; say how many");
    }
    wordBits_ = bits ? *bits : *map_.columns / mux_;
    if (wordBits_ == 0 || wordBits_ > 64) {
        fail("a word of " + std::to_string(wordBits_) +
             " bits; expected 1 to 64: is the column mux (words in a row) right?");
    }
    if (std::uint64_t{wordBits_} * mux_ > kMostColumns) fail("more than 65536 columns");
    columns_ = wordBits_ * mux_;
    if (map_.msbFirst) {
        map_.bitOrder.clear();
        for (std::uint32_t i = wordBits_; i-- > 0;) map_.bitOrder.push_back(i);
    }
    if (map_.columns && *map_.columns != columns_) {
        fail(std::to_string(*map_.columns) + " columns, but words of " + std::to_string(wordBits_) +
             " bits with a column mux of " + std::to_string(mux_) + " take " +
             std::to_string(columns_));
    }

    if (map_.arrayBits.size() > 16) fail("more than 16 array bits");
    arraysPerBlock_ = 1U << map_.arrayBits.size();
    std::sort(map_.spareRows.begin(), map_.spareRows.end());
    const auto spares = static_cast<std::uint64_t>(map_.spareRows.size());
    if (!words && !map_.rows) {
        fail("the number of rows (or of words a block) is not known; say how many");
    }
    const std::uint64_t perBlock =
        words ? *words : (*map_.rows + spares) * mux_ * std::uint64_t{arraysPerBlock_};
    if (perBlock == 0 || perBlock > kMostWordsPerBlock) {
        fail(std::to_string(perBlock) + " words a block; expected 1 to " +
             std::to_string(kMostWordsPerBlock));
    }
    wordsPerBlock_ = static_cast<std::uint32_t>(perBlock);
    const std::uint64_t perArray = std::uint64_t{mux_} * arraysPerBlock_;
    const std::uint64_t dumpRowsOfArray = perBlock / perArray;
    if (perBlock % perArray != 0 || dumpRowsOfArray <= spares ||
        (map_.rows && *map_.rows != dumpRowsOfArray - spares)) {
        fail(std::to_string(perBlock) + " words a block don't fill " +
             (arraysPerBlock_ > 1 ? std::to_string(arraysPerBlock_) + " arrays of " : "") +
             (map_.rows ? times(*map_.rows + spares, mux_) : "rows of " + std::to_string(mux_)) +
             " words (rows, spare ones included, and column mux)");
    }
    rows_ = static_cast<std::uint32_t>(dumpRowsOfArray - spares);
}

void DescrambleMap::checkOrders() const {
    const auto check = [&](const std::vector<std::uint32_t>& order, std::size_t size,
                           const char* what) {
        if (order.empty()) return;
        if (order.size() != size) {
            fail(std::string(what) + " has " + std::to_string(order.size()) +
                 " entries; expected " + std::to_string(size));
        }
        std::vector<std::size_t> first(size, size);
        for (std::size_t i = 0; i < size; ++i) {
            if (order[i] >= size) {
                fail(std::string(what) + ": entry " + std::to_string(i) + " is " +
                     std::to_string(order[i]) + "; expected less than " + std::to_string(size));
            }
            std::size_t& before = first[order[i]];
            if (before != size) {
                fail(std::string("is not one to one: ") + what + " has " +
                     std::to_string(order[i]) + " for " + std::to_string(before) + " and for " +
                     std::to_string(i));
            }
            before = i;
        }
    };
    check(map_.bitOrder, wordBits_, "bit_order");
    check(map_.rowOrder, rows_, "row_order");
    check(map_.columnOrder, columns_, "column_order");
    if (map_.arrays) check(map_.arrayOrder, *map_.arrays, "array_order");
    const auto& spares = map_.spareRows;
    const auto twice = std::adjacent_find(spares.begin(), spares.end());
    if (twice != spares.end()) fail("spare row " + std::to_string(*twice) + " is named twice");
    if (!spares.empty() && spares.back() >= rows_ + spares.size()) {
        fail("spare row " + std::to_string(spares.back()) + "; the dump has rows 0 to " +
             std::to_string(rows_ + spares.size() - 1));
    }
}

void DescrambleMap::checkAddressBits() const {
    if (map_.rowBits.empty() && map_.selectBits.empty() && map_.arrayBits.empty()) return;
    const auto bits = exactLog2(wordsPerBlock_);
    if (!bits) {
        fail("address bits need a power of two of words a block, not " +
             std::to_string(wordsPerBlock_));
    }
    const std::size_t given = map_.rowBits.size() + map_.selectBits.size() + map_.arrayBits.size();
    std::vector<std::uint64_t> masks;
    for (const auto* list : {&map_.rowBits, &map_.selectBits, &map_.arrayBits}) {
        for (const AddressBit& bit : *list) {
            if ((bit.mask >> *bits) != 0) {
                fail("address bit a" + std::to_string(63 - __builtin_clzll(bit.mask)) +
                     "; addresses of " + std::to_string(wordsPerBlock_) + " words have a0 to a" +
                     std::to_string(*bits == 0 ? 0 : *bits - 1));
            }
            masks.push_back(bit.mask);
        }
    }
    if (map_.selectBits.size() > 16 || (1U << map_.selectBits.size()) != mux_) {
        fail(std::to_string(map_.selectBits.size()) + " select bits don't fit a column mux of " +
             std::to_string(mux_));
    }
    if (given > *bits) {
        fail(std::to_string(given) + " row, select and array bits; an address of " +
             std::to_string(wordsPerBlock_) + " words has " + std::to_string(*bits));
    }
    // Affine maps collide where their difference is in the kernel.
    if (const auto other = kernelVector(masks, *bits)) {
        const auto far = static_cast<std::uint32_t>(*other);
        fail("is not one to one: addresses 0x0 and " + hex(far) + " both become array " +
             std::to_string(evaluate(map_.arrayBits, far)) + ", row " +
             std::to_string(evaluate(map_.rowBits, far)) + ", select " +
             std::to_string(evaluate(map_.selectBits, far)));
    }
}

std::optional<std::uint64_t> DescrambleMap::statedBlocks() const {
    if (!map_.arrays) return std::nullopt;
    if (*map_.arrays % arraysPerBlock_ != 0) {
        fail(std::to_string(*map_.arrays) + " arrays; expected a multiple of " +
             std::to_string(arraysPerBlock_) + ", the arrays of a block");
    }
    return *map_.arrays / arraysPerBlock_;
}

SramGeometry DescrambleMap::geometry(std::uint64_t blocks) const {
    const std::uint64_t arrays = blocks * arraysPerBlock_;
    if (blocks == 0 || arrays > 0xFFFFFFFF) fail("no arrays, or more than 2^32");
    if (map_.arrays && *map_.arrays != arrays) {
        fail(std::to_string(*map_.arrays) + " arrays expected, but the dump has " +
             std::to_string(arrays));
    }
    if (!map_.arrayOrder.empty() && map_.arrayOrder.size() != arrays) {
        fail("array_order has " + std::to_string(map_.arrayOrder.size()) +
             " entries; the dump has " + std::to_string(arrays) + " arrays");
    }
    const SramGeometry geometry{static_cast<std::uint32_t>(arrays), rows_, columns_, mux_};
    try {
        geometry.validate();
    } catch (const Error& error) {
        fail(error.what());
    }
    return geometry;
}

std::optional<MappedCell> DescrambleMap::place(const DumpBit& bit) const {
    const bool scrambled =
        !map_.rowBits.empty() || !map_.selectBits.empty() || !map_.arrayBits.empty();
    std::uint32_t row = 0, select = 0, array = 0;
    if (scrambled) {
        row = evaluate(map_.rowBits, bit.address);
        select = evaluate(map_.selectBits, bit.address);
        array = evaluate(map_.arrayBits, bit.address);
    } else {
        row = bit.address / mux_;
        select = bit.address % mux_;
    }
    if (!map_.spareRows.empty()) {
        const auto spare = std::lower_bound(map_.spareRows.begin(), map_.spareRows.end(), row);
        if (spare != map_.spareRows.end() && *spare == row) return std::nullopt;
        row -= static_cast<std::uint32_t>(spare - map_.spareRows.begin());
    }
    const std::uint32_t column = columnOf(bit.bit, select);
    if (!map_.rowOrder.empty()) row = map_.rowOrder[row];
    array += bit.block * arraysPerBlock_;
    if (array < map_.arrayOrder.size()) array = map_.arrayOrder[array];
    return MappedCell{{array, row, column}, complement(row, column)};
}

DumpBit DescrambleMap::bitAt(std::uint32_t block, std::uint32_t row, std::uint32_t column) const {
    return {block, row * mux_ + column % mux_, column / mux_};
}

}  // namespace brownout
