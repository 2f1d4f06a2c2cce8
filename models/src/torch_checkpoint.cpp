#include "visema/models/torch_checkpoint.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>

#include "tensor_file_mapping.h"
#include "torch_checkpoint_zip.h"
#include "torch_pickle_tensor.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"

namespace visema {
namespace {

// Pickle of the number 0x1950a86a20f9469cfc6c, with which files before PyTorch 1.6 begin.
constexpr std::array<unsigned char, 15> kMagic = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                                  0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};
constexpr std::int64_t kProtocol = 1001;
constexpr std::string_view kPickleName = "/data.pkl";
constexpr std::size_t kLargestPickle = 1 << 28;

bool is_legacy(std::span<const std::byte> bytes) {
  return bytes.size() >= kMagic.size() &&
         std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

using Storages = std::map<std::string, std::span<const std::byte>>;

}  // namespace

struct TorchCheckpoint::Content {
  std::string source;
  FileMapping mapping;
  std::vector<std::byte> owned;
  std::span<const std::byte> all;
  std::vector<std::string> names;
  std::map<std::string, TensorRef> tensors;
  Storages storages;              // before 1.6
  std::optional<ZipArchive> zip;  // since 1.6
  std::string folder;             // of its storages in the archive

  void read();
  void read_legacy();
  void read_zip();
  void take_tensors(const Pickle& pickle);
  const ZipArchive::Member& member_of(const StorageRef& storage) const;
  const TensorRef& tensor(const std::string& name) const;
};

void TorchCheckpoint::Content::read() {
  if (is_legacy(all)) return read_legacy();
  if (ZipArchive::looks_like_one(all)) return read_zip();
  throw PickleError(
      "it is not a file of torch.save: neither a ZIP archive nor of the format before "
      "PyTorch 1.6");
}

void TorchCheckpoint::Content::take_tensors(const Pickle& pickle) {
  for (auto& [name, tensor] : tensors_of(pickle)) {
    names.push_back(name);
    tensors.emplace(name, std::move(tensor));
  }
}

/// Magic number, protocol, system, object, keys of the storages; then their sizes and bytes.
void TorchCheckpoint::Content::read_legacy() {
  auto rest = all.subspan(kMagic.size());
  const Pickle protocol = read_pickle(rest);
  if (protocol[protocol.root].integer != kProtocol)
    throw PickleError("protocol " + std::to_string(protocol[protocol.root].integer) +
                      " of torch.save: must be 1001");
  const Pickle system = read_pickle(rest);
  const PickleValue* little = system.find(system[system.root], "little_endian");
  if (little == nullptr || little->integer != 1)
    throw PickleError("its numbers are not little endian");
  const Pickle object = read_pickle(rest);
  take_tensors(object);

  std::map<std::string, StorageRef> known;
  for (const PickleValue& value : object.values) {
    if (value.kind != PickleKind::kStorage) continue;
    StorageRef storage = storage_of(object, value);
    known.emplace(storage.key, storage);
  }
  const Pickle keys = read_pickle(rest);
  for (const PickleRef ref : keys[keys.root].items) {
    const auto found = known.find(keys[ref].text);
    if (found == known.end())
      throw PickleError("numbers that nothing refers to, of the key '" + keys[ref].text + "'");
    const StorageRef& storage = found->second;
    std::int64_t count = 0;
    if (rest.size() < sizeof count)
      throw PickleError("it is incomplete: it ends before the numbers of key " + storage.key);
    std::memcpy(&count, rest.data(), sizeof count);
    rest = rest.subspan(sizeof count);
    if (count != storage.count)
      throw PickleError("key " + storage.key + " has " + std::to_string(count) +
                        " numbers, expected " + std::to_string(storage.count));
    const std::size_t size = size_of(storage.type);
    if (static_cast<std::uint64_t>(count) > rest.size() / size)
      throw PickleError("it is incomplete: it ends within the " + std::to_string(count) +
                        " numbers of key " + storage.key);
    storages[storage.key] = rest.first(static_cast<std::size_t>(count) * size);
    rest = rest.subspan(static_cast<std::size_t>(count) * size);
  }
  for (const auto& [name, tensor] : tensors) {
    const auto found = storages.find(tensor.storage.key);
    if (found == storages.end() || found->second.size() / size_of(tensor.storage.type) <
                                       static_cast<std::uint64_t>(tensor.storage.count))
      throw PickleError("'" + name + "' refers to numbers that are not there");
  }
}

/// FOLDER/data.pkl, and a member FOLDER/data/KEY for each storage.
void TorchCheckpoint::Content::read_zip() {
  zip.emplace(all);
  const auto& members = zip->members();
  const auto found = std::find_if(members.begin(), members.end(), [](const auto& member) {
    return member.first.ends_with(kPickleName);
  });
  if (found == members.end())
    throw PickleError("the ZIP archive has no data.pkl, so torch.save did not write it");
  if (found->second.size > kLargestPickle) throw PickleError("its data.pkl is larger than 256 MiB");
  folder = found->first.substr(0, found->first.size() - kPickleName.size());
  if (const auto order = members.find(folder + "/byteorder"); order != members.end()) {
    std::vector<std::byte> room;
    const auto text = zip->content(order->second, room);
    if (text.size() != 6 || std::memcmp(text.data(), "little", 6) != 0)
      throw PickleError("its numbers are not little endian");
  }
  std::vector<std::byte> room;
  auto bytes = zip->content(found->second, room);
  take_tensors(read_pickle(bytes));
  for (const auto& [name, tensor] : tensors) {
    try {
      const auto& member = member_of(tensor.storage);
      if (member.method == 0) zip->content(member, room);
    } catch (const std::runtime_error& error) {
      throw PickleError("'" + name + "': " + error.what());
    }
  }
}

const ZipArchive::Member& TorchCheckpoint::Content::member_of(const StorageRef& storage) const {
  const auto found = zip->members().find(folder + "/data/" + storage.key);
  if (found == zip->members().end())
    throw PickleError("its numbers " + folder + "/data/" + storage.key + " are not there");
  if (found->second.size / size_of(storage.type) < static_cast<std::uint64_t>(storage.count))
    throw PickleError(found->first + " has " + std::to_string(found->second.size) +
                      " bytes, too few for " + std::to_string(storage.count) + " numbers");
  return found->second;
}

const TensorRef& TorchCheckpoint::Content::tensor(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end())
    throw Error(ErrorCode::kModel, source + " has no tensor '" + name + "'");
  return found->second;
}

TorchCheckpoint TorchCheckpoint::parse(std::shared_ptr<Content> content) {
  try {
    content->read();
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw Error(ErrorCode::kModel,
                content->source + " cannot be used as a PyTorch checkpoint: " + error.what());
  }
  return TorchCheckpoint(std::move(content));
}

TorchCheckpoint TorchCheckpoint::open(const std::filesystem::path& path) {
  auto content = std::make_shared<Content>();
  content->source = path.string();
  content->mapping = FileMapping(path);
  content->all = content->mapping.bytes();
  return parse(std::move(content));
}

TorchCheckpoint TorchCheckpoint::from_bytes(std::vector<std::byte> bytes, std::string name) {
  auto content = std::make_shared<Content>();
  content->source = std::move(name);
  content->owned = std::move(bytes);
  content->all = content->owned;
  return parse(std::move(content));
}

const std::vector<std::string>& TorchCheckpoint::names() const {
  return content_->names;
}

bool TorchCheckpoint::contains(const std::string& name) const {
  return content_->tensors.contains(name);
}

const std::vector<std::int64_t>& TorchCheckpoint::shape(const std::string& name) const {
  return content_->tensor(name).shape;
}

std::string TorchCheckpoint::dtype(const std::string& name) const {
  return name_of(content_->tensor(name).storage.type);
}

std::vector<float> TorchCheckpoint::floats(const std::string& name) const {
  const TensorRef& tensor = content_->tensor(name);
  if (!content_->zip) return numbers_of(tensor, content_->storages.at(tensor.storage.key).data());
  try {
    std::vector<std::byte> room;
    const auto bytes = content_->zip->content(content_->member_of(tensor.storage), room);
    return numbers_of(tensor, bytes.data());
  } catch (const std::runtime_error& error) {
    throw Error(ErrorCode::kModel, content_->source + ": tensor '" + name + "': " + error.what());
  }
}

std::vector<float> TorchCheckpoint::floats(const std::string& name,
                                           const std::vector<std::int64_t>& shape) const {
  const TensorRef& tensor = content_->tensor(name);
  if (tensor.shape != shape)
    throw Error(ErrorCode::kModel, content_->source + ": tensor '" + name + "' has shape " +
                                       shape_text(tensor.shape) + ", expected " +
                                       shape_text(shape));
  return floats(name);
}

std::string TorchCheckpoint::sha256() const {
  return sha256_hex(content_->all);
}

const std::string& TorchCheckpoint::source() const {
  return content_->source;
}

}  // namespace visema
