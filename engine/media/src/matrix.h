#pragma once

extern "C" {
#include <libavutil/frame.h>
}

namespace visema::media {

/// Luma weights of red and blue; green has the rest.
struct LumaWeights {
  float red;
  float blue;
};

inline constexpr LumaWeights kBt601{0.299f, 0.114f};     // ITU-R BT.601-7, 2.5.1
inline constexpr LumaWeights kBt709{0.2126f, 0.0722f};   // ITU-R BT.709-6, 3.2
inline constexpr LumaWeights kBt2020{0.2627f, 0.0593f};  // ITU-R BT.2020-2, table 4
inline constexpr LumaWeights kSmpte240{0.212f, 0.087f};  // SMPTE ST 240
inline constexpr LumaWeights kFcc{0.30f, 0.11f};         // FCC 73.682

/// What the frame is marked with; unmarked: BT.709 from 720 lines up, else BT.601.
LumaWeights luma_weights_of(const AVFrame& frame);

/// Marked as full range, or unmarked in a format that always is (yuvj, grey).
bool has_full_range(const AVFrame& frame);

/// The yuvj formats without their j: the same samples, range told elsewhere.
AVPixelFormat without_range(AVPixelFormat format);

}  // namespace visema::media
