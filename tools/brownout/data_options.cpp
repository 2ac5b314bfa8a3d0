#include "tools/brownout/data_options.h"

#include <iostream>

#include "base/error.h"
#include "inference/data/layout.h"
#include "tools/brownout/tried_files.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

PreprocessingOptions optionsOf(const CommandLine& line) {
    const auto text = [&](const char* option) -> std::optional<std::string> {
        if (!line.has(option)) return std::nullopt;
        return line.get<std::string>(option);
    };
    return {text("resize"), text("crop"), text("scale"),        text("mean"),
            text("std"),    text("bgr"),  text("labels-offset")};
}

}  // namespace

void addDataOptions(CommandLine& line) {
    line.options().add_options()  //
        ("data,d", po::value<std::string>()->value_name("DATA"),
         "labelled images: 'fashion-mnist', a folder of class folders of PNG and JPEG pictures, a "
         "CSV file of 'file,label' lines, HDF5 with 'images' and 'labels', .npz, IMAGES.npy,"
         "LABELS.npy, IDX (MNIST, KMNIST, EMNIST; .gz too), CIFAR-10 or CIFAR-100 (binary or "
         "Python "
         "batches), or torchvision's root folder of one of these")  //
        ("images", po::value<std::string>()->value_name("N"),
         "read and use the first N images only (default: all)")  //
        ("resize", po::value<std::string>()->value_name("N|HxW"),
         "resize pictures first, bilinear as Pillow does: the shorter side to N pixels, or to "
         "HEIGHTxWIDTH. This and the next five as torchvision's transforms; their default: the "
         "network's own metadata, brownout.resize and so on")  //
        ("crop", po::value<std::string>()->value_name("N|HxW"),
         "then cut out the middle")  //
        ("scale", po::value<std::string>()->value_name("FACTOR"),
         "then multiply pixels with this (default: 1/255 for bytes, 1 for other numbers)")  //
        ("mean", po::value<std::string>()->value_name("LIST"),
         "then subtract this: a number, or one for each channel, '0.485,0.456,0.406'")  //
        ("std", po::value<std::string>()->value_name("LIST"),
         "and divide by this, likewise")  //
        ("bgr", po::value<std::string>()->value_name("yes|no")->implicit_value("yes"),
         "give the channels in the opposite order, blue first; --mean and --std are then in that "
         "order ('--bgr=no' where the metadata says yes)")  //
        ("labels-offset", po::value<std::string>()->value_name("K"),
         "add K to every label: -1 for labels that count from 1");
}

Dataset openData(const CommandLine& line, const std::vector<const Network*>& networks) {
    const auto& name = line.get<std::string>("data");
    const ChosenPreprocessing chosen =
        line.named([&] { return preprocessingOf(networks, optionsOf(line)); });
    DataRequest request;
    request.steps = chosen.steps;
    request.threads = line.common().threads;
    if (!networks.empty()) request.networkShape = imageShapeOf(*networks[0]);
    if (line.has("images")) {
        request.most = parseCount("--images", line.get<std::string>("images"));
    }
    if (!chosen.fromNetwork.empty()) {
        std::cerr << "images as " << networks[0]->file << " says: " << chosen.fromNetwork << "\n";
    }
    Dataset data = openTriedDataset(name, request);
    if (line.has("images") && request.most > data.size()) {
        throw UsageError("--images", std::to_string(request.most) + "; " + data.name() + " has " +
                                         std::to_string(data.size()));
    }
    return data;
}

}  // namespace brownout
