#include "visema/renderer/motion_field.h"

#include <algorithm>
#include <cmath>

#include "float_picture.h"
#include "visema/core/face_points.h"

namespace visema {
namespace {

constexpr float kFarAway = 1e5F;  // px; points beyond take their triangles out
constexpr float kStill = 0.02F;   // px; a pixel that moves less is copied
constexpr float kSliver = 1e-3F;  // px^2; thinner triangles hold no pixel worth drawing

/// Ring sizes relative to the face border, and how much of the head's motion and of the border's
/// own (the jaw's) each follows.
struct Ring {
  float size, head, border;
};
constexpr std::array<Ring, FaceTriangles::kRings> kRingShape = {{{1.08F, 0.98F, 0.85F},
                                                                 {1.2F, 0.9F, 0.6F},
                                                                 {1.4F, 0.66F, 0.27F},
                                                                 {1.7F, 0.27F, 0.06F},
                                                                 {2.1F, 0, 0}}};

/// Points of the border that speech hardly moves: all but the jaw.
bool is_jaw(std::size_t border_index) {
  return border_index >= 9 && border_index <= 27;
}

bool near_enough(Point2 p) {
  return std::abs(p.x) < kFarAway && std::abs(p.y) < kFarAway;
}

/// Displacement of the head: least-squares similarity of the still part of the border.
struct HeadMotion {
  Point2 centre, moved;
  float a = 0, b = 0;  // similarity minus identity

  HeadMotion(const std::vector<Point2>& source, const std::vector<Point2>& target) {
    float count = 0;
    for (std::size_t i = 0; i < kFaceOval.size(); ++i) {
      if (is_jaw(i)) continue;
      const Point2 s = source[kFaceOval[i]], t = target[kFaceOval[i]];
      centre = {centre.x + s.x, centre.y + s.y};
      moved = {moved.x + (t.x - s.x), moved.y + (t.y - s.y)};
      count += 1;
    }
    centre = {centre.x / count, centre.y / count};
    moved = {moved.x / count, moved.y / count};
    float along = 0, across = 0, spread = 1e-6F;
    for (std::size_t i = 0; i < kFaceOval.size(); ++i) {
      if (is_jaw(i)) continue;
      const Point2 s = source[kFaceOval[i]], t = target[kFaceOval[i]];
      const float x = s.x - centre.x, y = s.y - centre.y;
      const float dx = t.x - s.x - moved.x, dy = t.y - s.y - moved.y;
      along += x * dx + y * dy;
      across += x * dy - y * dx;
      spread += x * x + y * y;
    }
    a = along / spread;
    b = across / spread;
  }

  Point2 at(Point2 p) const {
    const float x = p.x - centre.x, y = p.y - centre.y;
    return {moved.x + a * x - b * y, moved.y + b * x + a * y};
  }
};

void add_rings(std::vector<Point2>& source, std::vector<Point2>& target) {
  const HeadMotion head(source, target);
  Point2 centre;
  for (const auto i : kFaceOval)
    centre = {centre.x + source[i].x / FaceTriangles::kBorderPoints,
              centre.y + source[i].y / FaceTriangles::kBorderPoints};
  for (const Ring& ring : kRingShape)
    for (const auto i : kFaceOval) {
      const Point2 s = source[i], t = target[i];
      const Point2 p = {centre.x + ring.size * (s.x - centre.x),
                        centre.y + ring.size * (s.y - centre.y)};
      const Point2 with_head = head.at(p), border_head = head.at(s);
      source.push_back(p);
      target.push_back({p.x + ring.head * with_head.x + ring.border * (t.x - s.x - border_head.x),
                        p.y + ring.head * with_head.y + ring.border * (t.y - s.y - border_head.y)});
    }
}

void add_larger_borders(std::vector<Point2>& points) {
  Point2 centre;
  for (const auto i : kFaceOval)
    centre = {centre.x + points[i].x / FaceTriangles::kBorderPoints,
              centre.y + points[i].y / FaceTriangles::kBorderPoints};
  for (const Ring& ring : kRingShape)
    for (const auto i : kFaceOval)
      points.push_back({centre.x + ring.size * (points[i].x - centre.x),
                        centre.y + ring.size * (points[i].y - centre.y)});
}

struct Bounds {
  Point2 low{kFarAway, kFarAway};
  Point2 high{-kFarAway, -kFarAway};

  void add(Point2 p) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  PixelBox box(int margin) const {
    if (low.x > high.x) return {};
    return {
        static_cast<int>(std::floor(low.x)) - margin, static_cast<int>(std::floor(low.y)) - margin,
        static_cast<int>(std::ceil(high.x)) + margin, static_cast<int>(std::ceil(high.y)) + margin};
  }
};

float area(Point2 a, Point2 b, Point2 c) {
  return (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
}

/// First pixel whose centre is not before v.
int first_pixel(float v) {
  return static_cast<int>(std::ceil(v - 0.5F));
}

/// Maps the pixels of one triangle. Edges are always evaluated from their upper end, so that
/// neighbours meet without gap or overlap.
class TriangleFill {
 public:
  TriangleFill(const PixelBox& window, std::span<Point2> map) : window_(window), map_(map) {}

  void operator()(const std::array<Point2, 3>& to, const std::array<Point2, 3>& from,
                  float twice_area) const {
    std::array<Point2, 3> v = to;
    std::sort(v.begin(), v.end(), [](Point2 p, Point2 q) { return p.y < q.y; });
    const int y_begin = std::max(window_.y0, first_pixel(v[0].y));
    const int y_end = std::min(window_.y1, first_pixel(v[2].y));
    if (y_begin >= y_end) return;
    // source = origin + x * along + y * down
    const float scale = 1 / twice_area;
    const float ux = to[1].x - to[0].x, uy = to[1].y - to[0].y;
    const float wx = to[2].x - to[0].x, wy = to[2].y - to[0].y;
    const auto gradient = [&](float f0, float f1, float f2) {
      return Point2{((f1 - f0) * wy - (f2 - f0) * uy) * scale,
                    ((f2 - f0) * ux - (f1 - f0) * wx) * scale};
    };
    const Point2 gx = gradient(from[0].x, from[1].x, from[2].x);
    const Point2 gy = gradient(from[0].y, from[1].y, from[2].y);
    for (int y = y_begin; y < y_end; ++y) {
      const float cy = static_cast<float>(y) + 0.5F;
      const float long_edge = crossing(v[0], v[2], cy);
      const float short_edge = cy < v[1].y ? crossing(v[0], v[1], cy) : crossing(v[1], v[2], cy);
      const int x_begin = std::max(window_.x0, first_pixel(std::min(long_edge, short_edge)));
      const int x_end = std::min(window_.x1, first_pixel(std::max(long_edge, short_edge)));
      Point2* row =
          map_.data() + static_cast<std::ptrdiff_t>(y - window_.y0) * window_.width() - window_.x0;
      const float dy = cy - to[0].y;
      for (int x = x_begin; x < x_end; ++x) {
        const float dx = static_cast<float>(x) + 0.5F - to[0].x;
        row[x] = {from[0].x + gx.x * dx + gx.y * dy, from[0].y + gy.x * dx + gy.y * dy};
      }
    }
  }

 private:
  static float crossing(Point2 upper, Point2 lower, float y) {
    const float height = lower.y - upper.y;
    return height > 0 ? upper.x + (y - upper.y) * ((lower.x - upper.x) / height) : lower.x;
  }

  PixelBox window_;
  std::span<Point2> map_;
};

}  // namespace

PixelBox PixelBox::intersect(const PixelBox& other) const {
  return {std::max(x0, other.x0), std::max(y0, other.y0), std::min(x1, other.x1),
          std::min(y1, other.y1)};
}

MotionField::MotionField(const FaceTriangles& triangles, const FacePoints& source,
                         const FacePoints& target, Surround surround)
    : source_(source.begin(), source.end()), target_(target.begin(), target.end()) {
  source_.reserve(FaceTriangles::kPoints);
  target_.reserve(FaceTriangles::kPoints);
  if (surround == Surround::kDecay) add_rings(source_, target_);
  if (surround == Surround::kAlike)
    for (std::vector<Point2>* side : {&source_, &target_}) add_larger_borders(*side);
  const int points = static_cast<int>(source_.size());
  Bounds moved, reached;
  float total_area = 0;
  for (const auto& t : triangles.draw_order()) {
    bool moves = false, usable = true;
    for (const int i : t) {
      usable = usable && i < points && near_enough(source_[i]) && near_enough(target_[i]);
      if (!usable) break;
      moves = moves || std::abs(source_[i].x - target_[i].x) > kStill / 2 ||
              std::abs(source_[i].y - target_[i].y) > kStill / 2;
    }
    if (!usable) continue;
    const bool is_ring = t[0] >= kMeshPoints || t[1] >= kMeshPoints || t[2] >= kMeshPoints;
    if (!is_ring) total_area += area(target_[t[0]], target_[t[1]], target_[t[2]]);
    if (moves || !is_ring) drawn_.push_back(t);
    if (!moves) continue;
    for (const int i : t) {
      moved.add(target_[i]);
      reached.add(source_[i]);
    }
  }
  front_ = total_area < 0 ? -1.0F : 1.0F;
  affected_ = moved.box(0);
  // What does not move within the affected box may be read as well.
  reached.add({static_cast<float>(affected_.x0), static_cast<float>(affected_.y0)});
  reached.add({static_cast<float>(affected_.x1), static_cast<float>(affected_.y1)});
  reach_ = reached.box(4);
}

void MotionField::rasterise(const PixelBox& window, std::span<Point2> map) const {
  const TriangleFill fill(window, map);
  for (const bool facing : {false, true})
    for (const auto& t : drawn_) {
      const std::array<Point2, 3> to = {target_[t[0]], target_[t[1]], target_[t[2]]};
      const float twice_area = area(to[0], to[1], to[2]);
      if (std::abs(twice_area) < kSliver || (twice_area * front_ > 0) != facing) continue;
      const std::array<Point2, 3> from = {source_[t[0]], source_[t[1]], source_[t[2]]};
      fill(to, from, twice_area);
    }
}

void fill_identity(const PixelBox& window, std::span<Point2> map) {
  Point2* to = map.data();
  for (int y = window.y0; y < window.y1; ++y)
    for (int x = window.x0; x < window.x1; ++x)
      *to++ = {static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
}

namespace {

/// Where neighbours come from places this far apart (beyond the usual pixel), one part of the head
/// covers another and the edge needs smoothing.
constexpr float kTear = 1.5F;

}  // namespace

void smooth_tears(Image& picture, const PixelBox& window, std::span<const Point2> map,
                  float usual_step) {
  const int width = window.width();
  const float tear = kTear * usual_step;
  std::vector<std::uint8_t> edge(map.size());
  const auto jumps = [tear](Point2 p, Point2 q, float dx, float dy) {
    return std::abs(q.x - p.x - dx) + std::abs(q.y - p.y - dy) > tear;
  };
  for (int y = 0; y + 1 < window.height(); ++y)
    for (int x = 0; x + 1 < width; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * width + x;
      if (jumps(map[i], map[i + 1], usual_step, 0)) edge[i] = edge[i + 1] = 1;
      if (jumps(map[i], map[i + width], 0, usual_step)) edge[i] = edge[i + width] = 1;
    }
  struct Change {
    std::uint8_t* pixel;
    std::array<std::uint8_t, 3> rgb;
  };
  std::vector<Change> changes;
  for (std::size_t i = 0; i < edge.size(); ++i) {
    if (!edge[i]) continue;
    const int x = window.x0 + static_cast<int>(i) % width;
    const int y = window.y0 + static_cast<int>(i) / width;
    std::array<int, 3> sum = {8, 8, 8};
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx) {
        const std::uint8_t* p = picture.at(std::clamp(x + dx, 0, picture.width - 1),
                                           std::clamp(y + dy, 0, picture.height - 1));
        for (int c = 0; c < 3; ++c) sum[c] += (2 - std::abs(dx)) * (2 - std::abs(dy)) * p[c];
      }
    Change change{picture.at(x, y), {}};
    for (int c = 0; c < 3; ++c) change.rgb[c] = static_cast<std::uint8_t>(sum[c] / 16);
    changes.push_back(change);
  }
  for (const Change& change : changes) std::copy_n(change.rgb.begin(), 3, change.pixel);
}

Image warp(const Image& picture, const MotionField& field) {
  Image result = picture;
  const PixelBox window = field.affected().intersect({0, 0, picture.width, picture.height});
  if (window.empty()) return result;
  std::vector<Point2> map(static_cast<std::size_t>(window.width()) * window.height());
  fill_identity(window, map);
  field.rasterise(window, map);

  PixelBox reach = field.reach().intersect({0, 0, picture.width, picture.height});
  if (reach.empty()) reach = {0, 0, picture.width, picture.height};
  const FloatPicture source(picture, reach);
  const auto still = [](Point2 from, int x, int y) {
    return std::abs(from.x - static_cast<float>(x) - 0.5F) < kStill &&
           std::abs(from.y - static_cast<float>(y) - 0.5F) < kStill;
  };
  std::vector<Vec4> row(static_cast<std::size_t>(window.width()));
  for (int y = window.y0; y < window.y1; ++y) {
    const auto from = std::span<const Point2>(map).subspan(
        static_cast<std::size_t>(y - window.y0) * window.width(), window.width());
    for (int x = window.x0; x < window.x1;) {
      while (x < window.x1 && still(from[x - window.x0], x, y)) ++x;
      const int begin = x;
      while (x < window.x1 && !still(from[x - window.x0], x, y)) ++x;
      source.bicubic(from.subspan(begin - window.x0, x - begin), row.data());
      for (int i = begin; i < x; ++i) store(row[i - begin], result.at(i, y));
    }
  }
  smooth_tears(result, window, map, 1);
  return result;
}

}  // namespace visema
