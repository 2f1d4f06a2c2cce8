#include <algorithm>
#include <numeric>

#include "eval_meters.h"
#include "eval_pair.h"
#include "source_tracking.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

constexpr std::int64_t kEvery = 8;          // frames between two embeddings
constexpr std::int64_t kSourceFrames = 50;  // of a source video that are looked at
constexpr std::int64_t kSourceEvery = 10;

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The faces of a source: of a picture one, of a video a few from its beginning.
struct Source {
  std::vector<std::vector<float>> embeddings;
  ObservedFrame first;

  explicit Source(const MeterContext& context) {
    const SubjectOptions& options = context.options;
    std::int64_t index = 0;
    track_source(
        options.source, options.eval.models, {options.eval.face, options.eval.face_index, false},
        [&](const VideoFrame& frame, const LandmarkFrame& tracked) {
          if (tracked.face && index % kSourceEvery == 0) {
            embeddings.push_back(context.networks.identity.embed(frame.image, tracked.face->mesh));
            if (!first.image) {
              first.image = std::make_shared<const Image>(frame.image);
              first.face = tracked.face;
            }
          }
          return ++index < kSourceFrames;
        });
    if (embeddings.empty())
      throw Error(ErrorCode::kInput, options.source.string() + ": no face found in the source");
  }

  /// Likeness to the source's face that is nearest.
  double likeness(const std::vector<float>& face) const {
    double best = -1;
    for (const auto& embedding : embeddings) best = std::max(best, cosine(embedding, face));
    return best;
  }
};

class IdentityMeter : public FrameMeter {
 public:
  explicit IdentityMeter(const MeterContext& context)
      : network_(context.networks.identity), source_(context) {}

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
  Source source_;
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
  if (context.options.source.empty()) return std::make_unique<NoSource>();
  return std::make_unique<IdentityMeter>(context);
}

}  // namespace visema::session
