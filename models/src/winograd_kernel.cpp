#include "winograd_kernel.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernel_variants.h"

namespace visema {
namespace {

constexpr int kTile = 4;   // side of a tile of the output
constexpr int kPatch = 6;  // side of what it is made of
constexpr int kPlaces = kPatch * kPatch;
constexpr std::int64_t kTilesTogether = 48;

/// Transform of the kernel, G of Lavin and Gray.
constexpr std::array<std::array<double, 3>, kPatch> kG = {{{1.0 / 4, 0, 0},
                                                           {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                                           {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                                           {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                                           {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                                           {0, 0, 1}}};

struct Grid {
  std::int64_t height, width, columns;  // of pixels; tiles in a row
  std::int64_t first, tiles;            // worked on together
};

struct PatchJob {
  Grid grid;
  const float* from;
  std::int64_t ins;
  float* patches;  // [36, tiles, ins]
};

struct TileJob {
  Grid grid;
  const float* sums;  // [36, tiles, outs]
  const float* bias;
  const float* added;
  float slope;
  std::int64_t outs;
  float* to;
};

/// No vector is returned: its way would depend on the variant.
template <typename V>
VISEMA_INLINE void load(const float* from, V& value) {
  std::memcpy(&value, from, sizeof value);
}

/// B^T x for six values.
template <typename V>
VISEMA_INLINE void patch_line(V x[kPatch]) {
  const V a = x[4] - 4.0F * x[2], b = x[3] - 4.0F * x[1];
  const V c = x[4] - x[2], d = 2.0F * (x[3] - x[1]);
  const V first = 4.0F * x[0] - 5.0F * x[2] + x[4];
  const V last = 4.0F * x[1] - 5.0F * x[3] + x[5];
  x[0] = first;
  x[1] = a + b;
  x[2] = a - b;
  x[3] = c + d;
  x[4] = c - d;
  x[5] = last;
}

/// A^T x: six values to four.
template <typename V>
VISEMA_INLINE void tile_line(V x[kPatch]) {
  const V a = x[1] + x[2], b = x[1] - x[2];
  const V c = x[3] + x[4], d = x[3] - x[4];
  x[0] = x[0] + a + c;
  x[1] = b + 2.0F * d;
  x[2] = a + 4.0F * c;
  x[3] = b + 8.0F * d + x[5];
}

/// Channels [c, c + kWidth<V>) of one patch.
template <typename V>
VISEMA_INLINE void patch_channels(const PatchJob& job, std::int64_t tile, std::int64_t top,
                                  std::int64_t left, std::int64_t c) {
  V x[kPatch][kPatch];
  for (int i = 0; i < kPatch; ++i)
    for (int j = 0; j < kPatch; ++j) {
      const std::int64_t row = top + i, column = left + j;
      const bool inside =
          row >= 0 && row < job.grid.height && column >= 0 && column < job.grid.width;
      x[i][j] = V{};
      if (inside) load(job.from + (row * job.grid.width + column) * job.ins + c, x[i][j]);
    }
  for (int i = 0; i < kPatch; ++i) patch_line<V>(x[i]);
  for (int j = 0; j < kPatch; ++j) {
    V column[kPatch];
    for (int i = 0; i < kPatch; ++i) column[i] = x[i][j];
    patch_line<V>(column);
    for (int i = 0; i < kPatch; ++i)
      std::memcpy(job.patches + ((i * kPatch + j) * job.grid.tiles + tile) * job.ins + c,
                  &column[i], sizeof(V));
  }
}

template <typename V>
VISEMA_INLINE void patches_body(const PatchJob& job) {
  for (std::int64_t tile = 0; tile < job.grid.tiles; ++tile) {
    const std::int64_t place = job.grid.first + tile;
    const std::int64_t top = place / job.grid.columns * kTile - 1;
    const std::int64_t left = place % job.grid.columns * kTile - 1;
    std::int64_t c = 0;
    for (; c + kWidth<V> <= job.ins; c += kWidth<V>) patch_channels<V>(job, tile, top, left, c);
    for (; c + 4 <= job.ins; c += 4) patch_channels<Sse>(job, tile, top, left, c);
    for (; c < job.ins; ++c) patch_channels<float>(job, tile, top, left, c);
  }
}

/// Channels [c, c + kWidth<V>) of one tile of the output.
template <typename V>
VISEMA_INLINE void tile_channels(const TileJob& job, std::int64_t tile, std::int64_t top,
                                 std::int64_t left, std::int64_t c) {
  V x[kPatch][kPatch];
  for (int i = 0; i < kPatch; ++i)
    for (int j = 0; j < kPatch; ++j)
      load(job.sums + ((i * kPatch + j) * job.grid.tiles + tile) * job.outs + c, x[i][j]);
  for (int i = 0; i < kPatch; ++i) tile_line<V>(x[i]);
  V bias, added{};
  load(job.bias + c, bias);
  for (int j = 0; j < kTile; ++j) {
    V column[kPatch];
    for (int i = 0; i < kPatch; ++i) column[i] = x[i][j];
    tile_line<V>(column);
    for (int i = 0; i < kTile; ++i) {
      if (top + i >= job.grid.height || left + j >= job.grid.width) continue;
      const std::int64_t at = ((top + i) * job.grid.width + left + j) * job.outs + c;
      V value = column[i] + bias;
      if (job.added != nullptr) load(job.added + at, added);
      value += added;
      value = value > 0 ? value : value * job.slope;
      std::memcpy(job.to + at, &value, sizeof value);
    }
  }
}

template <typename V>
VISEMA_INLINE void tiles_body(const TileJob& job) {
  for (std::int64_t tile = 0; tile < job.grid.tiles; ++tile) {
    const std::int64_t place = job.grid.first + tile;
    const std::int64_t top = place / job.grid.columns * kTile;
    const std::int64_t left = place % job.grid.columns * kTile;
    std::int64_t c = 0;
    for (; c + kWidth<V> <= job.outs; c += kWidth<V>) tile_channels<V>(job, tile, top, left, c);
    for (; c + 4 <= job.outs; c += 4) tile_channels<Sse>(job, tile, top, left, c);
    for (; c < job.outs; ++c) tile_channels<float>(job, tile, top, left, c);
  }
}

VISEMA_VARIANTS(patches, PatchJob)
VISEMA_VARIANTS(tiles, TileJob)

/// Place (i, j) of the transformed kernels, [outs, ins].
std::vector<float> transformed(std::span<const float> weight, std::int64_t pairs, int i, int j) {
  std::vector<float> result(static_cast<std::size_t>(pairs));
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    double sum = 0;
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) sum += kG[i][a] * weight[pair * 9 + a * 3 + b] * kG[j][b];
    result[static_cast<std::size_t>(pair)] = static_cast<float>(sum);
  }
  return result;
}

}  // namespace

WinogradKernel::WinogradKernel(std::span<const float> weight, std::span<const float> bias,
                               std::int64_t outs, std::int64_t ins)
    : ins_(ins), outs_(outs), bias_(bias.begin(), bias.end()) {
  for (int i = 0; i < kPatch; ++i)
    for (int j = 0; j < kPatch; ++j)
      products_.emplace_back(transformed(weight, outs * ins, i, j), std::span<const float>{}, outs,
                             ins);
}

void WinogradKernel::run(const float* from, float* to, std::int64_t height, std::int64_t width,
                         const Ending& ending, std::int64_t begin, std::int64_t end) const {
  thread_local std::vector<float> patches_memory, sums_memory;
  Grid grid{height, width, (width + kTile - 1) / kTile, 0, 0};
  const std::int64_t last = end * grid.columns;
  for (grid.first = begin * grid.columns; grid.first < last; grid.first += kTilesTogether) {
    grid.tiles = std::min(kTilesTogether, last - grid.first);
    patches_memory.resize(static_cast<std::size_t>(kPlaces * grid.tiles * ins_));
    sums_memory.resize(static_cast<std::size_t>(kPlaces * grid.tiles * outs_));
    patches({grid, from, ins_, patches_memory.data()});
    for (int place = 0; place < kPlaces; ++place)
      products_[static_cast<std::size_t>(place)].run(
          &patches_memory[static_cast<std::size_t>(place * grid.tiles * ins_)],
          &sums_memory[static_cast<std::size_t>(place * grid.tiles * outs_)], grid.tiles);
    tiles({grid, sums_memory.data(), bias_.data(), ending.added, ending.slope, outs_, to});
  }
}

}  // namespace visema
