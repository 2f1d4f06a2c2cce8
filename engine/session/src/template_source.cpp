#include "template_source.h"

#include <algorithm>
#include <string>

#include "template_clock.h"

namespace visema::session {
namespace {

/// The video's own file, or the section of the avatar file that holds it, as libav names it.
std::filesystem::path media_location(const Avatar& avatar) {
  if (avatar.media_size == 0) return avatar.media_path;
  return "subfile,,start," + std::to_string(avatar.media_offset) + ",end," +
         std::to_string(avatar.media_offset + avatar.media_size) +
         ",,:" + std::filesystem::absolute(avatar.media_path).string();
}

}  // namespace

TemplateSource::TemplateSource(const Avatar& avatar, Rational output_fps, TemplateLoop loop)
    : avatar_(avatar),
      fade_(avatar, loop == TemplateLoop::kCut),
      output_fps_(output_fps),
      loop_(loop) {
  if (!avatar.is_still) reader_ = std::make_unique<RandomFrameReader>(media_location(avatar));
}

TemplateSource::Frame TemplateSource::at(FrameIndex output) {
  if (!reader_) return {avatar_.picture, &avatar_.frames.front(), 0, nullptr, 1};
  const FrameIndex index = shown(output, output_fps_);
  return {reader_->at(index).image, &avatar_.frames[static_cast<std::size_t>(index)], index,
          avatar_.cover_at(index), fade_.at(index)};
}

const LandmarkFrame& TemplateSource::tracked(FrameIndex frame, Rational rate) const {
  return avatar_.frames[static_cast<std::size_t>(shown(frame, rate))];
}

FrameIndex TemplateSource::shown(FrameIndex frame, Rational rate) const {
  if (!reader_) return 0;
  const auto count =
      std::min(static_cast<FrameIndex>(avatar_.frames.size()), reader_->frame_count());
  return template_frame(frame, rate, avatar_.fps, count, loop_);
}

}  // namespace visema::session
