// The fuzz targets on their seeds and on damaged copies of them, so that every test run covers them
// whatever the compiler.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "targets.h"

namespace visema::fuzz {
namespace {

using Bytes = std::vector<std::byte>;
using Target = void (*)(std::span<const std::byte>);

constexpr int kDamagedCopies = 300;
constexpr std::size_t kMostCuts = 200;

Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> chars{std::istreambuf_iterator<char>(file), {}};
  Bytes bytes(chars.size());
  std::transform(chars.begin(), chars.end(), bytes.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

std::vector<Bytes> seeds_of(const std::string& name) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(VISEMA_SOURCE_DIR) / "tests/fuzz/seeds" / name))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Bytes> seeds;
  for (const auto& path : paths) seeds.push_back(read_bytes(path));
  return seeds;
}

/// Flips, overwrites, removes or doubles a few bytes.
Bytes damaged(Bytes bytes, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t change = below(4) + 1; change > 0 && !bytes.empty(); --change) {
    const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size()));
    switch (below(4)) {
      case 0:
        *at ^= static_cast<std::byte>(1U << below(8));
        break;
      case 1:
        *at = static_cast<std::byte>(below(256));
        break;
      case 2:
        bytes.erase(at);
        break;
      default:
        bytes.insert(at, *at);
    }
  }
  return bytes;
}

void replay(const std::string& name, Target target) {
  const std::vector<Bytes> seeds = seeds_of(name);
  ASSERT_FALSE(seeds.empty());
  std::mt19937 random(1);
  target({});
  for (const Bytes& seed : seeds) {
    target(seed);
    const std::size_t step = seed.size() / kMostCuts + 1;
    for (std::size_t size = 0; size < seed.size(); size += step)
      target(std::span(seed).first(size));
    for (int copy = 0; copy < kDamagedCopies; ++copy) target(damaged(seed, random));
  }
}

TEST(FuzzReplay, TensorFile) {
  replay("tensor_file", tensor_file);
}
TEST(FuzzReplay, Avatar) {
  replay("avatar", avatar);
}
TEST(FuzzReplay, Config) {
  replay("config", config);
}
TEST(FuzzReplay, Pack) {
  replay("pack", pack);
}
TEST(FuzzReplay, TorchCheckpoint) {
  replay("torch_checkpoint", torch_checkpoint);
}

}  // namespace
}  // namespace visema::fuzz
