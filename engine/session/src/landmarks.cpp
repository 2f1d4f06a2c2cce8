#include "visema/session/landmarks.h"

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "source_tracking.h"
#include "stopwatch.h"
#include "visema/core/error.h"
#include "visema/core/output_file.h"
#include "visema/media/video_reader.h"
#include "visema/media/video_writer.h"

namespace visema::session {
namespace {

nlohmann::ordered_json line_of(const LandmarkFrame& frame) {
  nlohmann::ordered_json line;
  line["frame"] = frame.index;
  line["time_s"] = frame.time_s;
  line["score"] = nullptr;
  line["points"] = nullptr;
  line["pose"] = nullptr;
  if (!frame.face) return line;
  const auto rounded = [](float v) { return std::round(v * 1000.0) / 1000.0; };
  line["score"] = rounded(frame.face->score);
  auto& points = line["points"] = nlohmann::ordered_json::array();
  for (const Point3& p : frame.face->mesh)
    points.push_back({rounded(p.x), rounded(p.y), rounded(p.z)});
  const HeadPose& pose = frame.face->pose;
  line["pose"] = {{"scale", pose.scale},
                  {"rotation", pose.rotation},
                  {"translation", {pose.translation.x, pose.translation.y, pose.translation.z}}};
  return line;
}

void draw_points(Image& image, const FaceMesh& mesh) {
  const int radius = image.width >= 1280 ? 1 : 0;
  for (const Point3& p : mesh)
    for (int dy = -radius; dy <= radius; ++dy)
      for (int dx = -radius; dx <= radius; ++dx) {
        const int x = static_cast<int>(std::floor(p.x)) + dx;
        const int y = static_cast<int>(std::floor(p.y)) + dy;
        if (x < 0 || y < 0 || x >= image.width || y >= image.height) continue;
        std::uint8_t* pixel = image.at(x, y);
        pixel[0] = 60;
        pixel[1] = 255;
        pixel[2] = 60;
      }
}

}  // namespace

LandmarksReport extract_landmarks(const LandmarksOptions& options, const ProgressSink& progress,
                                  const LogSink& log, std::stop_token stop) {
  const Stopwatch watch;
  const VideoInfo info = VideoReader(options.input).info();
  const TextPlace place(options.out);
  std::ofstream lines(place.part);
  if (!lines) throw Error(ErrorCode::kOutput, options.out.string() + ": cannot be written");
  std::unique_ptr<VideoWriter> overlay;
  if (!options.overlay.empty()) {
    VideoWriterOptions video;
    video.width = info.width;
    video.height = info.height;
    video.fps = info.fps;
    overlay = std::make_unique<VideoWriter>(options.overlay, video);
  }

  LandmarksReport report;
  TrackedSource source;
  try {
    source = track_source(
        options.input, options.models, {options.face, options.face_index, options.smooth},
        [&](const VideoFrame& frame, const LandmarkFrame& tracked) {
          lines << line_of(tracked).dump() << '\n';
          if (overlay) {
            Image picture = frame.image;
            if (tracked.face) draw_points(picture, tracked.face->mesh);
            overlay->write_video(picture);
          }
          ++report.frames;
          if (!tracked.face) ++report.frames_without_face;
          const bool go_on =
              !progress || progress("landmarks", report.frames, info.frame_count_estimate);
          return go_on && !stop.stop_requested();
        });
    if (!lines.flush())
      throw Error(ErrorCode::kOutput, options.out.string() + ": cannot be written (disk full?)");
    if (overlay) overlay->finish();
    if (!place.in_place()) std::filesystem::rename(place.part, place.whole);
  } catch (...) {
    std::error_code ignored;
    if (!place.in_place()) std::filesystem::remove(place.part, ignored);
    throw;
  }
  if (log && source.damaged)
    log(LogLevel::kWarning,
        options.input.string() + ": " + damage_text(static_cast<std::size_t>(report.frames)));
  if (log && report.frames_without_face > 0)
    log(LogLevel::kWarning, options.input.string() + ": no face in " +
                                std::to_string(report.frames_without_face) + " of " +
                                std::to_string(report.frames) + " frames");
  report.wall_seconds = watch.seconds();
  return report;
}

}  // namespace visema::session
