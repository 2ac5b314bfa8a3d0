#include "tools/brownout/output.h"

#include <iostream>
#include <streambuf>

#include "base/text.h"

namespace brownout {
namespace {

// The streams' own buffers, whatever filter stands before them.
std::ostream& unfiltered(std::ostream& stream) {
    static std::ostream output(std::cout.rdbuf());
    static std::ostream errors(std::cerr.rdbuf());
    return &stream == &std::cout ? output : errors;
}

}  // namespace

/// Passes on what is printable. Keeps nothing but a character that has not fully arrived, so that
/// text through `terminalOutput` comes in its turn.
class CleanOutput::Filter : public std::streambuf {
 public:
    explicit Filter(std::ostream& stream) : stream_(stream), target_(stream.rdbuf(this)) {}
    ~Filter() override {
        pass(text_.finish());
        stream_.rdbuf(target_);
    }

 protected:
    std::streamsize xsputn(const char* data, std::streamsize size) override {
        return pass(text_.add({data, static_cast<std::size_t>(size)})) ? size : 0;
    }
    int overflow(int character) override {
        if (traits_type::eq_int_type(character, traits_type::eof())) return 0;
        const char byte = traits_type::to_char_type(character);
        return pass(text_.add({&byte, 1})) ? character : traits_type::eof();
    }
    int sync() override { return target_->pubsync(); }

 private:
    bool pass(const std::string& shown) {
        const auto size = static_cast<std::streamsize>(shown.size());
        return target_->sputn(shown.data(), size) == size;
    }

    std::ostream& stream_;
    std::streambuf* target_;
    PrintableText text_;
};

CleanOutput::CleanOutput() {
    unfiltered(std::cout);  // takes the buffers before the filters stand before them
    out_ = std::make_unique<Filter>(std::cout);
    err_ = std::make_unique<Filter>(std::cerr);
}

CleanOutput::~CleanOutput() = default;

std::ostream& terminalOutput() { return unfiltered(std::cout); }
std::ostream& terminalErrors() { return unfiltered(std::cerr); }

}  // namespace brownout
