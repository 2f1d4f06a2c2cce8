#include "eval_source.h"

#include "eval_meters.h"
#include "source_tracking.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

constexpr std::int64_t kFrames = 50;  // of a video that are looked at
constexpr std::int64_t kEvery = 10;

}  // namespace

SourceFace::SourceFace(const SubjectOptions& options, const EvalNetworks& networks) {
  std::int64_t index = 0;
  TextureMeter textures;
  track_source(options.source, options.eval.models,
               {options.eval.face, options.eval.face_index, false},
               [&](const VideoFrame& frame, const LandmarkFrame& tracked) {
                 if (tracked.face && index % kEvery == 0) {
                   const FaceMesh& mesh = tracked.face->mesh;
                   embeddings.push_back(networks.identity.embed(frame.image, mesh));
                   second_embeddings.push_back(networks.second_identity.embed(frame.image, mesh));
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

}  // namespace visema::session
