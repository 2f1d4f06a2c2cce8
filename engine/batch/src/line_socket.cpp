#include "line_socket.h"

#include <sys/socket.h>

#include <cerrno>

namespace visema::batch {

bool LineSocket::send(const std::string& line) const {
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t count = ::send(descriptor_, line.data() + done, line.size() - done, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

bool LineSocket::receive(std::vector<std::string>& lines) {
  char buffer[1 << 16];
  const ssize_t count = recv(descriptor_, buffer, sizeof buffer, 0);
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) return false;
  rest_.append(buffer, static_cast<std::size_t>(count));
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    lines.push_back(rest_.substr(begin, end - begin));
    begin = end + 1;
  }
  rest_.erase(0, begin);
  return true;
}

}  // namespace visema::batch
