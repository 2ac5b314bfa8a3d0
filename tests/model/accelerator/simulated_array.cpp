#include "tests/model/accelerator/simulated_array.h"

#include <functional>
#include <set>
#include <vector>

namespace brownout::test {
namespace {

/// A value on its way through the array.
struct Moving {
    bool valid = false;
    std::int64_t value = 0;
};

using Grid = std::vector<std::vector<Moving>>;

/// One group of a product on numbers: its operands as matrices, and its convolution written out.
class Numbers {
 public:
    Numbers(const ProductShape& p, std::mt19937& random) : p_(p) {
        inputs_.resize(p.images * p.channels * p.in[0] * p.in[1] * p.in[2]);
        weights_.resize(p.depth() * p.filters);
        for (std::int64_t& value : inputs_) value = static_cast<std::int64_t>(random() % 15) - 7;
        for (std::int64_t& value : weights_) value = static_cast<std::int64_t>(random() % 15) - 7;
        sums_.assign(p.positions() * p.filters, 0);
        written_.assign(sums_.size(), 0);
    }

    /// Returns input (m, k) of the product: a channel's elements follow each other.
    std::int64_t input(std::uint64_t m, std::uint64_t k) {
        ++use.inputReads;
        const auto at = addressOf(m, k);
        if (at < 0) return 0;
        touched_.insert(at);
        return inputs_[static_cast<std::size_t>(at)];
    }
    std::int64_t weight(std::uint64_t k, std::uint64_t n) {
        ++use.weightReads;
        return weights_[n * p_.depth() + k];
    }
    void add(std::uint64_t m, std::uint64_t n, std::int64_t value) {
        const std::size_t at = n * p_.positions() + m;
        if (written_[at]++ > 0) ++use.sumReads;
        ++use.sumWrites;
        sums_[at] += value;
    }

    SimulatedUse finish() {
        use.touchedInputs = touched_.size();
        use.resultsAreRight = sums_ == convolved();
        return use;
    }

    SimulatedUse use;

 private:
    /// Returns the address of an input, -1 in the padding.
    std::int64_t addressOf(std::uint64_t m, std::uint64_t k) const {
        std::uint64_t o[3], tap[3];
        for (std::size_t axis = 3; axis-- > 0;) {
            o[axis] = m % p_.out[axis];
            m /= p_.out[axis];
            tap[axis] = k % p_.kernel[axis];
            k /= p_.kernel[axis];
        }
        std::int64_t address = static_cast<std::int64_t>(m * p_.channels + k);
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::int64_t at = static_cast<std::int64_t>(o[axis] * p_.stride[axis] +
                                                              tap[axis] * p_.dilation[axis]) -
                                    static_cast<std::int64_t>(p_.padding[axis]);
            const auto in = static_cast<std::int64_t>(p_.in[axis]);
            if (at < 0 || at >= in) return -1;
            address = address * in + at;
        }
        return address;
    }

    /// The convolution by its definition, output by output.
    std::vector<std::int64_t> convolved() const {
        std::vector<std::int64_t> out;
        for (std::uint64_t n = 0; n < p_.filters; ++n) {
            for (std::uint64_t m = 0; m < p_.positions(); ++m) {
                std::int64_t sum = 0;
                for (std::uint64_t k = 0; k < p_.depth(); ++k) {
                    const std::int64_t at = addressOf(m, k);
                    if (at >= 0) {
                        sum += inputs_[static_cast<std::size_t>(at)] * weights_[n * p_.depth() + k];
                    }
                }
                out.push_back(sum);
            }
        }
        return out;
    }

    const ProductShape& p_;
    std::vector<std::int64_t> inputs_, weights_, sums_;
    std::vector<int> written_;
    std::set<std::int64_t> touched_;
};

bool anyValid(const Grid& grid) {
    for (const auto& row : grid) {
        for (const Moving& one : row) {
            if (one.valid) return true;
        }
    }
    return false;
}

/// A fold whose stationary operand lies in the elements: it is shifted in from above, a row a
/// cycle; then the other operand enters from the left, one row a cycle later than the row above,
/// and sums move down. `enter(row, i)` gives the i-th of `count` values of a row, `leave(column, i,
/// sum)` takes a sum from below the array.
void runStationary(const ComputeArray& array, std::uint64_t count, std::uint64_t usedRows,
                   std::uint64_t usedColumns,
                   const std::function<std::int64_t(std::uint64_t, std::uint64_t)>& resident,
                   const std::function<std::int64_t(std::uint64_t, std::uint64_t)>& enter,
                   const std::function<void(std::uint64_t, std::uint64_t, std::int64_t)>& leave,
                   SimulatedUse& use) {
    const std::size_t rows = array.rows, columns = array.columns;
    std::vector<std::vector<std::int64_t>> held(rows, std::vector<std::int64_t>(columns, 0));
    for (std::size_t cycle = 0; cycle < rows; ++cycle, ++use.cycles) {
        for (std::size_t r = rows - 1; r > 0; --r) held[r] = held[r - 1];
        // The last row goes in first, down to where it belongs.
        const std::size_t row = rows - 1 - cycle;
        for (std::size_t c = 0; c < columns; ++c) {
            held[0][c] = row < usedRows && c < usedColumns ? resident(row, c) : 0;
        }
    }
    Grid passing(rows, std::vector<Moving>(columns)), sums = passing;
    std::vector<std::uint64_t> left(columns, 0);
    for (std::uint64_t cycle = 0; cycle < rows || anyValid(passing) || cycle < count;
         ++cycle, ++use.cycles) {
        for (std::size_t r = rows; r-- > 0;) {
            for (std::size_t c = columns; c-- > 0;) {
                Moving& here = passing[r][c];
                if (c > 0) {
                    here = passing[r][c - 1];
                } else {
                    here.valid = cycle >= r && cycle - r < count;
                    here.value = here.valid && r < usedRows ? enter(r, cycle - r) : 0;
                }
                if (here.valid && r < usedRows && c < usedColumns) ++use.macs;
                sums[r][c] = {here.valid,
                              (r > 0 ? sums[r - 1][c].value : 0) + held[r][c] * here.value};
            }
        }
        bool gone = true;
        for (std::size_t c = 0; c < columns; ++c) {
            if (!sums[rows - 1][c].valid) continue;
            if (c < usedColumns) leave(c, left[c], sums[rows - 1][c].value);
            ++left[c];
        }
        for (const std::uint64_t number : left) gone = gone && number == count;
        if (gone) {
            ++use.cycles;
            return;
        }
    }
}

/// A fold whose sums lie in the elements: one operand enters from the left, the other from above.
void runSums(const ComputeArray& array, std::uint64_t depth, std::uint64_t usedRows,
             std::uint64_t usedColumns,
             const std::function<std::int64_t(std::uint64_t, std::uint64_t)>& fromLeft,
             const std::function<std::int64_t(std::uint64_t, std::uint64_t)>& fromAbove,
             const std::function<void(std::uint64_t, std::uint64_t, std::int64_t)>& done,
             SimulatedUse& use) {
    const std::size_t rows = array.rows, columns = array.columns;
    Grid left(rows, std::vector<Moving>(columns)), above = left, sums = left;
    std::vector<std::vector<std::uint64_t>> added(rows, std::vector<std::uint64_t>(columns, 0));
    std::uint64_t finished = 0;
    for (std::uint64_t cycle = 0; finished < rows * columns; ++cycle, ++use.cycles) {
        for (std::size_t r = rows; r-- > 0;) {
            for (std::size_t c = columns; c-- > 0;) {
                Moving& a = left[r][c];
                Moving& b = above[r][c];
                if (c > 0) {
                    a = left[r][c - 1];
                } else {
                    a.valid = cycle >= r && cycle - r < depth;
                    a.value = a.valid && r < usedRows ? fromLeft(r, cycle - r) : 0;
                }
                if (r > 0) {
                    b = above[r - 1][c];
                } else {
                    b.valid = cycle >= c && cycle - c < depth;
                    b.value = b.valid && c < usedColumns ? fromAbove(c, cycle - c) : 0;
                }
                if (!a.valid || !b.valid) continue;
                sums[r][c].value += a.value * b.value;
                const bool used = r < usedRows && c < usedColumns;
                if (used) ++use.macs;
                if (++added[r][c] < depth) continue;
                ++finished;
                if (used) done(r, c, sums[r][c].value);
            }
        }
    }
}

}  // namespace

SimulatedUse simulate(const ComputeArray& array, const ProductShape& product,
                      std::mt19937& random) {
    SimulatedUse all;
    all.resultsAreRight = true;
    const std::uint64_t m = product.positions(), k = product.depth(), n = product.filters;
    for (std::uint64_t group = 0; group < product.groups; ++group) {
        Numbers numbers(product, random);
        const bool sums = array.dataflow == Dataflow::kOutputStationary;
        const bool inputs = array.dataflow == Dataflow::kInputStationary;
        const std::uint64_t overRows = sums ? m : k;
        const std::uint64_t overColumns = inputs ? m : n;
        for (std::uint64_t r0 = 0; r0 < overRows; r0 += array.rows) {
            for (std::uint64_t c0 = 0; c0 < overColumns; c0 += array.columns) {
                const std::uint64_t rows = std::min<std::uint64_t>(array.rows, overRows - r0);
                const std::uint64_t columns =
                    std::min<std::uint64_t>(array.columns, overColumns - c0);
                if (sums) {
                    runSums(
                        array, k, rows, columns,
                        [&](auto r, auto i) { return numbers.input(r0 + r, i); },
                        [&](auto c, auto i) { return numbers.weight(i, c0 + c); },
                        [&](auto r, auto c, auto sum) { numbers.add(r0 + r, c0 + c, sum); },
                        numbers.use);
                } else if (inputs) {
                    runStationary(
                        array, n, rows, columns,
                        [&](auto r, auto c) { return numbers.input(c0 + c, r0 + r); },
                        [&](auto r, auto i) { return numbers.weight(r0 + r, i); },
                        [&](auto c, auto i, auto sum) { numbers.add(c0 + c, i, sum); },
                        numbers.use);
                } else {
                    runStationary(
                        array, m, rows, columns,
                        [&](auto r, auto c) { return numbers.weight(r0 + r, c0 + c); },
                        [&](auto r, auto i) { return numbers.input(i, r0 + r); },
                        [&](auto c, auto i, auto sum) { numbers.add(i, c0 + c, sum); },
                        numbers.use);
                }
            }
        }
        const SimulatedUse use = numbers.finish();
        all.cycles += use.cycles;
        all.macs += use.macs;
        all.inputReads += use.inputReads;
        all.weightReads += use.weightReads;
        all.sumReads += use.sumReads;
        all.sumWrites += use.sumWrites;
        all.touchedInputs = use.touchedInputs;
        all.resultsAreRight = all.resultsAreRight && use.resultsAreRight;
    }
    return all;
}

}  // namespace brownout::test
