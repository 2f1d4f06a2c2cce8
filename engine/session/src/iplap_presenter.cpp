#include "iplap_presenter.h"

#include <span>
#include <utility>

#include "avatar_builder.h"
#include "iplap_compute.h"
#include "lanes.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/landmarks/canonical_face.h"

namespace visema::session {
namespace {

constexpr const char* kLandmarks = "landmarks.safetensors";
constexpr const char* kRenderer = "renderer.safetensors";

/// SHA-256 over both files, which must be there.
std::string sha256_of(const std::filesystem::path& model) {
  std::string all;
  for (const char* name : {kLandmarks, kRenderer}) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(model / name, ignored))
      throw Error(ErrorCode::kModel,
                  model.string() + ": has no " + name +
                      "; --model must be a folder that `visema import ip-lap` wrote, with " +
                      kLandmarks + " and " + kRenderer);
    all += sha256_hex_of_file(model / name);
  }
  return sha256_hex(std::as_bytes(std::span(all)));
}

Avatar avatar_with_crops(const RenderOptions& options, const ProgressSink& progress,
                         const LogSink& log, std::stop_token stop) {
  RenderOptions plain = options;
  plain.style = false;  // it completes our speech network
  Avatar avatar = avatar_of(plain, progress, log, std::move(stop));
  drop_faces_without_crop(avatar, options.ip_lap.crop_margin_px);
  if (avatar.frames_without_face() == static_cast<std::int64_t>(avatar.frames.size()))
    throw Error(ErrorCode::kInput,
                (options.source.empty() ? options.avatar : options.source).string() +
                    ": every face lies outside the picture; at least 16 px of "
                    "one must lie within, with --crop-margin around it");
  return avatar;
}

FaceAtlas atlas_in(const std::filesystem::path& models) {
  const CanonicalFace canonical = CanonicalFace::load(models / "canonical_face.safetensors");
  return FaceAtlas(canonical.mesh(), canonical.triangles());
}

}  // namespace

IplapNetworks::IplapNetworks(const std::filesystem::path& model, const ComputeOptions& request)
    : compute(resolve_iplap(request)),
      sha256(sha256_of(model)),
      landmarks(model / kLandmarks, of_lane(compute)),
      renderer(model / kRenderer, of_lane(compute)) {}

IplapPresenter::IplapPresenter(const IplapNetworks& networks, const RenderOptions& options,
                               int rate_hz, int channels, const ProgressSink& progress,
                               const LogSink& log, std::stop_token stop)
    : avatar_(avatar_with_crops(options, progress, log, std::move(stop))),
      fps_(options.fps == "source" ? avatar_.fps : parse_frame_rate(options.fps)),
      source_(avatar_, fps_, options.loop),
      speaker_(iplap_speaker(avatar_, networks.renderer, options.ip_lap.references,
                             options.ip_lap.crop_margin_px)),
      atlas_(atlas_in(options.models.models)),
      speech_(fps_, rate_hz, channels),
      place_(source_, avatar_, fps_, options.ip_lap.crop_margin_px) {
  for (int lane = 0; lane < lanes_on(networks.compute); ++lane)
    lanes_.emplace_back(networks.landmarks, networks.renderer, speaker_, atlas_);
}

}  // namespace visema::session
