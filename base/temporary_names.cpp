// A signal handler may interrupt any thread at any line, so the names stand in fixed slots of plain
// characters, and one atomic number says whether a slot's characters can be read. Nothing here that
// the handler runs allocates, locks or throws. Names beyond the slots are not known to it: their
// files stay behind if a signal ends the program.

#include "base/temporary_names.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/text.h"

namespace brownout {
namespace {

enum : int { kFree, kChanging, kInUse };

struct Slot {
    std::atomic<int> state{kFree};
    pid_t owner = 0;  ///< A child process of a fork must not remove its parent's files.
    char name[PATH_MAX] = "";
    char target[PATH_MAX] = "";
};

std::array<Slot, 32> slots;
std::atomic<bool> ending{false};

// Both run in signal handlers of any thread.
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void copyTo(char (&destination)[PATH_MAX], const std::string& text) {
    std::memcpy(destination, text.c_str(), text.size() + 1);
}

/// An entry of a folder in the kernel's form (getdents64); the C library's readdir allocates.
struct Entry {
    std::uint64_t inode;
    std::int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[1];
};

void removeFolder(int parent, const char* name, int depth) noexcept {
    constexpr int kDeepest = 16;
    const int folder = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return;
    alignas(Entry) char buffer[4096];
    for (;;) {
        const long got = ::syscall(SYS_getdents64, folder, buffer, sizeof buffer);
        if (got <= 0) break;
        for (long at = 0; at < got;) {
            const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
            const char* child = reinterpret_cast<const char*>(entry) + offsetof(Entry, name);
            at += entry->length;
            if (std::strcmp(child, ".") == 0 || std::strcmp(child, "..") == 0) continue;
            if (::unlinkat(folder, child, 0) != 0 && depth < kDeepest) {
                removeFolder(folder, child, depth + 1);
            }
        }
    }
    ::close(folder);
    ::unlinkat(parent, name, AT_REMOVEDIR);
}

}  // namespace

TemporaryName::TemporaryName(const std::filesystem::path& name,
                             const std::filesystem::path& target) {
    const std::string shown = printable(target.string());
    for (slot_ = 0; slot_ < slots.size(); ++slot_) {
        Slot& slot = slots[slot_];
        int expected = kFree;
        if (name.string().size() >= PATH_MAX || shown.size() >= PATH_MAX ||
            !slot.state.compare_exchange_strong(expected, kChanging)) {
            continue;
        }
        slot.owner = ::getpid();
        copyTo(slot.name, name.string());
        copyTo(slot.target, shown);
        slot.state = kInUse;
        break;
    }
    while (ending) ::pause();
}

TemporaryName::~TemporaryName() {
    if (slot_ < slots.size()) slots[slot_].state = kFree;
}

const char* removeTemporaries() noexcept {
    const int before = errno;
    ending = true;
    const char* target = nullptr;
    for (Slot& slot : slots) {
        if (slot.state != kInUse || slot.owner != ::getpid()) continue;
        if (::unlink(slot.name) == 0) {
            if (slot.target[0] != '\0') target = slot.target;
        } else if (errno == EISDIR || errno == EPERM) {
            removeFolder(AT_FDCWD, slot.name, 0);
        }
    }
    errno = before;
    return target;
}

}  // namespace brownout
