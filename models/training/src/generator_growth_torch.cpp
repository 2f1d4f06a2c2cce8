#include "generator_growth_torch.h"

#include <algorithm>

#include "visema/core/error.h"
#include "weight_card_torch.h"

namespace visema::training {
namespace {

bool fits(const GeneratorConfig& small, const GeneratorConfig& large) {
  return small.widths.size() == large.widths.size() && small.blocks == large.blocks &&
         small.stem == large.stem &&
         std::equal(small.widths.begin(), small.widths.end(), large.widths.begin(),
                    [](std::int64_t narrow, std::int64_t wide) { return narrow <= wide; });
}

}  // namespace

void grow_from(GeneratorModel& model, const std::filesystem::path& weights) {
  const TensorFile file = TensorFile::open(weights);
  const auto small =
      load_generator(file, read_weight_card(file, kGeneratorName, kGeneratorVersion));
  if (!fits(small->config(), model.config()))
    throw Error(ErrorCode::kModel,
                weights.string() + ": is a generator of " + small->config().to_json() +
                    ", which does not fit into " + model.config().to_json() +
                    ": it must have the same blocks and stem and no wider levels");
  const torch::NoGradGuard guard;
  const auto known = small->named_parameters();
  for (auto& item : model.named_parameters()) {
    const torch::Tensor& from = known[item.key()];
    torch::Tensor old_outs = item.value().narrow(0, 0, from.size(0));
    if (from.dim() > 1) {  // [outs, ins, height, width]
      old_outs.zero_();
      old_outs = old_outs.narrow(1, 0, from.size(1));
    }
    old_outs.copy_(from);
  }
}

}  // namespace visema::training
