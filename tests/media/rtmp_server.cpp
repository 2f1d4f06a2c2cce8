#include "rtmp_server.h"

#include <algorithm>

#include "live_frames.h"

namespace visema::test {

RtmpServer::RtmpServer(const fs::path& folder) : folder_(folder) {
  fs::create_directories(folder_ / "recorded");
  const std::string place = folder_.string();
  const std::string certify =
      "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout " + place +
      "/key.pem -out " + place + "/cert.pem >/dev/null 2>&1";
  if (std::system(certify.c_str()) != 0) throw std::runtime_error("openssl makes no certificate");
  std::ofstream(folder_ / "nginx.conf")
      << "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;\n"
      << "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n"
      << "daemon off; master_process off;\n"
      << "pid " << place << "/nginx.pid; error_log " << place << "/error.log info;\n"
      << "events { worker_connections 64; }\n"
      << "rtmp { server { listen 127.0.0.1:" << port_ << "; access_log off;\n"
      << "  application live { live on; wait_key on; wait_video on;\n"
      << "    record all; record_path " << place << "/recorded; record_unique on;\n"
      << "    record_suffix -%s.flv; } } }\n"
      << "stream { server { listen 127.0.0.1:" << tls_port_ << " ssl;\n"
      << "  ssl_certificate " << place << "/cert.pem; ssl_certificate_key " << place
      << "/key.pem;\n"
      << "  proxy_pass 127.0.0.1:" << port_ << "; } }\n";
}

void RtmpServer::start() {
  nginx_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-p", folder_.string(), "-e",
                                          (folder_ / "start.log").string(), "-c",
                                          (folder_ / "nginx.conf").string()},
                 folder_ / "nginx.log");
  if (!wait_until([&] {
        return (is_tcp_served(port_) && is_tcp_served(tls_port_)) || !nginx_->running();
      }) ||
      !nginx_->running())
    throw std::runtime_error("nginx does not start: " + read_text(folder_ / "nginx.log") +
                             read_text(folder_ / "error.log"));
}

std::vector<fs::path> RtmpServer::recordings() const {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder_ / "recorded"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace visema::test
