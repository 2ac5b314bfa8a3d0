#pragma once

namespace brownout::test {

/// True under the sanitizers, where programs are two to ten times slower and are looked through for
/// faults of memory and undefined behaviour. Tests whose repetitions tell about results, which
/// other builds check, then make fewer of them, or use fewer images.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

}  // namespace brownout::test
