#include "shared_picture.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include "visema/core/error.h"
#include "visema/renderer/generator_input.h"

namespace visema::session {
namespace {

constexpr std::size_t kPlanes = kGeneratorInputSize;
constexpr std::size_t kResult = std::size_t{4} * kCropPixels;
constexpr std::size_t kBytes = (kPlanes + kResult) * sizeof(float);
constexpr const char* kName = "visema-picture";  // in /proc

[[noreturn]] void fail() {
  throw Error(ErrorCode::kInternal,
              "no memory to share with another process: " + std::generic_category().message(errno));
}

}  // namespace

SharedPicture SharedPicture::create() {
  FileDescriptor file(memfd_create(kName, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file || ftruncate(file.number(), kBytes) != 0 ||
      fcntl(file.number(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    fail();
  return SharedPicture(std::move(file));
}

SharedPicture::SharedPicture(FileDescriptor file) : file_(std::move(file)) {
  void* data = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_.number(), 0);
  if (data == MAP_FAILED) fail();
  data_ = static_cast<float*>(data);
}

SharedPicture::~SharedPicture() {
  if (data_ != nullptr) munmap(data_, kBytes);
}

SharedPicture::SharedPicture(SharedPicture&& other) noexcept
    : file_(std::move(other.file_)), data_(std::exchange(other.data_, nullptr)) {}

std::span<float> SharedPicture::planes() const {
  return {data_, kPlanes};
}

std::span<float> SharedPicture::result() const {
  return {data_ + kPlanes, kResult};
}

FileDescriptor file_with(std::span<const std::byte> bytes) {
  FileDescriptor file(memfd_create("visema-weights", MFD_CLOEXEC));
  if (!file) fail();
  while (!bytes.empty()) {
    const ssize_t count = write(file.number(), bytes.data(), bytes.size());
    if (count < 0) fail();
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return file;
}

}  // namespace visema::session
