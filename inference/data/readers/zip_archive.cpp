#include "inference/data/readers/zip_archive.h"

#include <zip.h>

#include "base/error.h"

namespace brownout {
namespace {

/// Members that an archive may have: far more than any data set, and a bound of memory.
constexpr zip_int64_t kMostMembers = 10'000;

class ZipMember : public Input {
 public:
    ZipMember(std::string name, zip_file_t* file) : Input(std::move(name)), file_(file) {}
    ~ZipMember() override { zip_fclose(file_); }

 private:
    std::size_t readSome(char* to, std::size_t most) override {
        const zip_int64_t got = zip_fread(file_, to, most);
        if (got < 0) {
            throw error(std::string("is truncated or corrupted (") + zip_file_strerror(file_) +
                        ")");
        }
        return static_cast<std::size_t>(got);
    }

    zip_file_t* file_;
};

Error notAnArchive(const std::string& place, zip_error_t& problem) {
    const std::string text = zip_error_strerror(&problem);
    zip_error_fini(&problem);
    return Error(place, "is not a readable zip archive: truncated or corrupted (" + text + ")");
}

}  // namespace

ZipArchive::ZipArchive(const std::filesystem::path& path) : place_(path.string()) {
    int code = 0;
    archive_ = zip_open(path.c_str(), ZIP_RDONLY, &code);
    if (archive_ == nullptr) {
        zip_error_t problem;
        zip_error_init_with_code(&problem, code);
        throw notAnArchive(place_, problem);
    }
}

ZipArchive::ZipArchive(std::string place, Span<const std::uint8_t> content)
    : place_(std::move(place)) {
    zip_error_t problem;
    zip_error_init(&problem);
    zip_source_t* source = zip_source_buffer_create(content.data(), content.size(), 0, &problem);
    if (source == nullptr) throw notAnArchive(place_, problem);
    archive_ = zip_open_from_source(source, ZIP_RDONLY, &problem);
    if (archive_ == nullptr) {
        zip_source_free(source);
        throw notAnArchive(place_, problem);
    }
    zip_error_fini(&problem);
}

ZipArchive::~ZipArchive() { zip_discard(archive_); }

std::vector<std::string> ZipArchive::names() const {
    const zip_int64_t count = zip_get_num_entries(archive_, 0);
    if (count > kMostMembers) {
        throw Error(place_, "has " + std::to_string(count) + " members, expected arrays");
    }
    std::vector<std::string> names;
    for (zip_int64_t i = 0; i < count; ++i) {
        const char* name = zip_get_name(archive_, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
        if (name != nullptr) names.emplace_back(name);
    }
    return names;
}

std::unique_ptr<Input> ZipArchive::open(const std::string& name) const {
    zip_file_t* file = zip_fopen(archive_, name.c_str(), ZIP_FL_ENC_RAW);
    if (file == nullptr) {
        throw Error(place_ + ":" + name,
                    std::string("cannot be unpacked (") + zip_strerror(archive_) + ")");
    }
    return std::make_unique<ZipMember>(place_ + ":" + name, file);
}

}  // namespace brownout
