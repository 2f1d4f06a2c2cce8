#include <algorithm>
#include <optional>

#include "compute_device_torch.h"
#include "sync_model_torch.h"
#include "sync_offsets.h"
#include "sync_validation_torch.h"
#include "visema/models/sync_network.h"
#include "weight_card_torch.h"

namespace visema::training {
namespace {

/// Distances of several clips together, each counting by its windows.
struct PooledCurve {
  ShiftCurve sum;

  void add(const ShiftCurve& curve) {
    sum.distance.resize(curve.distance.size());
    for (std::size_t s = 0; s < curve.distance.size(); ++s)
      sum.distance[s] += curve.distance[s] * static_cast<double>(curve.windows);
    sum.windows += curve.windows;
  }

  ShiftCurve mean() const {
    ShiftCurve curve = sum;
    for (double& d : curve.distance)
      d /= static_cast<double>(std::max<std::int64_t>(1, sum.windows));
    return curve;
  }
};

}  // namespace

std::map<std::string, double> measure_offsets(PackReader& pack, bool training,
                                              const std::filesystem::path& weights,
                                              const Compute& compute) {
  const torch::Device device = torch_device(compute);
  const TensorFile file = TensorFile::open(weights);
  const WeightCard card = read_weight_card(file, kSyncName, kSyncVersion);
  SyncModel model(SyncConfig::from_json(card.config, file.source()));
  load_weights(model, file, "model.");
  model.to(device);
  model.eval();
  const std::vector<SyncClip> clips = load_sync_clips(pack, training);
  std::map<std::string, PooledCurve> persons;
  std::map<std::string, double> offsets;
  for (const SyncClip& clip : clips) {
    const ShiftCurve curve = compare(model, clip, clip, device);
    persons[clip.person].add(curve);
    if (const auto offset = sure_offset(curve); offset && clip.frames() >= kLongFrames)
      offsets[clip.id] = *offset;
  }
  for (const SyncClip& clip : clips)
    if (!offsets.contains(clip.id))
      offsets[clip.id] = sure_offset(persons[clip.person].mean()).value_or(0);
  return offsets;
}

}  // namespace visema::training
