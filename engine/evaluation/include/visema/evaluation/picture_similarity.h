#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"

namespace visema {

/// How alike two pictures of one size are.
struct Similarity {
  double mse = 0;      // of R, G and B, 8-bit levels
  double ssim = 0;     // Wang et al. 2004, of luma: Gaussian window 11x11 of deviation 1.5
  double ms_ssim = 0;  // Wang et al. 2003: as many of the five scales as the picture has, exponents
                       // made to sum to 1
};

/// Pictures larger than 256 on their shorter side are first made smaller by a whole factor for
/// ssim and ms_ssim, as the authors of SSIM do. Pictures smaller than 11 have ssim and ms_ssim 1.
Similarity compare(const Image& a, const Image& b);

/// PSNR in dB of a mean squared error; 100 for equal pictures.
double psnr_db(double mse);

/// Where to look, in pixels of the real picture.
struct PictureBox {
  float x = 0, y = 0, side = 0;  // left, top, width and height
};
/// Square around the mesh with a tenth of margin.
PictureBox face_box(const FaceMesh& px);
/// Square around the lips, 1.6 times their width.
PictureBox mouth_box(const FaceMesh& px);
/// The box as a square picture of `size` pixels.
Image cut(const Image& picture, const PictureBox& box, int size);

/// Another size: the mean over what a pixel covers, linear where it covers less than one.
Image resized(const Image& picture, int width, int height);

inline constexpr int kFaceCut = 256;
inline constexpr int kMouthCut = 96;

/// Mean of similarities; PSNR of the mean error, not the mean of PSNRs.
class SimilarityMean {
 public:
  void push(const Similarity& one);
  struct Result {
    double psnr_db = 0;
    double ssim = 0;
    double ms_ssim = 0;
  };
  std::optional<Result> result() const;

 private:
  std::int64_t count_ = 0;
  Similarity sum_;
};

}  // namespace visema
