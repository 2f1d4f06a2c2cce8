#include "durable.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "visema/core/error.h"

namespace visema::batch {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw Error(ErrorCode::kOutput,
              path.string() + ": cannot be written: " + std::generic_category().message(errno));
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : number_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (number_ < 0) fail(path);
  }
  ~Descriptor() { close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

void sync(const std::filesystem::path& path, int flags) {
  const Descriptor file(path, flags);
  if (fsync(file.number()) != 0) fail(path);
}

void write_all(const std::filesystem::path& path, const std::string& text) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = write(file.number(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path);
    done += static_cast<std::size_t>(count);
  }
  if (fsync(file.number()) != 0) fail(path);
}

}  // namespace

void sync_file(const std::filesystem::path& path) {
  sync(path, O_RDONLY);
}

void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) fail(to);
  sync(to.parent_path(), O_RDONLY | O_DIRECTORY);
}

void write_durably(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path part = path.string() + ".part" + std::to_string(getpid());
  try {
    write_all(part, text);
    rename_durably(part, path);
  } catch (const Error&) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw;
  }
}

}  // namespace visema::batch
