#include <gtest/gtest.h>

#include <algorithm>

#include "live_frames.h"
#include "peer.h"
#include "received.h"

namespace visema {
namespace {

using namespace test;

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

std::size_t segments_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::count_if(fs::directory_iterator(folder), {},
                    [](const auto& entry) { return entry.path().extension() == ".ts"; }));
}

TEST(LiveHls, PlaysWhileItGrowsAndAfterItsEnd) {
  const TempFolder folder;
  const LiveOutputOptions options = live_options();
  const auto playlist = folder / "www/anna/index.m3u8";
  LiveOutput output("hls:" + playlist.parent_path().string(), options);
  for (FrameIndex i = 0; i < 251; ++i) output.push(live_frame(i, options));
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent == 251; }));

  std::string text = read_text(playlist);
  EXPECT_EQ(count(text, "#EXTINF:1.000000"), 6u) << text;
  EXPECT_NE(text.find("#EXT-X-INDEPENDENT-SEGMENTS"), std::string::npos);
  EXPECT_EQ(text.find("#EXT-X-ENDLIST"), std::string::npos);
  EXPECT_EQ(text.find("DISCONTINUITY"), std::string::npos);
  const Received first(playlist.parent_path() / "index-00004.ts");
  EXPECT_EQ(first.frames(), 25);
  EXPECT_TRUE(first.is_whole());
  EXPECT_EQ(first.numbers.front(), 100 % kNumbers);

  output.finish(20s);
  text = read_text(playlist);
  EXPECT_NE(text.find("#EXT-X-ENDLIST"), std::string::npos);
  EXPECT_LE(segments_in(playlist.parent_path()), 8u);
  EXPECT_EQ(count(text, ".tmp"), 0u);
  const Received played(playlist);
  EXPECT_TRUE(played.is_whole());
  EXPECT_EQ(played.frames(), 5 * 25 + 1);
  EXPECT_EQ(played.numbers.back(), 250 % kNumbers);
  for (const auto& entry : fs::directory_iterator(playlist.parent_path()))
    EXPECT_NE(entry.path().extension(), ".tmp");
}

TEST(LiveHls, ANewRunGoesOnInTheSamePlaylist) {
  const TempFolder folder;
  const LiveOutputOptions options = live_options();
  const std::string target = "hls:" + (folder / "it's: anna.m3u8").string();
  for (int run = 0; run < 2; ++run) {
    LiveOutput output(target, options);
    for (FrameIndex i = 0; i < 51; ++i) output.push(live_frame(i, options));
    output.finish(20s);
    EXPECT_EQ(output.statistics().last_error, "");
  }
  const std::string text = read_text(folder / "it's: anna.m3u8");
  EXPECT_EQ(count(text, "#EXTINF:"), 6u) << text;
  EXPECT_EQ(count(text, "#EXT-X-DISCONTINUITY\n"), 1u) << text;
  EXPECT_TRUE(fs::exists(folder / "it's: anna-00005.ts"));
}

TEST(LiveHls, WorksInAFolderThatIsMadeAgain) {
  const TempFolder folder;
  const LiveOutputOptions options = live_options();
  LiveOutput output("hls:" + (folder / "anna").string(), options);
  LiveSource source({&output}, options);
  ASSERT_TRUE(wait_until([&] { return fs::exists(folder / "anna/index.m3u8"); }));
  fs::remove_all(folder / "anna");
  ASSERT_TRUE(wait_for_state(output, LiveState::kLost));
  fs::create_directories(folder / "anna");
  ASSERT_TRUE(wait_until([&] { return fs::exists(folder / "anna/index.m3u8"); }));
  EXPECT_EQ(output.statistics().reconnects, 1);
  source.stop();
  output.finish(20s);
  EXPECT_GT(Received(folder / "anna/index.m3u8").frames(), 0);
}

}  // namespace
}  // namespace visema
