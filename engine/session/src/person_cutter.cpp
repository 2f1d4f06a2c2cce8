#include "person_cutter.h"

#include <utility>

namespace visema::session {

std::shared_ptr<const Cutout> PersonCutter::cut(const Image& picture, FrameIndex index) {
  if (still_ && last_) return last_;
  const auto small = matte_input(picture);
  auto matte = std::move(network_.run(small).front());
  if (!still_) smoother_.smooth(index, matte);
  last_ = std::make_shared<const Cutout>(picture, small, matte);
  return last_;
}

}  // namespace visema::session
