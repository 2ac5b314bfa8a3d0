#pragma once

#include <cstddef>
#include <type_traits>

namespace brownout {

/// A view of `size()` consecutive elements that another object owns: std::span, which C++17 doesn't
/// have.
template <typename T>
class Span {
 public:
    Span() = default;
    Span(T* data, std::size_t size) : data_(data), size_(size) {}

    /// Views a vector, an array or another span.
    template <typename Container, typename = std::enable_if_t<std::is_convertible_v<
                                      decltype(std::declval<Container&>().data()), T*>>>
    Span(Container& container)  // NOLINT(google-explicit-constructor)
        : data_(container.data()), size_(container.size()) {}
    template <typename Container,
              typename = std::enable_if_t<
                  std::is_convertible_v<decltype(std::declval<const Container&>().data()), T*>>,
              typename = void>
    Span(const Container& container)  // NOLINT(google-explicit-constructor)
        : data_(container.data()), size_(container.size()) {}

    T* data() const { return data_; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* begin() const { return data_; }
    T* end() const { return data_ + size_; }
    T& operator[](std::size_t i) const { return data_[i]; }
    T& front() const { return data_[0]; }
    T& back() const { return data_[size_ - 1]; }
    Span first(std::size_t count) const { return Span(data_, count); }
    Span subspan(std::size_t offset, std::size_t count) const {
        return Span(data_ + offset, count);
    }

 private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace brownout
