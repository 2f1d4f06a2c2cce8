#pragma once

#include <optional>

#include "media_files.h"
#include "peer.h"

namespace visema::test {

/// nginx with its RTMP module, plain and behind TLS with a certificate that nobody vouches for.
/// What is published is also recorded as a file.
class RtmpServer {
 public:
  static bool installed() {
    return fs::exists("/usr/sbin/nginx") &&
           fs::exists("/usr/lib/nginx/modules/ngx_rtmp_module.so") &&
           fs::exists("/usr/lib/nginx/modules/ngx_stream_module.so") && has_program("openssl");
  }
  explicit RtmpServer(const fs::path& folder);

  /// Returns when it accepts connections.
  void start();
  void kill() { nginx_->kill(); }
  void signal(int number) const { nginx_->signal(number); }

  std::string url() const { return "rtmp://127.0.0.1:" + std::to_string(port_) + "/live/anna"; }
  std::string tls_url() const {
    return "rtmps://127.0.0.1:" + std::to_string(tls_port_) + "/live/anna";
  }
  /// In the order in which they were begun.
  std::vector<fs::path> recordings() const;

 private:
  fs::path folder_;
  int port_ = free_port();
  int tls_port_ = free_port();
  std::optional<Peer> nginx_;
};

}  // namespace visema::test
