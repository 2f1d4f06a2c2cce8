#include "session_fixture.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <numeric>

namespace visema::session {
namespace {

template <typename T>
void put(std::ofstream& file, T value) {
  file.write(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

void write_wav(const std::filesystem::path& path, const std::vector<float>& samples, int rate_hz) {
  std::ofstream file(path, std::ios::binary);
  const auto bytes = static_cast<std::uint32_t>(samples.size() * 2);
  file.write("RIFF", 4);
  put<std::uint32_t>(file, 36 + bytes);
  file.write("WAVEfmt ", 8);
  put<std::uint32_t>(file, 16);
  put<std::uint16_t>(file, 1);
  put<std::uint16_t>(file, 1);
  put<std::uint32_t>(file, static_cast<std::uint32_t>(rate_hz));
  put<std::uint32_t>(file, static_cast<std::uint32_t>(rate_hz) * 2);
  put<std::uint16_t>(file, 2);
  put<std::uint16_t>(file, 16);
  file.write("data", 4);
  put<std::uint32_t>(file, bytes);
  for (const float sample : samples)
    put<std::int16_t>(
        file, static_cast<std::int16_t>(std::lround(std::clamp(sample, -1.F, 1.F) * 32767)));
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const std::size_t n = std::min(a.size(), b.size());
  if (n < 2) return 0;
  const double mean_a = std::accumulate(a.begin(), a.begin() + static_cast<long>(n), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.begin() + static_cast<long>(n), 0.0) / n;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < n; ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

}  // namespace visema::session
