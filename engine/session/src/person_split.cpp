#include "person_split.h"

#include <cmath>
#include <cstdlib>
#include <map>

#include "visema/core/sha256.h"

namespace visema::session {
namespace {

struct Cluster {
  std::string name;
  std::vector<double> sum;
};

double cosine(const std::vector<double>& a, const std::vector<float>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return ab / std::sqrt(aa * bb + 1e-12);
}

/// The salt is fixed for good: with it no person who makes up a large share of the clips is held
/// out.
constexpr const char* kSplitSalt = "2:";

bool hashed_to_validation(const std::string& person) {
  const std::string salted = kSplitSalt + person;
  const std::string digest = sha256_hex(std::as_bytes(std::span(salted)));
  return std::strtol(digest.substr(0, 4).c_str(), nullptr, 16) % 10 == 0;
}

}  // namespace

void cluster_unlabelled(std::vector<ClipData>& clips, double same_person) {
  std::map<std::string, std::vector<Cluster>> clusters_of_source;
  for (ClipData& clip : clips) {
    if (!clip.person.empty() || !clip.dropped.empty()) continue;
    if (clip.embedding.empty()) {
      clip.person = clip.source + ":unknown";
      continue;
    }
    auto& clusters = clusters_of_source[clip.source];
    Cluster* best = nullptr;
    double best_cosine = same_person;
    for (Cluster& cluster : clusters) {
      const double value = cosine(cluster.sum, clip.embedding);
      if (value >= best_cosine) {
        best = &cluster;
        best_cosine = value;
      }
    }
    if (best == nullptr) {
      clusters.push_back({clip.source + ":" + std::to_string(clusters.size()),
                          std::vector<double>(clip.embedding.size(), 0.0)});
      best = &clusters.back();
    }
    for (std::size_t i = 0; i < clip.embedding.size(); ++i) best->sum[i] += clip.embedding[i];
    clip.person = best->name;
  }
}

void split_by_person(std::vector<ClipData>& clips) {
  for (ClipData& clip : clips) clip.split = hashed_to_validation(clip.person) ? "val" : "train";
}

}  // namespace visema::session
