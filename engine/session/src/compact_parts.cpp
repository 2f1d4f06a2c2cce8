#include "compact_parts.h"

#include <cstdio>
#include <map>
#include <utility>

#include "compact_files.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/models/tensor_file.h"

namespace visema::session {
namespace {

constexpr std::size_t kHeaderBytes = 1024;  // of a part, beside its groups
constexpr std::size_t kBlobHeader = 128;    // name, shape and place of a tensor

std::string group_text(const CompactGroup& group) {
  return group.clips.dump();
}

/// Most that a group adds to a part: the list of clips is a text within a text.
std::size_t bytes_of(const CompactGroup& group) {
  std::size_t quotes = 0;
  const std::string text = group_text(group);
  for (const char c : text) quotes += c == '"' || c == '\\' ? 1 : 0;
  return group.bytes() + group.blobs.size() * kBlobHeader + text.size() + quotes + 1;
}

}  // namespace

PartWriter::PartWriter(std::filesystem::path folder, std::size_t most_bytes)
    : folder_(std::move(folder)), most_bytes_(most_bytes), bytes_(kHeaderBytes) {}

std::filesystem::path PartWriter::path_of(std::size_t number) const {
  char name[40];
  std::snprintf(name, sizeof name, "part-%03zu.safetensors", number);
  return folder_ / name;
}

void PartWriter::add(CompactGroup group) {
  const std::size_t bytes = bytes_of(group);
  if (kHeaderBytes + bytes > most_bytes_)
    throw Error(ErrorCode::kUsage, "parts of " + std::to_string(most_bytes_) +
                                       " bytes: too small, the clips from " +
                                       group.clips.at(0).at("id").get<std::string>() + " on need " +
                                       std::to_string(kHeaderBytes + bytes));
  if (bytes_ + bytes > most_bytes_) flush();
  groups_.push_back(std::move(group));
  bytes_ += bytes;
}

void PartWriter::flush() {
  std::map<std::string, Tensor> tensors;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  Part part;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    for (const auto& [name, blob] : groups_[i].blobs)
      tensors[std::to_string(i) + "/" + name] = {
          "U8", {static_cast<std::int64_t>(blob.size())}, blob};
    list.push_back(groups_[i].clips);
    part.clips += groups_[i].clips.size();
  }
  const auto path = path_of(parts_.size());
  write_tensor_file(
      path, tensors,
      {{"visema", "part of a compact training pack, version 1"}, {"groups", list.dump()}});
  part.name = path.filename().string();
  part.sha256 = sha256_hex_of_file(path);
  part.bytes = size_of(path);
  if (part.bytes > most_bytes_)
    throw Error(ErrorCode::kInternal, path.string() + ": has " + std::to_string(part.bytes) +
                                          " bytes, wanted " + std::to_string(most_bytes_) +
                                          " at most");
  parts_.push_back(std::move(part));
  groups_.clear();
  bytes_ = kHeaderBytes;
}

void PartWriter::finish() {
  if (!groups_.empty()) flush();
  for (std::size_t i = parts_.size(); remove_file(path_of(i)); ++i) {
  }
}

}  // namespace visema::session
