#include "person_cutter.h"

#include <optional>
#include <utility>

#include "visema/renderer/one_person.h"

namespace visema::session {
namespace {

constexpr std::size_t kNoseTip = 1;  // of the mesh

/// In the matte's pixels; nothing where the frame has no face.
std::optional<Point2> nose_of(const TemplateSource::Frame& frame) {
  if (frame.tracked == nullptr || !frame.tracked->face) return std::nullopt;
  const Point3& nose = frame.tracked->face->mesh[kNoseTip];
  return Point2{nose.x * kMatteSide / static_cast<float>(frame.picture.width),
                nose.y * kMatteSide / static_cast<float>(frame.picture.height)};
}

}  // namespace

std::shared_ptr<const Cutout> PersonCutter::cut(const TemplateSource::Frame& frame) {
  if (still_ && last_) return last_;
  const auto small = matte_input(frame.picture);
  auto matte = std::move(network_.run(small).front());
  keep_one_person(matte, nose_of(frame));
  if (!still_) smoother_.smooth(frame.index, matte);
  last_ = std::make_shared<const Cutout>(frame.picture, small, matte);
  return last_;
}

}  // namespace visema::session
