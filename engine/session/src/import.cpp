#include "visema/session/import.h"

#include "visema/core/error.h"
#include "visema/models/ip_lap_import.h"
#include "visema/models/syncnet_network.h"

namespace visema::session {

std::filesystem::path import_network(const ImportOptions& options) {
  if (options.network == "ip-lap") {
    auto folder = options.out.empty() ? options.models.models / options.network : options.out;
    import_ip_lap(options.landmarks, options.renderer, folder);
    return folder;
  }
  if (options.network != "syncnet")
    throw Error(ErrorCode::kUsage, options.network + ": must be syncnet or ip-lap");
  auto out = options.out.empty() ? options.models.models / (options.network + ".safetensors")
                                 : options.out;
  import_syncnet(options.file, out);
  return out;
}

}  // namespace visema::session
