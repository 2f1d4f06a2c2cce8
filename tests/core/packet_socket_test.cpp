#include "visema/core/packet_socket.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "visema/core/error.h"

namespace visema {
namespace {

TEST(PacketSocket, PacketsArriveWholeAndInOrderWithTheirFiles) {
  const PacketListener listener;
  EXPECT_FALSE(listener.accept()) << "nobody calls";
  const PacketSocket here = PacketSocket::to(listener.name());
  const auto there = listener.accept();
  ASSERT_TRUE(there);
  EXPECT_FALSE(there->has_news());

  const FileDescriptor file(memfd_create("test", MFD_CLOEXEC));
  ASSERT_EQ(write(file.number(), "in it", 5), 5);
  EXPECT_TRUE(here.send("first"));
  EXPECT_TRUE(here.send(std::string(60'000, 'x'), file.number()));
  EXPECT_TRUE(there->has_news());
  const auto first = there->receive();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->text, "first");
  EXPECT_FALSE(first->file);
  const auto second = there->receive();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->text, std::string(60'000, 'x'));
  ASSERT_TRUE(second->file);
  EXPECT_NE(second->file.number(), file.number());
  char text[6] = {};
  EXPECT_EQ(pread(second->file.number(), text, 5, 0), 5);
  EXPECT_STREQ(text, "in it");
}

TEST(PacketSocket, AnEndThatIsGoneIsNoticed) {
  const PacketListener listener;
  const PacketSocket here = PacketSocket::to(listener.name());
  ASSERT_TRUE(here.send("a call"));
  {
    const auto there = listener.accept();
    ASSERT_TRUE(there);
    EXPECT_EQ(there->receive()->text, "a call");
  }
  EXPECT_TRUE(here.has_news());
  EXPECT_FALSE(here.receive());
  EXPECT_FALSE(here.send("more"));
}

TEST(PacketSocket, CallersWaitForAnotherListenerOfTheSameSocket) {
  const PacketListener listener;
  const PacketSocket early = PacketSocket::to(listener.name());
  ASSERT_TRUE(early.send("early"));
  const PacketListener heir(FileDescriptor(dup(listener.number())));
  EXPECT_EQ(heir.accept()->receive()->text, "early");
}

TEST(PacketSocket, ANameThatNobodyHasIsAnError) {
  std::string name;
  { name = PacketListener().name(); }
  try {
    PacketSocket::to(name);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_NE(std::string(error.what()).find(name), std::string::npos);
  }
  EXPECT_THROW(PacketSocket::to(std::string(200, 'x')), Error);
}

}  // namespace
}  // namespace visema
