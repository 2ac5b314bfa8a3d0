#include "h5_surgery.h"

#include <fstream>
#include <numeric>
#include <stdexcept>

namespace brownout {
namespace {

hid_t checked(hid_t id) {
    if (id < 0) throw std::runtime_error("the test's own HDF5 call failed");
    return id;
}

hid_t spaceOf(const std::vector<hsize_t>& shape) {
    return checked(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
}

}  // namespace

H5Surgery::H5Surgery(const std::filesystem::path& path) {
    removeSeal(path);
    file_ = checked(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
}

void H5Surgery::create(const std::filesystem::path& path) {
    H5Fclose(checked(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)));
}

void H5Surgery::group(const std::string& path) {
    remove(path);
    H5Gclose(checked(H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)));
}

void H5Surgery::remove(const std::string& path) {
    if (H5Lexists(file_, path.c_str(), H5P_DEFAULT) > 0) {
        checked(H5Ldelete(file_, path.c_str(), H5P_DEFAULT));
    }
}

void H5Surgery::removeAttribute(const std::string& object, const std::string& name) {
    checked(H5Adelete_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT));
}

void H5Surgery::softLink(const std::string& path, const std::string& target) {
    remove(path);
    checked(H5Lcreate_soft(target.c_str(), file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT));
}

void H5Surgery::externalLink(const std::string& path, const std::string& file) {
    remove(path);
    checked(H5Lcreate_external(file.c_str(), "/", file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT));
}

void H5Surgery::attribute(const std::string& object, const std::string& name, hid_t type,
                          hid_t space, hid_t memoryType, const void* value) {
    const hid_t owner = checked(H5Oopen(file_, object.c_str(), H5P_DEFAULT));
    if (H5Aexists(owner, name.c_str()) > 0) H5Adelete(owner, name.c_str());
    const hid_t made =
        checked(H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT));
    checked(H5Awrite(made, memoryType, value));
    H5Aclose(made);
    H5Sclose(space);
    H5Oclose(owner);
}

void H5Surgery::text(const std::string& object, const std::string& name, const std::string& value) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, value.size() + 1);
    attribute(object, name, type, H5Screate(H5S_SCALAR), type, value.c_str());
    H5Tclose(type);
}

void H5Surgery::variableText(const std::string& object, const std::string& name,
                             const std::string& value) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    const char* pointer = value.c_str();
    attribute(object, name, type, H5Screate(H5S_SCALAR), type, &pointer);
    H5Tclose(type);
}

void H5Surgery::number(const std::string& object, const std::string& name, double value) {
    attribute(object, name, H5T_IEEE_F64LE, H5Screate(H5S_SCALAR), H5T_NATIVE_DOUBLE, &value);
}

void H5Surgery::integer(const std::string& object, const std::string& name, std::int64_t value) {
    attribute(object, name, H5T_STD_I64LE, H5Screate(H5S_SCALAR), H5T_NATIVE_INT64, &value);
}

void H5Surgery::integers(const std::string& object, const std::string& name,
                         const std::vector<std::int64_t>& values) {
    attribute(object, name, H5T_STD_I64LE, spaceOf({values.size()}), H5T_NATIVE_INT64,
              values.data());
}

void H5Surgery::dataset(const std::string& path, hid_t type, const std::vector<hsize_t>& shape,
                        hid_t memoryType, const void* values) {
    remove(path);
    const hid_t space = spaceOf(shape);
    const hid_t made = checked(
        H5Dcreate2(file_, path.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    checked(H5Dwrite(made, memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    H5Dclose(made);
    H5Sclose(space);
}

void H5Surgery::doubles(const std::string& path, const std::vector<double>& values) {
    dataset(path, H5T_IEEE_F64LE, {values.size()}, H5T_NATIVE_DOUBLE, values.data());
}

void H5Surgery::floats(const std::string& path, const std::vector<double>& values) {
    dataset(path, H5T_IEEE_F32LE, {values.size()}, H5T_NATIVE_DOUBLE, values.data());
}

void H5Surgery::words(const std::string& path, const std::vector<std::int64_t>& values) {
    dataset(path, H5T_STD_U64LE, {values.size()}, H5T_NATIVE_INT64, values.data());
}

void H5Surgery::signedWords(const std::string& path, const std::vector<std::int64_t>& values) {
    dataset(path, H5T_STD_I64LE, {values.size()}, H5T_NATIVE_INT64, values.data());
}

void H5Surgery::zeros(const std::string& path, hid_t type, const std::vector<hsize_t>& shape) {
    hsize_t size = 1;
    for (const hsize_t extent : shape) size *= extent;
    const std::vector<double> values(size);
    dataset(path, type, shape, H5Tget_class(type) == H5T_FLOAT ? H5T_NATIVE_DOUBLE : type,
            values.data());
}

void H5Surgery::hollow(const std::string& path, hid_t type, hsize_t size, hsize_t chunk) {
    remove(path);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    if (chunk > 0) {
        H5Pset_chunk(creation, 1, &chunk);
        H5Pset_deflate(creation, 6);
    }
    // Chunks may be larger than the dataset only where that may grow.
    const hsize_t unlimited = H5S_UNLIMITED;
    const hid_t space = H5Screate_simple(1, &size, chunk > 0 ? &unlimited : nullptr);
    H5Dclose(
        checked(H5Dcreate2(file_, path.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT)));
    H5Sclose(space);
    H5Pclose(creation);
}

void H5Surgery::elsewhere(const std::string& path, hid_t type, hsize_t size,
                          const std::string& file) {
    remove(path);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(creation, file.c_str(), 0, H5F_UNLIMITED);
    const hid_t space = H5Screate_simple(1, &size, nullptr);
    H5Dclose(
        checked(H5Dcreate2(file_, path.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT)));
    H5Sclose(space);
    H5Pclose(creation);
}

void H5Surgery::grid(const std::string& path, hid_t type, const std::vector<hsize_t>& shape,
                     const std::vector<hsize_t>& chunk, std::int64_t fill,
                     const std::vector<std::uint32_t>& values) {
    remove(path);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    if (!chunk.empty()) {
        H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
        H5Pset_deflate(creation, 4);
    }
    if (fill >= 0) H5Pset_fill_value(creation, H5T_NATIVE_INT64, &fill);
    const hid_t space = spaceOf(shape);
    const hid_t made =
        checked(H5Dcreate2(file_, path.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    if (!values.empty()) {
        checked(H5Dwrite(made, H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
    }
    H5Dclose(made);
    H5Sclose(space);
    H5Pclose(creation);
}

void H5Surgery::texts(const std::string& path, const std::vector<std::string>& values) {
    remove(path);
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 16);
    std::string padded;
    for (const std::string& value : values) padded += value + std::string(16 - value.size(), '\0');
    const hid_t space = spaceOf({values.size()});
    const hid_t made = checked(
        H5Dcreate2(file_, path.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    if (!values.empty()) {
        checked(H5Dwrite(made, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, padded.data()));
    }
    H5Dclose(made);
    H5Sclose(space);
    H5Tclose(type);
}

std::vector<double> H5Surgery::read(const std::string& path) {
    const hid_t from = checked(H5Dopen2(file_, path.c_str(), H5P_DEFAULT));
    const hid_t space = H5Dget_space(from);
    std::vector<double> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    checked(H5Dread(from, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
    H5Sclose(space);
    H5Dclose(from);
    return values;
}

void removeSeal(const std::filesystem::path& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    std::string magic(14, '\0');
    file.read(magic.data(), static_cast<std::streamsize>(magic.size()));
    if (magic != "brownout-seal ") return;
    file.seekp(0);
    file.write(std::string(512, '\0').data(), 512);
}

namespace {

void makeForeignHeader(H5Surgery& file, std::int64_t minor) {
    file.variableText("/", "format", "brownout-profile");
    file.integers("/", "version", {1, minor});
    file.variableText("/", "creator", "somebody's script");
    file.variableText("/", "created", "2026-01-01T00:00:00Z");
    file.variableText("/", "provenance", "measured");
    file.group("/device");
    file.integer("/device", "arrays", 1);
    file.integer("/device", "rows", 16);
    file.integer("/device", "columns", 8);
    file.variableText("/device", "voltage_unit", "V");
    file.number("/device", "vmin_v", 0.8);
}

}  // namespace

void makeForeignProfile(const std::filesystem::path& path) {
    H5Surgery::create(path);
    H5Surgery file(path);
    makeForeignHeader(file, 0);
    file.group("/cells");
    file.variableText("/cells", "encoding", "threshold");
    file.integer("/cells", "chips", 2);
    file.group("/cells/threshold");
    file.number("/cells/threshold", "floor_voltage", 0.5);
    file.number("/cells/threshold", "highest_voltage", 0.8);
    file.words("/cells/threshold/chip_start", {0, 3, 5});
    file.words("/cells/threshold/cell", {5, 100, 7, 0, 127});
    file.floats("/cells/threshold/voltage", {0.7, 0.65, 0.6, 0.75, 0.51});
    file.floats("/cells/threshold/p01", {1, 1, 0, 0.5, 1});
    file.floats("/cells/threshold/p10", {1, 0, 1, 0.5, 0});
    file.group("/energy");
    file.number("/energy", "reference_voltage", 0.8);
    file.variableText("/energy", "source", "a data sheet");
    file.doubles("/energy/voltage", {0.5, 0.8});
    file.doubles("/energy/read_j", {1e-12, 2e-12});
    file.doubles("/energy/write_j", {1e-12, 2e-12});
}

void makeForeignCounts(const std::filesystem::path& path) {
    H5Surgery::create(path);
    H5Surgery file(path);
    makeForeignHeader(file, 1);
    file.group("/cells");
    file.variableText("/cells", "encoding", "counts");
    file.integer("/cells", "chips", 2);
    file.group("/cells/counts");
    file.doubles("/cells/counts/voltage", {0.5, 0.6});
    file.doubles("/cells/counts/temperature", {25, 85});
    file.texts("/cells/counts/pattern", {"solid", "checkerboard"});
    const std::vector<hsize_t> shape{2, 2, 2, 2, 16, 8};
    std::vector<std::uint32_t> fails(2048);
    for (std::size_t i = 0; i < fails.size(); i += 7) fails[i] = i % 11;
    fails[3] = 255;
    file.grid("/cells/counts/fails01", H5T_STD_U8LE, shape, {1, 1, 1, 1, 16, 8}, 255, fails);
    file.grid("/cells/counts/trials01", H5T_STD_U8LE, shape, {}, 255,
              std::vector<std::uint32_t>(2048, 10));
    file.grid("/cells/counts/fails10", H5T_STD_U16LE, shape, {1, 1, 2, 2, 5, 3}, 65535, {});
    file.grid("/cells/counts/trials10", H5T_STD_U8LE, {1, 1, 1, 1, 1, 1}, {}, -1, {10});
}

}  // namespace brownout
