#include <algorithm>
#include <numeric>

#include "eval_meters.h"
#include "eval_pair.h"

namespace visema::session {
namespace {

constexpr std::int64_t kEvery = 8;  // frames between two embeddings

class IdentityMeter : public FrameMeter {
 public:
  explicit IdentityMeter(const MeterContext& context)
      : network_(context.networks.identity), source_(*context.source) {}

  void push(const ObservedFrame& frame) override {
    if (!frame.face || frame.index % kEvery != 0) return;
    const double value = source_.likeness(network_.embed(*frame.image, frame.face->mesh));
    curve_.time_s.push_back(static_cast<float>(frame.time_s));
    curve_.value.push_back(static_cast<float>(value));
    worst_.offer(-value, value, frame, &source_.first);
  }

  void finish(SubjectFacts& facts) override {
    if (curve_.value.empty()) {
      put_missing(facts, "identity", "no face was seen in the frames looked at");
      return;
    }
    const double sum = std::accumulate(curve_.value.begin(), curve_.value.end(), 0.0);
    facts.figures["identity.mean"] = {sum / static_cast<double>(curve_.value.size()), ""};
    facts.figures["identity.worst"] = {*std::min_element(curve_.value.begin(), curve_.value.end()),
                                       ""};
    facts.identity = std::move(curve_);
    for (NotableFrame& frame : worst_.take()) facts.notable.push_back(std::move(frame));
  }

 private:
  const FaceEmbedding& network_;
  const SourceFace& source_;
  Curve curve_;
  WorstFrames worst_{"identity.worst", 1};
};

class NoSource : public FrameMeter {
 public:
  void push(const ObservedFrame&) override {}
  void finish(SubjectFacts& facts) override {
    put_missing(facts, "identity", "needs --source or --reference");
  }
};

}  // namespace

std::unique_ptr<FrameMeter> make_identity_meter(const MeterContext& context) {
  if (context.source == nullptr) return std::make_unique<NoSource>();
  return std::make_unique<IdentityMeter>(context);
}

}  // namespace visema::session
