#!/usr/bin/env bash
# Runs the tests of a build folder and ends with one line: how many passed, failed, were skipped.
# As many programs at a time as there are cores, JOBS=N for another number.
#
#   scripts/run_tests.sh BUILD_FOLDER [CTEST ARGUMENT...]
set -euo pipefail
build=$(cd "$1" && pwd)
shift
results=$build/test-results
rm -rf "$results"
mkdir -p "$results"

# As the program sets them (cli/src/engine_library.cpp): no thread spins while it waits.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive} OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
status=0
GTEST_OUTPUT="xml:$results/" ctest --test-dir "$build" --output-on-failure \
  --parallel "${JOBS:-$(nproc)}" --output-junit "$results/ctest.junit" "$@" || status=$?

# A program of GoogleTest counts with each of its tests, any other test as one. A program that
# crashed, or failed after its last test, counts as one that failed.
shopt -s nullglob
awk '
  function attribute(name,  from) {
    if (!match($0, "[ <]" name "=\"[^\"]*\"")) return ""
    from = RSTART + length(name) + 3
    return substr($0, from, RSTART + RLENGTH - 1 - from)
  }
  FILENAME ~ /\.xml$/ && /<testsuites / {
    program = FILENAME
    sub(/.*\/visema_/, "", program)
    sub(/_tests\.xml$/, "", program)
    own[program] = 1
    failures[program] = attribute("failures") + attribute("errors")
    total += attribute("tests") - attribute("disabled")
    failed += failures[program]
  }
  FILENAME ~ /\.xml$/ && /<skipped/ { skipped++ }
  FILENAME ~ /\.junit$/ && /<testcase / {
    name = attribute("name")
    bad = attribute("status") == "fail"
    if (name in own && !(bad && failures[name] == 0)) next
    total++
    if (bad) failed++
    else if (attribute("status") != "run") skipped++
  }
  END { printf "%d passed, %d failed, %d skipped\n", total - failed - skipped, failed, skipped }
' "$results"/*.xml "$results"/ctest.junit
exit "$status"
