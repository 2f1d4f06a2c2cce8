#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "tensor_file_bytes.h"
#include "visema/core/error.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

std::string header_of(const std::map<std::string, Tensor>& tensors,
                      const std::map<std::string, std::string>& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t position = 0;
  for (const auto& [name, tensor] : tensors) {
    std::size_t bytes = dtype_size(tensor.dtype);
    for (const auto dimension : tensor.shape) bytes *= static_cast<std::size_t>(dimension);
    if (dtype_size(tensor.dtype) == 0 || bytes != tensor.bytes.size()) {
      throw Error(ErrorCode::kInternal, "tensor '" + name + "': dtype " + tensor.dtype +
                                            ", shape and " + std::to_string(tensor.bytes.size()) +
                                            " bytes do not agree");
    }
    header[name] = {{"dtype", tensor.dtype},
                    {"shape", tensor.shape},
                    {"data_offsets", {position, position + bytes}}};
    position += bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace

void write_tensor_file(const std::filesystem::path& path,
                       const std::map<std::string, Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::string header = header_of(tensors, metadata);
  std::filesystem::path beside = path;
  beside += '.' + std::to_string(::getpid()) + ".part";
  const auto fail = [&] {
    const int reason = errno;
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    throw Error(ErrorCode::kOutput, "cannot write " + path.string() + ": " + std::strerror(reason));
  };
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(beside.c_str(), "wb"),
                                                       &std::fclose);
  if (!file) fail();
  const std::uint64_t header_size = header.size();
  const auto put = [&](const void* data, std::size_t size) {
    if (size != 0 && std::fwrite(data, 1, size, file.get()) != size) fail();
  };
  put(&header_size, sizeof header_size);
  put(header.data(), header.size());
  for (const auto& [name, tensor] : tensors) put(tensor.bytes.data(), tensor.bytes.size());
  if (std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0) fail();
  if (std::fclose(file.release()) != 0) fail();
  if (std::rename(beside.c_str(), path.c_str()) != 0) fail();
}

std::vector<std::byte> tensor_file_bytes(const std::map<std::string, Tensor>& tensors,
                                         const std::map<std::string, std::string>& metadata) {
  const std::string header = header_of(tensors, metadata);
  const std::uint64_t header_size = header.size();
  std::vector<std::byte> bytes;
  const auto put = [&](std::span<const std::byte> more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
  };
  put(std::as_bytes(std::span(&header_size, 1)));
  put(std::as_bytes(std::span(header)));
  for (const auto& [name, tensor] : tensors) put(tensor.bytes);
  return bytes;
}

}  // namespace visema
