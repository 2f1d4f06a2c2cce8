#include "job_key.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <span>
#include <system_error>

#include "visema/core/error.h"
#include "visema/core/sha256.h"

namespace visema::batch {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
/// A file may change again within the resolution of its time, unseen: younger ones are not trusted.
constexpr std::int64_t kSettledNs = 2 * kSecondNs;

std::string sha256_of(const std::string& text) {
  return sha256_hex(std::as_bytes(std::span(text)));
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string hash_of(const std::string& path, Ledger& ledger) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0)
    throw Error(ErrorCode::kInput,
                path + ": cannot be read: " + std::generic_category().message(errno));
  const std::int64_t mtime_ns = status.st_mtim.tv_sec * kSecondNs + status.st_mtim.tv_nsec;
  std::string hash = ledger.known_hash(path, status.st_size, mtime_ns);
  if (!hash.empty()) return hash;
  const bool settled = now_ns() - mtime_ns > kSettledNs;
  hash = sha256_hex_of_file(path);
  if (settled) ledger.remember_hash(path, status.st_size, mtime_ns, hash);
  return hash;
}

/// Where files lie and how many threads work on them changes no picture.
bool changes_pictures(const std::string& option) {
  for (const char* other : {"source", "avatar", "audio", "models", "weights", "threads"})
    if (option == other) return false;
  return true;
}

bool names_weights(const Job& job) {
  const auto weights = job.options.find("weights");
  return weights != job.options.end() && !weights->second.empty();
}

}  // namespace

JobKey key_of(const Job& job, const std::string& models, const std::string& judgement,
              Ledger& ledger) {
  std::string options = judgement + '\n';
  const std::string background = job.background();
  for (const auto& [name, text] : job.options) {
    if (!changes_pictures(name) || ((name == "quality" || name == "look-ahead") && text == "auto"))
      continue;
    const bool file = name == "background" && !background.empty();
    options.append(name).append("=").append(file ? hash_of(background, ledger) : text).append("\n");
  }
  // Weights that are named keep an adapted avatar's own generator out, even where their content is
  // the installed one's.
  if (!job.options.at("avatar").empty() && names_weights(job)) options += "generator=weights\n";
  JobKey key;
  key.options_sha256 = sha256_of(options);
  key.face_sha256 = hash_of(job.face(), ledger);
  key.sound_sha256 = hash_of(job.sound(), ledger);
  key.key = sha256_of(key.options_sha256 + key.face_sha256 + key.sound_sha256 + models + job.out);
  return key;
}

}  // namespace visema::batch
