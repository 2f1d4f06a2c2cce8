#!/usr/bin/env bash
# Runs each fuzz target for a while, starting from the seeds of the tests and from what earlier runs
# found. A crash stops the run and leaves its input in the build folder.
#
#   scripts/run_fuzz.sh BUILD_FOLDER SECONDS
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1
seconds=$2
for target in "$build"/bin/visema_fuzz_*; do
  name=${target##*/visema_fuzz_}
  corpus=$build/corpus/$name
  mkdir -p "$corpus"
  echo "fuzzing $name for $seconds s"
  "$target" "$corpus" "tests/fuzz/seeds/$name" -max_total_time="$seconds" -max_len=65536 \
    -timeout=10 -print_final_stats=0 -artifact_prefix="$build/$name-" -verbosity=0
done
