#include "eval_source.h"

#include "visema/core/error.h"
#include "visema/landmarks/face_embedding.h"
#include "visema/media/video_reader.h"

namespace visema::session {
namespace {

constexpr std::size_t kFaces = 5;  // of a video that are looked at
constexpr FrameIndex kApart = 10;

int faces_in(const std::filesystem::path& file, const ModelPaths& models,
             const std::stop_token& stop) {
  VideoReader reader(file);
  FaceTracker tracker(models.models);
  while (auto frame = reader.read())
    if (tracker.track(*frame) || stop.stop_requested()) break;
  return tracker.most_faces();
}

}  // namespace

TrackingOptions tracking_beside(const EvalOptions& options, const std::filesystem::path& file,
                                const std::stop_token& stop) {
  const bool chosen = options.face != FaceChoice::kIndex ||
                      options.face_index < faces_in(file, options.models, stop);
  return {chosen ? options.face : FaceChoice::kLargest, options.face_index, /*smooth=*/false};
}

std::optional<SourceFace> find_source_face(const EvalOptions& options,
                                           const std::stop_token& stop) {
  const auto& file = options.source.empty() ? options.reference : options.source;
  const FaceEmbedding identity(options.models.models / "faceres.safetensors");
  const FaceEmbedding second_identity(options.models.models / "mobileface.safetensors");
  SourceFace source;
  TextureMeter textures;
  FrameIndex next = 0;
  const auto look = [&](const VideoFrame& frame, const LandmarkFrame& tracked) {
    if (tracked.face && frame.index >= next) {
      next = frame.index + kApart;
      const FaceMesh& mesh = tracked.face->mesh;
      source.embeddings.push_back(identity.embed(frame.image, mesh));
      source.second_embeddings.push_back(second_identity.embed(frame.image, mesh));
      textures.push(describe_texture(frame.image, *tracked.face));
      if (!source.first.image) {
        source.first.image = std::make_shared<const Image>(frame.image);
        source.first.face = tracked.face;
      }
    }
    return source.embeddings.size() < kFaces && !stop.stop_requested();
  };
  track_source(file, options.models, tracking_beside(options, file, stop), look);
  if (source.embeddings.empty()) {
    if (options.source.empty() || stop.stop_requested()) return std::nullopt;
    throw Error(ErrorCode::kInput, file.string() + ": no face found in the source");
  }
  source.texture = *textures.result();
  return source;
}

}  // namespace visema::session
