// Lists of pictures: CSV files of file and label, and folders of class folders.

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"
#include "base/fields.h"
#include "inference/data/readers/dataset_readers.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestListLine = 1 << 14;

std::string lowered(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// Columns of a list.
struct Columns {
    std::size_t file = 0;
    std::size_t label = 1;
    std::size_t count = 2;
};

std::size_t columnOf(const std::vector<std::string>& header, const std::vector<std::string>& names,
                     std::size_t usual) {
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (std::find(names.begin(), names.end(), lowered(header[i])) != names.end()) return i;
    }
    return usual;
}

/// Returns the columns that the first line names, if it is a header: no field of it is a number.
std::optional<Columns> headerOf(const std::vector<std::string>& fields) {
    const auto isNumber = [](const std::string& field) { return parseReal(field).has_value(); };
    if (std::any_of(fields.begin(), fields.end(), isNumber)) return std::nullopt;
    const std::size_t file =
        columnOf(fields, {"file", "filename", "file_name", "image", "path", "filepath"}, 0);
    return Columns{
        file,
        columnOf(fields, {"label", "class", "target", "label_idx", "class_id"}, file == 1 ? 0 : 1),
        fields.size()};
}

std::int32_t labelFrom(const std::string& text, const LineReader& lines) {
    const auto label = parseUnsigned(text);
    if (!label || *label > 0x7FFFFFFF || text.find('x') != std::string::npos) {
        throw lines.error("the label is " + quoted(text) + "; expected a whole number from 0 on");
    }
    return static_cast<std::int32_t>(*label);
}

bool hasEnding(const fs::path& path, const std::vector<const char*>& endings) {
    const std::string ending = lowered(path.extension().string());
    return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

std::vector<fs::path> entriesOf(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code problem;
    for (fs::directory_iterator at(folder, problem), end; !problem && at != end;
         at.increment(problem)) {
        entries.push_back(at->path());
    }
    if (problem) throw Error(folder.string(), "cannot be read: " + problem.message());
    std::sort(entries.begin(), entries.end(),
              [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
    return entries;
}

bool isFolder(const fs::path& path) {
    std::error_code problem;
    return fs::is_directory(path, problem);
}

/// A folder and those below it, as torchvision sorts them: by their whole paths.
std::vector<fs::path> foldersFrom(const fs::path& folder) {
    constexpr std::size_t kMostFolders = 100'000;
    std::vector<fs::path> folders = {folder};
    std::error_code problem;
    for (fs::recursive_directory_iterator at(folder, problem), end; !problem && at != end;
         at.increment(problem)) {
        if (isFolder(at->path())) folders.push_back(at->path());
        if (folders.size() > kMostFolders) throw Error(folder.string(), "has too many folders");
    }
    if (problem) throw Error(folder.string(), "cannot be read: " + problem.message());
    std::sort(folders.begin(), folders.end(),
              [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
    return folders;
}

/// Adds the pictures of a class in torchvision's order.
void addPictures(const fs::path& folder, std::int32_t label,
                 std::vector<LabelledPicture>& pictures) {
    for (const fs::path& below : foldersFrom(folder)) {
        for (const fs::path& path : entriesOf(below)) {
            if (isFolder(path)) continue;
            if (hasEnding(path, {".jpg", ".jpeg", ".png"})) {
                pictures.push_back({path, label, path.string()});
            } else if (hasEnding(path,
                                 {".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif"})) {
                throw Error(path.string(), "is a picture that isn't read; expected PNG or JPEG");
            }
        }
    }
}

}  // namespace

std::vector<LabelledPicture> readPictureList(Input& input, const fs::path& folder,
                                             std::size_t most) {
    LineReader lines(input, kLongestListLine);
    std::vector<LabelledPicture> pictures;
    Columns columns;
    std::vector<std::string> fields;
    bool first = true;
    for (std::string line; pictures.size() < most && lines.next(line);) {
        if (trimmed(line).empty()) continue;
        if (!splitFields(line, ',', fields)) throw lines.error("a quote that isn't closed");
        const bool mayBeHeader = first && fields.size() > 1;
        first = false;
        if (mayBeHeader) {
            if (const auto header = headerOf(fields)) {
                columns = *header;
                continue;
            }
        }
        if (fields.size() != columns.count) {
            throw lines.error("has " + std::to_string(fields.size()) + " fields; expected " +
                              (columns.count == 2 ? "file,label" : std::to_string(columns.count)));
        }
        const std::string& name = fields[columns.file];
        if (name.empty()) throw lines.error("names no file");
        const fs::path path = folder / name;
        pictures.push_back(
            {path, labelFrom(fields[columns.label], lines),
             input.name() + ":" + std::to_string(lines.line()) + ": " + path.string()});
    }
    if (pictures.empty()) throw input.error("names no pictures; expected lines of file,label");
    return pictures;
}

std::vector<LabelledPicture> listClassFolders(const fs::path& folder) {
    std::vector<fs::path> classes;
    for (const fs::path& path : entriesOf(folder)) {
        if (isFolder(path)) classes.push_back(path);
    }
    const auto isSplit = [](const fs::path& path) {
        const std::string name = path.filename().string();
        return name == "train" || name == "val" || name == "test" || name == "valid";
    };
    if (!classes.empty() && std::all_of(classes.begin(), classes.end(), isSplit)) {
        throw Error(folder.string(), "has the parts of a data set, not classes: name one, as " +
                                         classes.back().string());
    }
    std::vector<LabelledPicture> pictures;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const std::size_t before = pictures.size();
        addPictures(classes[i], static_cast<std::int32_t>(i), pictures);
        if (pictures.size() == before) {
            throw Error(classes[i].string(),
                        "holds no PNG or JPEG picture; expected a class in every folder of " +
                            folder.string());
        }
    }
    return pictures;
}

}  // namespace brownout
