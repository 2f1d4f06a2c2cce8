#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "compute_device_torch.h"
#include "pack_reader.h"
#include "speech_data.h"
#include "speech_measure.h"
#include "speech_model_torch.h"
#include "speech_validation_torch.h"
#include "train_log.h"
#include "visema/models/compute.h"
#include "visema/models/speech_network.h"
#include "visema/models/weight_card.h"
#include "weight_card_torch.h"

namespace visema::training {
namespace {

/// Weights with the held-out clips in the basis that they speak.
struct Loaded {
  SpeechBasis basis;
  SpeechSet set;
  std::shared_ptr<SpeechModel> model;

  Loaded(const std::filesystem::path& path, PackReader& pack, torch::Device device) {
    const TensorFile file = TensorFile::open(path);
    const WeightCard card = read_weight_card(file, kSpeechName, kSpeechVersion);
    basis = SpeechBasis::read(file, "basis.");
    model = std::make_shared<SpeechModel>(SpeechConfig::from_json(card.config, file.source()));
    set = load_speech_set(pack, basis, false,
                          model->config().encoded > 0 ? Encoded::kLoad : Encoded::kLeave);
    load_weights(*model, file, "model.");
    model->to(device);
  }
};

}  // namespace

void measure_speech(const Flags& flags) {
  TrainLog log(flags.has("log") ? flags.text("log") : "");
  const Compute compute =
      resolve({flags.text("device"), "fp32", static_cast<int>(flags.integer("threads", 0, 1024))});
  use(compute);
  PackReader pack(flags.text("pack"));
  std::vector<std::unique_ptr<Loaded>> loaded;
  std::istringstream paths(flags.text("measure"));
  for (std::string path; std::getline(paths, path, ',');)
    loaded.push_back(std::make_unique<Loaded>(path, pack, torch_device(compute)));
  std::vector<MeasuredSpeech> networks;
  for (const auto& one : loaded) networks.push_back({*one->model, one->set, one->basis});
  const SpeechMeasures found =
      measure(networks, flags.integer("validate-frames", 1, 1LL << 40), torch_device(compute));
  log.line("valid", 0, 0, values_of(found.report));
  log.line("errors", 0, 0, found.referenced_errors.values());
  log.line("long_errors", 0, 0, found.long_errors.values());
  log.line("portrait_errors", 0, 0, found.portrait_errors.values());
}

}  // namespace visema::training
