#include "visema/renderer/cover_finder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "visema/core/face_points.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

constexpr int kWidth = kCoverWidth;
constexpr int kHeight = kCoverHeight;
constexpr float kSteps = 16;  // a unit of unlikeness as a byte
constexpr std::uint8_t kUnknown = 255;

// Unlikeness (FaceAppearance::unlike) in kSteps.
constexpr std::uint8_t kSure = 48;      // surely something else
constexpr std::uint8_t kLikely = 35;    // something else beside a frame that is covered
constexpr std::uint8_t kPossible = 26;  // something else beside what is

// Texels of a piece, of (2.2 mm)^2 in a usual face.
constexpr int kLeastSure = 16;   // for a frame to be covered
constexpr int kLeastLikely = 8;  // and beside one that is
constexpr int kLeastPiece = 24;  // of a piece with its less sure parts

/// Of all faces: where more are covered, the bare face is not what was learnt.
constexpr float kMostCovered = 0.35F;

constexpr int kClosing = 4;       // texels: gaps between fingers, the mouth behind a hand
constexpr int kGrow = 3;          // texels: from where it is unlike to where it ends
constexpr float kBeside = 0.45F;  // of the face's size: how far a cover reaches out of the face

/// A picture of kCoverTexels.
using Cells = std::vector<std::uint8_t>;

bool inside(int x, int y) {
  return x >= 0 && y >= 0 && x < kWidth && y < kHeight;
}

/// The greatest (or least) value around each cell, in a square.
template <typename Better>
Cells extreme(const Cells& from, int reach, Better better) {
  Cells rows = from, to(from.size());
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      for (int u = std::max(0, x - reach); u <= std::min(kWidth - 1, x + reach); ++u)
        rows[y * kWidth + x] = better(rows[y * kWidth + x], from[y * kWidth + u]);
  to = rows;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      for (int v = std::max(0, y - reach); v <= std::min(kHeight - 1, y + reach); ++v)
        to[y * kWidth + x] = better(to[y * kWidth + x], rows[v * kWidth + x]);
  return to;
}
Cells dilated(const Cells& cells, int reach) {
  return extreme(cells, reach, [](auto a, auto b) { return std::max(a, b); });
}
Cells eroded(const Cells& cells, int reach) {
  return extreme(cells, reach, [](auto a, auto b) { return std::min(a, b); });
}

Cells blurred(const Cells& cells) {
  Cells to(cells.size());
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      int sum = 0;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          sum += (2 - std::abs(dx)) * (2 - std::abs(dy)) *
                 cells[std::clamp(y + dy, 0, kHeight - 1) * kWidth +
                       std::clamp(x + dx, 0, kWidth - 1)];
      to[y * kWidth + x] = static_cast<std::uint8_t>((sum + 8) / 16);
    }
  return to;
}

/// Calls `piece` with the cells of each connected piece of what `holds`.
template <typename Holds, typename Piece>
void each_piece(Holds holds, Piece piece) {
  std::vector<std::uint8_t> done(kCoverTexels);
  std::vector<int> cells;
  for (int first = 0; first < kCoverTexels; ++first) {
    if (done[first] || !holds(first)) continue;
    cells.assign(1, first);
    done[first] = 1;
    for (std::size_t next = 0; next < cells.size(); ++next) {
      const int x = cells[next] % kWidth, y = cells[next] / kWidth;
      constexpr std::array<std::pair<int, int>, 4> kSides = {{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}};
      for (const auto& [dx, dy] : kSides) {
        const int i = (y + dy) * kWidth + x + dx;
        if (!inside(x + dx, y + dy) || done[i] || !holds(i)) continue;
        done[i] = 1;
        cells.push_back(i);
      }
    }
    piece(std::as_const(cells));
  }
}

/// Cells that are something else: pieces of at least kLeastPiece with at least `least` cells of
/// `sure` in them.
Cells pieces(const Cells& unlike, std::uint8_t sure, int least) {
  Cells found(kCoverTexels);
  const auto level = [&](int i) { return unlike[i] == kUnknown ? 0 : unlike[i]; };
  each_piece([&](int i) { return level(i) >= kPossible; },
             [&](const std::vector<int>& piece) {
               const auto count = std::count_if(piece.begin(), piece.end(),
                                                [&](int i) { return level(i) >= sure; });
               if (count < least || static_cast<int>(piece.size()) < kLeastPiece) return;
               for (const int i : piece) found[i] = 255;
             });
  return found;
}

/// Fills what the pieces enclose.
void fill_holes(Cells& cells) {
  each_piece([&](int i) { return cells[i] == 0; },
             [&](const std::vector<int>& piece) {
               const bool open = std::any_of(piece.begin(), piece.end(), [](int i) {
                 const int x = i % kWidth, y = i / kWidth;
                 return x == 0 || y == 0 || x + 1 == kWidth || y + 1 == kHeight;
               });
               if (open) return;
               for (const int i : piece) cells[i] = 255;
             });
}

/// Carries what is at the border of the face out of it, less and less.
void reach_out(const FacePoints& layout, Cells& cells) {
  Point2 centre;
  for (const auto i : kFaceOval)
    centre = {centre.x + layout[i].x / kFaceOval.size(), centre.y + layout[i].y / kFaceOval.size()};
  std::vector<float> oval(kAtlasTexels);
  std::array<Point2, kFaceOval.size()> contour;
  for (std::size_t i = 0; i < contour.size(); ++i) contour[i] = layout[kFaceOval[i]];
  constexpr float kReach = 60;
  contour_distance(contour, kAtlasSide, kReach, oval);
  constexpr float kWithin = 3;  // texels from the border to what is judged
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const auto distance = [&](float u, float v) {
        const int i = std::clamp(static_cast<int>(v), 0, kAtlasSide - 1) * kAtlasSide +
                      std::clamp(static_cast<int>(u), 0, kAtlasSide - 1);
        return oval[i];
      };
      const float px = static_cast<float>(x) + 0.5F, py = static_cast<float>(y + kCoverTop) + 0.5F;
      if (distance(px, py) >= kWithin) continue;
      const float radius = std::max(std::hypot(px - centre.x, py - centre.y), 1.0F);
      const float ux = (centre.x - px) / radius, uy = (centre.y - py) / radius;
      float in = 0;
      while (in < radius && distance(px + in * ux, py + in * uy) < kWithin) in += 1;
      const int row = static_cast<int>(py + in * uy) - kCoverTop;
      if (row < 0) continue;
      const float out = in / std::max(radius - in, 1.0F);  // beyond the border, of its radius
      const float share = std::clamp(2 - 2 * out / kBeside, 0.0F, 1.0F);
      const auto border = static_cast<float>(cells[row * kWidth + static_cast<int>(px + in * ux)]);
      cells[y * kWidth + x] =
          std::max(cells[y * kWidth + x], static_cast<std::uint8_t>(share * border));
    }
}

}  // namespace

CoverFinder::CoverFinder(const FaceAtlas& atlas, FaceAppearance appearance)
    : layout_(atlas.layout()), appearance_(std::move(appearance)), on_lips_(kCoverTexels) {
  std::array<Point2, kOuterLips.size()> contour;
  for (std::size_t i = 0; i < contour.size(); ++i) contour[i] = layout_[kOuterLips[i]];
  std::vector<float> distance(kAtlasTexels);
  contour_distance(contour, kAtlasSide, 1, distance);
  for (int i = 0; i < kCoverTexels; ++i)
    on_lips_[i] = distance[kCoverTop * kAtlasSide + i] > 0 ? 1 : 0;
}

void CoverFinder::add(FrameIndex frame, const FlatFace* face) {
  end_ = frame + 1;
  if (face == nullptr) return;
  ++faces_;
  const std::vector<float> unlike = appearance_.unlike(*face);
  Suspect suspect{Cells(kCoverTexels), 0};
  int likely = 0;
  for (int i = 0; i < kCoverTexels; ++i) {
    const float v = unlike[kCoverTop * kAtlasSide + i];
    suspect.unlike[i] = v < 0 ? kUnknown : static_cast<std::uint8_t>(std::min(v * kSteps, 254.0F));
    likely += v >= 0 && suspect.unlike[i] >= kLikely;
    suspect.sure += v >= 0 && suspect.unlike[i] >= kSure;
  }
  if (likely >= kLeastLikely) suspects_.emplace(frame, std::move(suspect));
}

std::vector<FrameIndex> CoverFinder::covered_frames() const {
  const auto sure = [&](FrameIndex frame) {
    const auto found = suspects_.find(frame);
    return found != suspects_.end() && found->second.sure >= kLeastSure;
  };
  std::vector<FrameIndex> covered;
  for (const auto& [frame, suspect] : suspects_)
    if (sure(frame) && (sure(frame - 1) || sure(frame + 1))) covered.push_back(frame);
  return covered;
}

std::vector<FaceCover> CoverFinder::finish() const {
  std::map<FrameIndex, Cells> found;
  const auto take = [&](FrameIndex frame, std::uint8_t sure, int least) {
    const auto suspect = suspects_.find(frame);
    if (suspect == suspects_.end() || found.count(frame) > 0) return false;
    Cells cells = pieces(suspect->second.unlike, sure, least);
    if (std::none_of(cells.begin(), cells.end(), [](auto v) { return v > 0; })) return false;
    found.emplace(frame, std::move(cells));
    return true;
  };
  const std::vector<FrameIndex> sure = covered_frames();
  if (static_cast<float>(sure.size()) > kMostCovered * static_cast<float>(faces_)) return {};
  for (const FrameIndex frame : sure) take(frame, kLikely, kLeastSure);
  for (const FrameIndex frame : sure)
    for (const int step : {-1, 1})
      for (FrameIndex next = frame + step; take(next, kLikely, kLeastLikely); next += step) {
      }

  std::map<FrameIndex, Cells> masks;
  for (auto& [frame, cells] : found) {
    Cells mask = eroded(dilated(cells, kClosing), kClosing);
    fill_holes(mask);
    mask = dilated(mask, kGrow);
    reach_out(layout_, mask);
    mask = blurred(mask);
    for (const FrameIndex beside : {frame - 1, frame, frame + 1}) {
      if (beside < 0 || beside >= end_) continue;
      Cells& there = masks.try_emplace(beside, kCoverTexels).first->second;
      for (int i = 0; i < kCoverTexels; ++i)
        there[i] = std::max<std::uint8_t>(there[i], beside == frame ? mask[i] : mask[i] / 2);
    }
  }
  std::vector<FaceCover> covers;
  for (auto& [frame, mask] : masks) {
    int lips = 0, covered = 0;
    for (int i = 0; i < kCoverTexels; ++i) {
      lips += on_lips_[i];
      covered += on_lips_[i] * mask[i];
    }
    covers.push_back(
        {frame, std::move(mask), static_cast<float>(covered) / 255 / std::max(lips, 1)});
  }
  return covers;
}

}  // namespace visema
