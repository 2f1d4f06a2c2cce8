#include "eval_source.h"

#include <algorithm>
#include <numeric>

#include "source_tracking.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

constexpr std::int64_t kFrames = 50;  // of a video that are looked at
constexpr std::int64_t kEvery = 10;

}  // namespace

SourceFace::SourceFace(const SubjectOptions& options, const FaceEmbedding& identity) {
  std::int64_t index = 0;
  TextureMeter textures;
  track_source(options.source, options.eval.models,
               {options.eval.face, options.eval.face_index, false},
               [&](const VideoFrame& frame, const LandmarkFrame& tracked) {
                 if (tracked.face && index % kEvery == 0) {
                   embeddings.push_back(identity.embed(frame.image, tracked.face->mesh));
                   textures.push(describe_texture(frame.image, *tracked.face));
                   if (!first.image) {
                     first.image = std::make_shared<const Image>(frame.image);
                     first.face = tracked.face;
                   }
                 }
                 return ++index < kFrames;
               });
  if (embeddings.empty())
    throw Error(ErrorCode::kInput, options.source.string() + ": no face found in the source");
  texture = *textures.result();
}

double SourceFace::likeness(const std::vector<float>& face) const {
  double best = -1;
  for (const auto& embedding : embeddings)
    best = std::max(best, std::inner_product(face.begin(), face.end(), embedding.begin(), 0.0));
  return best;
}

}  // namespace visema::session
