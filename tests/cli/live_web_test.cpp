#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "peer.h"
#include "program.h"

namespace visema::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::Peer;

constexpr int kInterrupted = 130;
const std::filesystem::path kRoot = VISEMA_SOURCE_DIR;
const std::filesystem::path kPortrait = kRoot / ".cache/demo/astronaut.png";  // 512x512
const std::filesystem::path kVoice = kRoot / ".cache/demo/voice.wav";
const std::filesystem::path kHlsJs = kRoot / ".cache/web/hls.min.js";

/// False after a limit that only a broken program reaches.
bool wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 3min;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(50ms);
  }
  return true;
}

class LiveWebTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (!test::has_program("chromium") || !std::filesystem::exists("/usr/sbin/nginx") ||
        !std::filesystem::exists(kHlsJs))
      GTEST_SKIP() << "needs nginx, chromium and hls.js (scripts/setup.sh live)";
    if (!std::filesystem::exists(kPortrait) ||
        !std::filesystem::exists(VISEMA_BINARY_DIR "/share/visema/weights/renderer.safetensors"))
      GTEST_SKIP() << "demo files (scripts/setup.sh demo) or weights are not here";
    const auto www = folder_ / "www";
    std::filesystem::create_directories(www);
    std::filesystem::copy_file(kRoot / "assets/deploy/web/live.html", www / "live.html");
    std::filesystem::copy_file(kRoot / "tests/cli/live_web_check.html", www / "check.html");
    std::filesystem::copy_file(kHlsJs, www / "hls.min.js");
    std::filesystem::copy_file(kPortrait, www / "face.png");
    write("nginx.conf",
          "daemon off; master_process off; pid nginx.pid; error_log error.log;\n"
          "events { worker_connections 64; }\n"
          "http { access_log off; client_body_temp_path body;\n"
          "  server { listen 127.0.0.1:" +
              std::to_string(port_) +
              "; root www;\n"
              "    types { text/html html; text/javascript js; image/png png;\n"
              "            application/vnd.apple.mpegurl m3u8; video/mp2t ts; }\n"
              "    add_header Cache-Control no-cache;\n"
              "    location = /report.json { dav_methods PUT; } } }\n");
  }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  /// What the page says; null: nothing yet.
  json report() const {
    return json::parse(read_text(folder_ / "www/report.json"), nullptr, false);
  }
  std::string logs() const {
    return read_text(folder_ / "error.log") + read_text(folder_ / "chromium.log") +
           read_text(folder_ / ".err");
  }

  const int port_ = test::free_port();
};

TEST_F(LiveWebTest, ABrowserPlaysTheStreamWithHlsJs) {
  Peer nginx({"/usr/sbin/nginx", "-p", folder_.string(), "-e", path("error.log"), "-c",
              path("nginx.conf")},
             folder_ / "nginx.log");
  Program live({"live", "--source", kPortrait.string(), "--input", kVoice.string(), "--control",
                "unix:control.sock", "--to", "hls:www/anna"},
               folder_);
  ASSERT_TRUE(wait_until([&] {
    return std::filesystem::exists(folder_ / "www/anna/index.m3u8") && test::is_tcp_served(port_);
  })) << logs();
  Peer browser(
      {"chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
       "--mute-audio", "--no-first-run", "--disable-background-networking",
       "--autoplay-policy=no-user-gesture-required", "--user-data-dir=" + path("profile"),
       "http://127.0.0.1:" + std::to_string(port_) + "/check.html"},
      folder_ / "chromium.log");
  json first;
  json last;
  double moved = 0;  // most that the picture changed between two reports
  ASSERT_TRUE(wait_until([&] {
    last = report();
    if (!last.is_object() || last["time_s"] == 0 || last["pictures"] == 0) return false;
    if (first.is_null())
      first = last;
    else
      moved = std::max(moved, last["from_before"].get<double>());
    return moved > 0 && last["time_s"].get<double>() >= first["time_s"].get<double>() + 4;
  })) << first
      << last << logs();
  EXPECT_EQ(last["errors"], json::array());
  EXPECT_EQ(last["live"], true);
  EXPECT_EQ(last["width"], 512);
  EXPECT_EQ(last["height"], 512);
  EXPECT_GE(last["pictures"].get<int>() - first["pictures"].get<int>(), 25);
  EXPECT_GT(last["sound_bytes"].get<int>(), first["sound_bytes"].get<int>());
  EXPECT_GT(last["latency_s"].get<double>(), 0);
  EXPECT_LT(last["latency_s"].get<double>(), 12);
  EXPECT_LT(last["from_face"].get<double>(), 15) << "another picture than the portrait";
  std::printf("the browser is %.1f s behind, %d pictures\n", last["latency_s"].get<double>(),
              last["pictures"].get<int>());

  browser.signal(SIGTERM);
  browser.wait();
  live.signal(SIGINT);
  EXPECT_EQ(live.wait().code, kInterrupted);
  EXPECT_THAT(read_text(folder_ / "www/anna/index.m3u8"), testing::HasSubstr("#EXT-X-ENDLIST"));
}

}  // namespace
}  // namespace visema::cli
