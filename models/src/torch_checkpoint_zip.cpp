#include "torch_checkpoint_zip.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace visema {
namespace {

constexpr std::uint32_t kLocalMagic = 0x04034b50;
constexpr std::uint32_t kEntryMagic = 0x02014b50;
constexpr std::uint32_t kEndMagic = 0x06054b50;
constexpr std::uint32_t kEnd64Magic = 0x06064b50;
constexpr std::uint32_t kLocator64Magic = 0x07064b50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocator64Size = 20;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kLongestComment = 65535;
constexpr std::uint64_t kMostDeflation = 1032;  // a byte of deflate holds at most so many
constexpr std::uint32_t kSeeExtra32 = 0xffffffff;
constexpr std::uint16_t kSeeExtra16 = 0xffff;
constexpr std::uint16_t kExtra64 = 1;

[[noreturn]] void reject(const std::string& why) {
  throw std::runtime_error(why);
}

template <typename T>
T read(std::span<const std::byte> bytes, std::size_t at) {
  if (bytes.size() < sizeof(T) || at > bytes.size() - sizeof(T))
    reject("its ZIP directory is incomplete");
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::span<const std::byte> part(std::span<const std::byte> bytes, std::uint64_t at,
                                std::uint64_t size, const char* what) {
  if (at > bytes.size() || size > bytes.size() - at)
    reject(std::string(what) + " lies outside the file: it is incomplete or damaged");
  return bytes.subspan(at, size);
}

/// Place of the end record, which ends with a comment of any text.
std::size_t find_end(std::span<const std::byte> archive) {
  if (archive.size() >= kEndSize) {
    const std::size_t last = archive.size() - kEndSize;
    const std::size_t first = last > kLongestComment ? last - kLongestComment : 0;
    for (std::size_t at = last + 1; at-- > first;)
      if (read<std::uint32_t>(archive, at) == kEndMagic) return at;
  }
  reject("the end of its ZIP directory is missing: it is incomplete");
}

/// Numbers of 64 bits in place of those that did not fit.
void read_extra64(std::span<const std::byte> extra, ZipArchive::Member& member) {
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const auto size = read<std::uint16_t>(extra, at + 2);
    if (read<std::uint16_t>(extra, at) == kExtra64) {
      const auto field = part(extra, at + 4, size, "a ZIP64 field");
      std::size_t next = 0;
      for (std::uint64_t* value : {&member.size, &member.packed_size, &member.header}) {
        if (*value != kSeeExtra32) continue;
        *value = read<std::uint64_t>(field, next);
        next += sizeof(std::uint64_t);
      }
    }
    at += 4U + size;
  }
}

void inflate_raw(std::span<const std::byte> packed, std::span<std::byte> out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) reject("no memory to inflate it");
  constexpr std::size_t kPiece = std::numeric_limits<uInt>::max();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  std::size_t in_left = packed.size(), out_left = out.size();
  int state = Z_OK;
  while (state == Z_OK) {
    const auto in = static_cast<uInt>(std::min(in_left, kPiece));
    const auto room = static_cast<uInt>(std::min(out_left, kPiece));
    stream.avail_in = in;
    stream.avail_out = room;
    state = inflate(&stream, Z_NO_FLUSH);
    in_left -= in - stream.avail_in;
    out_left -= room - stream.avail_out;
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END || out_left != 0) reject("a deflated member is damaged");
}

}  // namespace

bool ZipArchive::looks_like_one(std::span<const std::byte> bytes) {
  return bytes.size() >= 4 && read<std::uint32_t>(bytes, 0) == kLocalMagic;
}

ZipArchive::ZipArchive(std::span<const std::byte> archive) : archive_(archive) {
  const std::size_t end = find_end(archive);
  std::uint64_t count = read<std::uint16_t>(archive, end + 10);
  std::uint64_t size = read<std::uint32_t>(archive, end + 12);
  std::uint64_t at = read<std::uint32_t>(archive, end + 16);
  if (count == kSeeExtra16 || size == kSeeExtra32 || at == kSeeExtra32) {
    if (end < kLocator64Size ||
        read<std::uint32_t>(archive, end - kLocator64Size) != kLocator64Magic)
      reject("its ZIP64 directory is missing");
    const auto place = read<std::uint64_t>(archive, end - kLocator64Size + 8);
    const auto record = part(archive, place, kEnd64Size, "the ZIP64 directory");
    if (read<std::uint32_t>(record, 0) != kEnd64Magic) reject("its ZIP64 directory is damaged");
    count = read<std::uint64_t>(record, 32);
    size = read<std::uint64_t>(record, 40);
    at = read<std::uint64_t>(record, 48);
  }
  read_directory(part(archive, at, size, "the ZIP directory"), count);
}

void ZipArchive::read_directory(std::span<const std::byte> directory, std::uint64_t count) {
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto entry = part(directory, at, kEntrySize, "a directory entry");
    if (read<std::uint32_t>(entry, 0) != kEntryMagic) reject("its ZIP directory is damaged");
    Member member;
    member.method = read<std::uint16_t>(entry, 10);
    member.packed_size = read<std::uint32_t>(entry, 20);
    member.size = read<std::uint32_t>(entry, 24);
    member.header = read<std::uint32_t>(entry, 42);
    const std::size_t name_size = read<std::uint16_t>(entry, 28);
    const std::size_t extra_size = read<std::uint16_t>(entry, 30);
    const std::size_t comment_size = read<std::uint16_t>(entry, 32);
    at += kEntrySize;
    const auto name = part(directory, at, name_size, "a member's name");
    at += name_size;
    read_extra64(part(directory, at, extra_size, "a directory entry"), member);
    at += extra_size + comment_size;
    members_.emplace(std::string(reinterpret_cast<const char*>(name.data()), name.size()), member);
  }
}

std::span<const std::byte> ZipArchive::content(const Member& member,
                                               std::vector<std::byte>& room) const {
  const auto local = part(archive_, member.header, kLocalSize, "a member");
  if (read<std::uint32_t>(local, 0) != kLocalMagic) reject("a member's header is damaged");
  const std::uint64_t begin =
      member.header + kLocalSize + read<std::uint16_t>(local, 26) + read<std::uint16_t>(local, 28);
  const auto packed = part(archive_, begin, member.packed_size, "a member");
  if (member.method == 0 && member.size == member.packed_size) return packed;
  if (member.method != Z_DEFLATED)
    reject("a member is packed by method " + std::to_string(member.method) +
           ": must be stored or deflated");
  if (member.size / kMostDeflation > member.packed_size) reject("a deflated member is damaged");
  room.resize(member.size);
  inflate_raw(packed, room);
  return room;
}

}  // namespace visema
