#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/span.h"

namespace brownout {

/// A value of a pickle. Those inside it belong to the Pickle.
struct PickleValue {
    enum class Kind {
        kNone,
        kBool,
        kInteger,
        kBytes,  ///< bytes and text alike
        kTuple,
        kList,
        kDictionary,
        kName,   ///< "MODULE NAME", of a function or class that is never called
        kObject  ///< something made by a name: `items` are the name, its arguments, its state
    };
    Kind kind = Kind::kNone;
    std::int64_t integer = 0;
    std::string_view bytes;
    std::vector<const PickleValue*> items;  ///< of a dictionary key, value, key, value
};

/// An array of numbers that NumPy pickled.
struct PickledArray {
    std::vector<std::uint64_t> sizes;
    std::string_view type;  ///< "u1"
    std::string_view bytes;
    bool fortranOrder = false;
};

/// Plain values and NumPy arrays that Python's pickle module wrote, protocols 2 to 5.
///
/// A pickle is a program that makes objects by calling functions. Here nothing is called: a call
/// gives an object that says what would have been called, and only arrays of NumPy and Python 2
/// strings are understood.
class Pickle {
 public:
    /// Reads a pickle, which must outlive this. Throws Error naming `place` and the byte.
    Pickle(std::string place, Span<const std::uint8_t> content);
    Pickle(const Pickle&) = delete;
    Pickle& operator=(const Pickle&) = delete;

    const PickleValue& root() const { return *root_; }
    /// Returns the value of a dictionary's key, or null.
    static const PickleValue* find(const PickleValue& dictionary, std::string_view key);
    /// Returns the array that a value is. Throws Error naming `what`.
    PickledArray array(const PickleValue& value, const std::string& what) const;

 private:
    class Reader;

    std::string place_;
    std::deque<PickleValue> values_;
    std::deque<std::string> texts_;  ///< bytes that are not in the content as they are
    const PickleValue* root_ = nullptr;
};

}  // namespace brownout
