#include "inference/data/readers/pickle.h"

#include <map>
#include <optional>

#include "base/error.h"

namespace brownout {

using Kind = PickleValue::Kind;

namespace {

/// Values that a batch may hold: 10,000 labels and names take some 20,000.
constexpr std::size_t kMostValues = 4'000'000;

}  // namespace

/// The machine that a pickle is a program of: a stack, marks in it, and a memo of values.
class Pickle::Reader {
 public:
    Reader(Pickle& pickle, Span<const std::uint8_t> content) : pickle_(pickle), content_(content) {}

    const PickleValue* run() {
        for (;;) {
            const auto code = static_cast<char>(take(1)[0]);
            if (code == '.') return pop();
            step(code);
        }
    }

 private:
    [[noreturn]] void fail(const std::string& problem) const {
        throw Error(pickle_.place_ + ": byte " + std::to_string(at_),
                    problem + "; expected a batch of images that Python pickled");
    }

    std::string_view take(std::size_t count) {
        if (count > content_.size() - at_) fail("the file ends within the pickle");
        const auto* bytes = reinterpret_cast<const char*>(content_.data()) + at_;
        at_ += count;
        return {bytes, count};
    }

    std::uint64_t number(std::size_t bytes) {
        std::uint64_t value = 0;
        const std::string_view from = take(bytes);
        for (std::size_t i = bytes; i-- > 0;) {
            value = value << 8 | static_cast<unsigned char>(from[i]);
        }
        return value;
    }

    std::string_view line() {
        const std::size_t begin = at_;
        while (take(1)[0] != '\n') {
        }
        return {reinterpret_cast<const char*>(content_.data()) + begin, at_ - 1 - begin};
    }

    PickleValue& make(Kind kind) {
        if (pickle_.values_.size() == kMostValues) fail("too many values");
        pickle_.values_.emplace_back();
        pickle_.values_.back().kind = kind;
        return pickle_.values_.back();
    }
    PickleValue& push(Kind kind) {
        PickleValue& value = make(kind);
        stack_.push_back(&value);
        return value;
    }
    void pushInteger(std::int64_t integer, Kind kind = Kind::kInteger) {
        push(kind).integer = integer;
    }
    void pushBytes(std::string_view bytes) { push(Kind::kBytes).bytes = bytes; }

    PickleValue* pop() {
        if (stack_.size() <= floor()) fail("a stack without a value");
        PickleValue* value = stack_.back();
        stack_.pop_back();
        return value;
    }
    std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

    /// Takes the values above the last mark.
    std::vector<const PickleValue*> popToMark() {
        if (marks_.empty()) fail("a stack without a mark");
        const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
        std::vector<const PickleValue*> items(begin, stack_.end());
        stack_.erase(begin, stack_.end());
        marks_.pop_back();
        return items;
    }
    void pushTuple(std::size_t count) {
        std::vector<const PickleValue*> items(count);
        while (count-- > 0) items[count] = pop();
        push(Kind::kTuple).items = std::move(items);
    }
    void extend(Kind kind, const std::vector<const PickleValue*>& items) {
        PickleValue* container = pop();
        if (container->kind != kind) fail("items for a value that takes none");
        if (kind == Kind::kDictionary && items.size() % 2 != 0) fail("a key without a value");
        added_ += items.size();
        if (added_ > kMostValues) fail("too many values");
        container->items.insert(container->items.end(), items.begin(), items.end());
        stack_.push_back(container);
    }

    void memoize(std::uint64_t key) {
        if (stack_.size() <= floor()) fail("a stack without a value");
        memo_[key] = stack_.back();
    }
    void recall(std::uint64_t key) {
        const auto found = memo_.find(key);
        if (found == memo_.end()) fail("a value that isn't there");
        if (stack_.size() == kMostValues) fail("too many values");
        stack_.push_back(found->second);
    }

    void pushName(std::string_view module, std::string_view name) {
        pickle_.texts_.push_back(std::string(module) + " " + std::string(name));
        push(Kind::kName).bytes = pickle_.texts_.back();
    }

    /// Returns the bytes of a text whose characters are below U+0100, which is how Python 3 writes
    /// bytes in protocol 2; nothing if it has others.
    std::optional<std::string> latinBytes(std::string_view text) const {
        std::string bytes;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto first = static_cast<unsigned char>(text[i]);
            if (first < 0x80) {
                bytes += text[i];
                continue;
            }
            if ((first != 0xC2 && first != 0xC3) || ++i == text.size()) return std::nullopt;
            bytes += static_cast<char>((first & 3U) << 6 | (static_cast<unsigned>(text[i]) & 63U));
        }
        return bytes;
    }

    /// Writes down a call that a pickle asks for.
    void call() {
        const PickleValue* arguments = pop();
        const PickleValue* function = pop();
        if (function->kind == Kind::kName && function->bytes == "_codecs encode" &&
            arguments->kind == Kind::kTuple && arguments->items.size() == 2 &&
            arguments->items[0]->kind == Kind::kBytes) {
            auto bytes = latinBytes(arguments->items[0]->bytes);
            if (!bytes) fail("bytes that are none");
            pickle_.texts_.push_back(std::move(*bytes));
            pushBytes(pickle_.texts_.back());
            return;
        }
        push(Kind::kObject).items = {function, arguments};
    }

    void step(char code) {
        switch (code) {
            case '\x80':
                if (take(1)[0] > 5) fail("a pickle of a later protocol");
                return;
            case '\x95':
                take(8);
                return;
            case '(':
                marks_.push_back(stack_.size());
                return;
            case '}':
                push(Kind::kDictionary);
                return;
            case ']':
                push(Kind::kList);
                return;
            case ')':
                push(Kind::kTuple);
                return;
            case 'N':
                push(Kind::kNone);
                return;
            case '\x88':
            case '\x89':
                return pushInteger(code == '\x88' ? 1 : 0, Kind::kBool);
            case 'K':
                return pushInteger(static_cast<std::int64_t>(number(1)));
            case 'M':
                return pushInteger(static_cast<std::int64_t>(number(2)));
            case 'J':
                return pushInteger(static_cast<std::int32_t>(number(4)));
            case '\x8a':
                return pushLong();
            case 'U':
            case 'C':
            case '\x8c':
                return pushBytes(take(number(1)));
            case 'T':
            case 'B':
            case 'X':
                return pushBytes(take(number(4)));
            case '\x8d':
            case '\x8e':
                return pushBytes(take(number(8)));
            default:
                return stepOfContainer(code);
        }
    }

    void stepOfContainer(char code) {
        switch (code) {
            case '\x85':
            case '\x86':
            case '\x87':
                return pushTuple(static_cast<std::size_t>(static_cast<unsigned char>(code) - 0x84));
            case 't':
                push(Kind::kTuple).items = popToMark();
                return;
            case 'a':
                return extend(Kind::kList, {pop()});
            case 'e':
                return extend(Kind::kList, popToMark());
            case 's': {
                const PickleValue* value = pop();
                const PickleValue* key = pop();
                return extend(Kind::kDictionary, {key, value});
            }
            case 'u':
                return extend(Kind::kDictionary, popToMark());
            case 'q':
                return memoize(number(1));
            case 'r':
                return memoize(number(4));
            case '\x94':
                return memoize(memo_.size());
            case 'h':
                return recall(number(1));
            case 'j':
                return recall(number(4));
            case 'c': {
                const std::string_view module = line();
                return pushName(module, line());
            }
            case '\x93': {
                const PickleValue* name = pop();
                return pushName(pop()->bytes, name->bytes);
            }
            case 'R':
                return call();
            case 'b': {
                const PickleValue* state = pop();
                PickleValue* object = pop();
                if (object->kind != Kind::kObject) fail("a state of no object");
                object->items.push_back(state);
                stack_.push_back(object);
                return;
            }
            default:
                fail("the operation " + std::to_string(static_cast<unsigned char>(code)));
        }
    }

    void pushLong() {
        const std::uint64_t count = number(1);
        if (count > 8) fail("an integer of " + std::to_string(count) + " bytes");
        std::uint64_t value = count == 0 ? 0 : number(count);
        if (count > 0 && count < 8 && (value >> (8 * count - 1) & 1) != 0) {
            value |= ~std::uint64_t{0} << (8 * count);
        }
        pushInteger(static_cast<std::int64_t>(value));
    }

    Pickle& pickle_;
    Span<const std::uint8_t> content_;
    std::size_t at_ = 0;
    std::size_t added_ = 0;
    std::vector<PickleValue*> stack_;
    std::vector<std::size_t> marks_;
    std::map<std::uint64_t, PickleValue*> memo_;
};

Pickle::Pickle(std::string place, Span<const std::uint8_t> content) : place_(std::move(place)) {
    root_ = Reader(*this, content).run();
}

const PickleValue* Pickle::find(const PickleValue& dictionary, std::string_view key) {
    if (dictionary.kind != Kind::kDictionary) return nullptr;
    for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
        const PickleValue& name = *dictionary.items[i];
        if (name.kind == Kind::kBytes && name.bytes == key) return dictionary.items[i + 1];
    }
    return nullptr;
}

PickledArray Pickle::array(const PickleValue& value, const std::string& what) const {
    const auto require = [&](bool good) {
        if (!good) throw Error(place_, what + " is no array that NumPy pickled");
    };
    const auto named = [](const PickleValue& object, std::string_view ending) {
        const std::string_view name = object.items[0]->bytes;
        return object.items[0]->kind == Kind::kName && name.substr(0, 5) == "numpy" &&
               name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending;
    };
    // _reconstruct(ndarray, (0,), 'b'), state (version, shape, dtype, is Fortran, bytes).
    require(value.kind == Kind::kObject && value.items.size() == 3);
    require(named(value, " _reconstruct"));
    const PickleValue& state = *value.items[2];
    require(state.kind == Kind::kTuple && state.items.size() == 5);
    require(state.items[1]->kind == Kind::kTuple && state.items[4]->kind == Kind::kBytes);
    PickledArray array;
    for (const PickleValue* size : state.items[1]->items) {
        require(size->kind == Kind::kInteger && size->integer >= 0);
        array.sizes.push_back(static_cast<std::uint64_t>(size->integer));
    }
    // dtype('u1', 0, 1), perhaps with a state: of no matter for bytes.
    const PickleValue& type = *state.items[2];
    require(type.kind == Kind::kObject && type.items.size() >= 2 && named(type, " dtype"));
    require(type.items[1]->kind == Kind::kTuple && !type.items[1]->items.empty());
    array.type = type.items[1]->items[0]->bytes;
    array.fortranOrder = state.items[3]->integer != 0;
    array.bytes = state.items[4]->bytes;
    return array;
}

}  // namespace brownout
