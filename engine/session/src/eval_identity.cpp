#include "eval_meters.h"
#include "eval_pair.h"
#include "visema/evaluation/identity.h"

namespace visema::session {
namespace {

constexpr std::int64_t kEvery = 8;  // frames between two embeddings

class IdentityMeter : public FrameMeter {
 public:
  explicit IdentityMeter(const MeterContext& context)
      : networks_(context.networks),
        source_(*context.source),
        score_(source_.embeddings),
        second_(source_.second_embeddings) {}

  void push(const ObservedFrame& frame) override {
    if (!frame.face || frame.index % kEvery != 0) return;
    const FaceMesh& mesh = frame.face->mesh;
    const double value = score_.push(networks_.identity.embed(*frame.image, mesh));
    second_.push(networks_.second_identity.embed(*frame.image, mesh));
    curve_.time_s.push_back(static_cast<float>(frame.time_s));
    curve_.value.push_back(static_cast<float>(value));
    worst_.offer(-value, value, frame, &source_.first);
  }

  void finish(SubjectFacts& facts) override {
    const auto first = score_.result();
    const auto second = second_.result();
    if (!first || !second) {
      put_missing(facts, "identity", "no face was seen in the frames looked at");
      return;
    }
    put(facts, "identity.mean", first->mean);
    put(facts, "identity.worst", first->worst);
    put(facts, "identity.second_mean", second->mean);
    put(facts, "identity.second_worst", second->worst);
    facts.identity = std::move(curve_);
    for (NotableFrame& frame : worst_.take()) facts.notable.push_back(std::move(frame));
  }

 private:
  const EvalNetworks& networks_;
  const SourceFace& source_;
  IdentityScore score_, second_;
  Curve curve_;
  WorstFrames worst_{"identity.worst", 1};
};

}  // namespace

std::unique_ptr<FrameMeter> make_identity_meter(const MeterContext& context) {
  if (context.source == nullptr) return make_missing("identity", context.why_no_source);
  return std::make_unique<IdentityMeter>(context);
}

}  // namespace visema::session
