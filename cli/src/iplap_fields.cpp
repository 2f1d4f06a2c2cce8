#include "iplap_fields.h"

#include "fields.h"

namespace visema::cli {
namespace {

using session::IplapOptions;

constexpr int kMostReferences = 25;
constexpr int kMostMarginPx = 1000;
constexpr int kMarginAuto = -1;

}  // namespace

void add_iplap(ConfigFields& fields, const std::string& section, IplapOptions& options) {
  fields.add(section + ".model", options.model,
             "folder of `visema import ip-lap`: its networks in place of ours");
  fields.add(section + ".references", options.references, 1, kMostReferences,
             "with a model: pictures of the speaker that each frame is made of");
  add_or_auto(fields, section + ".crop-margin", options.crop_margin_px, 0, kMostMarginPx,
              kMarginAuto,
              "with a model: pixels around the face; auto: 25, less or more for a "
              "small or large face");
}

std::vector<std::string> iplap_problems(const session::RenderOptions& options,
                                        const std::string& prefix) {
  std::vector<std::string> problems;
  const auto require = [&](bool holds, const std::string& text) {
    if (!holds) problems.push_back(prefix + text);
  };
  if (options.ip_lap.model.empty()) {
    const IplapOptions unset;
    require(options.ip_lap.references == unset.references,
            "references is for IP-LAP: give its networks with " + prefix + "model");
    require(options.ip_lap.crop_margin_px == unset.crop_margin_px,
            "crop-margin is for IP-LAP: give its networks with " + prefix + "model");
    return problems;
  }
  const std::string reason =
      " with " + prefix + "model: IP-LAP moves lips and jaw, all else is the source's own; ";
  require(options.models.weights.empty(), "weights and " + prefix + "model exclude each other");
  require(!options.models.quality, "quality and " + prefix + "model exclude each other");
  require(options.head_motion != session::HeadMotion::kNatural,
          "head-motion natural" + reason + "must be auto, none or template");
  require(!options.blink.value_or(false), "blink on" + reason + "must be auto or off");
  require(options.expression == session::Expression::kNeutral,
          "expression" + reason + "must be neutral");
  require(options.expression_strength == session::PresenterOptions().expression_strength,
          "expression-strength" + reason + "must be left out");
  require(options.articulation == session::PresenterOptions().articulation,
          "articulation" + reason + "must be left out");
  require(options.background == "keep", "background" + reason + "must be keep");
  require(options.seed == session::RenderOptions().seed, "seed" + reason + "must be left out");
  return problems;
}

}  // namespace visema::cli
