#!/usr/bin/env bash
# Lines of each folder that the tests of a coverage build reached, by gcov.
#
#   scripts/coverage.sh BUILD_FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1
root=$PWD
find "$build" -name '*.gcda' -not -path '*/tests/*' -print0 |
  xargs -0 -n 64 gcov --no-output --relative-only --source-prefix "$root" 2>/dev/null |
  awk '
    /^File / { file = $2; gsub("\047", "", file) }
    /^Lines executed:/ {
      split($0, part, /[:% ]+/)
      if (file !~ /\.cpp$/ || file ~ /^(tests|bench)\//) next
      folder = file
      sub(/\/src\/.*/, "", folder)
      hit[folder] += part[3] / 100 * part[5]
      lines[folder] += part[5]
    }
    END {
      for (folder in lines)
        printf "%6.1f %%  %6d lines  %s\n", 100 * hit[folder] / lines[folder], lines[folder], folder
    }' | sort -k4
