#pragma once

#include "clip_list.h"
#include "pack_writer.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/face_embedding.h"
#include "visema/session/prepare.h"

namespace visema::session {

/// Whether clips get the whole faces that IP-LAP's renderer learns from.
enum class WholeFaces { kNo, kYes };

/// Turns one clip into what training needs of it. A clip that cannot be used comes back with
/// `dropped` set; only a fault of the installation throws. One thread at a time per processor.
class ClipProcessor {
 public:
  ClipProcessor(const ModelPaths& models, const ClipLimits& limits, WholeFaces faces);
  ~ClipProcessor();

  ClipData process(const ClipEntry& entry);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace visema::session
