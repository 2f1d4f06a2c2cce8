#pragma once

#include <span>
#include <vector>

#include "visema/core/image.h"
#include "visema/renderer/face_triangles.h"

namespace visema {

/// Half-open box of pixels.
struct PixelBox {
  int x0 = 0;
  int y0 = 0;
  int x1 = 0;
  int y1 = 0;

  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
  bool empty() const { return x1 <= x0 || y1 <= y0; }
  PixelBox intersect(const PixelBox& other) const;
};

/// Where each pixel of a moved face comes from: piecewise affine on the triangles of the face.
/// Triangles that are turned away are drawn first, the near parts of the face last. Points that are
/// not finite or absurdly far away take their triangles out; the picture there stays as it is.
class MotionField {
 public:
  /// What lies around the face.
  enum class Surround {
    kDecay,  // follows the border of the face, less and less, up to rest; both sides share one
             // plane
    kAlike,  // the border of the face made larger, on either side its own
    kNone,   // nothing is moved
  };

  MotionField(const FaceTriangles& triangles, const FacePoints& source, const FacePoints& target,
              Surround surround = Surround::kDecay);

  /// Pixels of the target that can move; every pixel outside maps to itself. Empty when source and
  /// target agree.
  const PixelBox& affected() const { return affected_; }
  /// Pixels of the source that affected pixels are read from.
  const PixelBox& reach() const { return reach_; }

  /// Source position for the centre of each pixel of the window, row by row. Where no triangle lies
  /// the map keeps what it held before.
  void rasterise(const PixelBox& window, std::span<Point2> map) const;

 private:
  std::vector<Point2> source_;  // FaceTriangles::kPoints, or kMeshPoints without surround
  std::vector<Point2> target_;
  float front_ = 1;  // sign of the area of triangles that face the camera
  std::vector<FaceTriangles::Triangle> drawn_;
  PixelBox affected_;
  PixelBox reach_;
};

/// Fills a map with the centres of the window's own pixels.
void fill_identity(const PixelBox& window, std::span<Point2> map);

/// Smooths the pixels of the window, 1-2-1 both ways, where the map jumps because one part of the
/// face covers another. Neighbours usually come from places `usual_step` apart; a place that is NaN
/// jumps nowhere.
void smooth_tears(Image& picture, const PixelBox& window, std::span<const Point2> map,
                  float usual_step);

/// The picture after the motion, Catmull-Rom sampling; pixels that do not move are copied.
Image warp(const Image& picture, const MotionField& field);

}  // namespace visema
