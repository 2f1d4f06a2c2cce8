#!/usr/bin/env bash
# Checks the format, lints the files without LibTorch (clang 14 cannot read it as C++20)
# and the shell scripts.
#
#   scripts/lint.sh BUILD_FOLDER
#
# TIDY_BASE=COMMIT limits clang-tidy to the files changed since then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1

mapfile -t sources < <(git ls-files -co --exclude-standard '*.cpp' '*.h')
clang-format --dry-run --Werror "${sources[@]}"
echo "clang-format: ${#sources[@]} files"

mapfile -t scripts < <(git ls-files -co --exclude-standard '*.sh' .ci/run)
shellcheck "${scripts[@]}"
echo "shellcheck: ${#scripts[@]} files"

mapfile -t tidied < <(
  if [ -n "${TIDY_BASE:-}" ]; then
    git diff --name-only --diff-filter=d "$TIDY_BASE" -- '*.cpp'
  else
    git ls-files -co --exclude-standard '*.cpp'
  fi | grep -Ev '^(tests|bench)/|_torch\.cpp$' || true)
if [ ${#tidied[@]} -gt 0 ]; then
  # run-clang-tidy takes patterns that it looks for in the compilation database.
  status=0
  output=$(run-clang-tidy -quiet -p "$build" -j "$(nproc)" "${tidied[@]/#/$PWD/}" 2>&1) || status=$?
  if [ $status -ne 0 ]; then
    grep -Ev '^(clang-tidy-?[0-9]* |[0-9]+ warnings? generated|Suppressed|Use -header-filter|$)' \
      <<<"$output" >&2 || true
    echo "clang-tidy: see above" >&2
    exit 1
  fi
fi
echo "clang-tidy: ${#tidied[@]} files"
