#include "messages.h"

#include <gtest/gtest.h>

namespace visema::batch {
namespace {

TEST(Messages, AnOrderArrivesAsItWasSent) {
  const WorkOrder order{"a \"b\"\n",
                        {{"crf", "20"}, {"source", "/p/ä.png"}},
                        "o.mp4",
                        "/out",
                        "key",
                        "face",
                        "sound",
                        "/cache",
                        12345678901,
                        true,
                        {"sync.offset_frames in -1..1"},
                        {"0a1b2", true}};
  const std::string line = line_of(order);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const WorkOrder got = order_of(line);
  EXPECT_EQ(got.id, order.id);
  EXPECT_EQ(got.options, order.options);
  EXPECT_EQ(got.output(), "/out/o.mp4");
  EXPECT_EQ(got.key, "key");
  EXPECT_EQ(got.face_sha256, "face");
  EXPECT_EQ(got.sound_sha256, "sound");
  EXPECT_EQ(got.cache_bytes, 12345678901);
  EXPECT_TRUE(got.evaluate);
  EXPECT_EQ(got.requirements, order.requirements);
  EXPECT_EQ(got.painter.address, "0a1b2");
  EXPECT_TRUE(got.painter.on_cpu);
}

TEST(Messages, AnswersArriveAsTheyWereSent) {
  EXPECT_EQ(std::get<Progress>(message_of(line_of(Progress{0.25}))).part, 0.25);
  EXPECT_EQ(std::get<Warning>(message_of(line_of(Warning{"\xff bad"}))).text, "\xEF\xBF\xBD bad");
  const auto failed = std::get<Failed>(message_of(line_of(Failed{3, "no face"})));
  EXPECT_EQ(failed.code, 3);
  EXPECT_EQ(failed.error, "no face");
  const JobResult result{"abc", 5, 25, 1.5, 2.5, "3", "def", "{}"};
  const auto finished = std::get<Finished>(message_of(line_of(Finished{result, true, {25, 12.5}})));
  EXPECT_TRUE(finished.enrolled);
  EXPECT_EQ(finished.painted.pictures, 25);
  EXPECT_EQ(finished.painted.calls, 12.5);
  EXPECT_EQ(finished.result.output_sha256, "abc");
  EXPECT_EQ(finished.result.measures, "{}");
}

}  // namespace
}  // namespace visema::batch
