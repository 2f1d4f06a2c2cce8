#pragma once

#include <string>

#include "visema/batch/job.h"
#include "visema/batch/ledger.h"

namespace visema::batch {

/// What a picture depends on.
struct JobKey {
  std::string key;  // of all below, the networks and the place of the output
  std::string options_sha256;
  std::string face_sha256;
  std::string sound_sha256;
};

/// `models` is the SHA-256 of the networks, `judgement` how the output is evaluated. File contents
/// are read again only when size or time of the file have changed. Throws Error(kInput).
JobKey key_of(const Job& job, const std::string& models, const std::string& judgement,
              Ledger& ledger);

}  // namespace visema::batch
