#include "receipt.h"

#include <fstream>
#include <span>

#include "durable.h"
#include "result_json.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"

namespace visema::batch {
namespace {

using nlohmann::ordered_json;

constexpr int kReceiptVersion = 1;

/// Ids may hold what file names may not.
std::filesystem::path path_of(const std::filesystem::path& state_folder, const std::string& id) {
  const std::string name = sha256_hex(std::as_bytes(std::span(id))).substr(0, 32);
  return state_folder / "receipts" / (name + ".json");
}

}  // namespace

void write_receipt(const std::filesystem::path& state_folder, const Receipt& receipt) {
  const ordered_json json = {{"version", kReceiptVersion},
                             {"id", receipt.id},
                             {"out", receipt.out},
                             {"key", receipt.key},
                             {"result", json_of(receipt.result)}};
  write_durably(path_of(state_folder, receipt.id), json.dump(1) + "\n");
}

std::optional<Receipt> read_receipt(const std::filesystem::path& state_folder,
                                    const std::string& id) {
  std::ifstream file(path_of(state_folder, id));
  if (!file) return std::nullopt;
  try {
    const auto json = ordered_json::parse(file);
    if (json.at("version") != kReceiptVersion || json.at("id") != id) return std::nullopt;
    return Receipt{id, json.at("out"), json.at("key"), result_of(json.at("result"))};
  } catch (const ordered_json::exception&) {
    return std::nullopt;
  }
}

}  // namespace visema::batch
