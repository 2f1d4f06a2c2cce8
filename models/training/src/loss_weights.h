#pragma once

#include <span>
#include <string>
#include <string_view>

namespace visema::training {

/// A weight that a flag can name.
struct LossWeight {
  std::string_view name;
  double* value;
};

/// Changes those that `text` names, "NAME=W,...", W in 0..100. Throws Error(kUsage) that begins
/// with `flag` and lists the names.
void change_loss_weights(std::span<const LossWeight> weights, const std::string& flag,
                         std::string_view text);

/// "points=1,velocity=3,...": all of them, as change_loss_weights reads them.
std::string to_text(std::span<const LossWeight> weights);

}  // namespace visema::training
