#include "visema/core/socket.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "visema/core/error.h"

namespace visema {
namespace {

TEST(Socket, AnAddressThatIsTakenIsRefused) {
  const Listener first(SocketAddress::parse("tcp://127.0.0.1:0"));
  EXPECT_THROW(Listener(SocketAddress::parse("tcp://127.0.0.1:" + std::to_string(first.port()))),
               Error);
}

TEST(Socket, AServerThatAcceptsNobodyIsGivenUp) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("visema-full-" + std::to_string(getpid()) + ".sock");
  const FileDescriptor server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strcpy(name.sun_path, path.c_str());
  ASSERT_EQ(bind(server.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  ASSERT_EQ(listen(server.number(), 0), 0);
  const SocketAddress address = SocketAddress::parse("unix:" + path.string());
  const FileDescriptor waits = connect_to(address);
  try {
    connect_to(address);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_THAT(error.what(), testing::HasSubstr("cannot connect"));
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace visema
