#!/usr/bin/env bash
# Whether a live run stays on time beside one other busy process, on two cores.
#
#   bench/live_busy.sh FACE SPEECH [SECONDS [COMMAND ARGUMENT...]]
#
# FACE: picture or .avatar. SPEECH: sound file, said over and over for SECONDS (600). COMMAND: the
# busy process, a shell that counts unless given, in a session of its own. The stream is recorded
# and sent by UDP to PORT (7020), where nobody need listen. Programs are taken from build/release.
# All are bound to two cores, CORES=0,1.
#
# Prints the frames of the report (docs/live.md), latencies, and what the cores were busy with:
# `others` should be near 0.
set -euo pipefail

if [ $# -lt 2 ]; then sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; fi
face=$(realpath "$1")
speech=$(realpath "$2")
seconds=${3:-600}
shift $(($# < 3 ? 2 : 3))
if [ $# -eq 0 ]; then set -- bash -c 'while :; do :; done'; fi
cores=${CORES:-0,1}
port=${PORT:-7020}
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/release/bin
folder=$(mktemp -d)
running=()
finish() {
  for pid in "${running[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap finish EXIT

if [[ $face == *.avatar ]]; then who=--avatar; else who=--source; fi
ffmpeg -v error -nostdin -stream_loop -1 -i "$speech" -t "$seconds" "$folder/talk.flac"

# Ticks of 1/100 s: of a process with all its threads; of all cores, and of those the idle ones.
ticks_of() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
all_ticks() {
  awk -v cores="$cores" 'BEGIN { split(cores, list, ","); for (i in list) wanted["cpu" list[i]] = 1 }
    $1 in wanted { for (i = 2; i <= 9; ++i) all += $i; idle += $5 + $6 } END { print all, idle }' /proc/stat
}

setsid taskset -c "$cores" "$@" >"$folder/load.log" 2>&1 &
load=$!
running+=("$load")
taskset -c "$cores" "$bin/visema" live "$who" "$face" --input "$folder/talk.flac" \
  --to "udp://127.0.0.1:$port" --to "file:$folder/record.mkv" --report "$folder/report.json" --quiet &
program=$!
running+=("$program")
sleep 5  # tracking the face and warming up
begin=$SECONDS
read -r all_0 idle_0 <<<"$(all_ticks)"
load_0=$(ticks_of "$load")
program_0=$(ticks_of "$program")
sleep $((seconds > 10 ? seconds - 8 : 2))
read -r all_1 idle_1 <<<"$(all_ticks)"
load_1=$(ticks_of "$load") || { echo "live_busy.sh: error: the busy process ended" >&2; exit 1; }
program_1=$(ticks_of "$program")
measured=$((SECONDS - begin))
wait "$program"

field() { sed -n "s/^ *\"$1\": \([0-9.]*\).*/\1/p" "$folder/report.json" | head -n 1; }
latency() { sed -n "/^    \"$1\"/,/}/s/^ *\"$2\": \([0-9.]*\).*/\1/p" "$folder/report.json"; }
printf '%s frames in %.1f s: %s repeated, %s late, %s gaps in the sound\n' "$(field frames)" \
  "$(field wall_seconds)" "$(field repeated)" "$(field late)" "$(field gaps)"
for name in speech render needed delay; do
  printf '  %-7s p50 %4.0f  p95 %4.0f  p99 %4.0f  most %4.0f ms\n' "$name" "$(latency "$name" p50)" \
    "$(latency "$name" p95)" "$(latency "$name" p99)" "$(latency "$name" most)"
done
awk -v all=$((all_1 - all_0)) -v idle=$((idle_1 - idle_0)) -v load=$((load_1 - load_0)) \
  -v program=$((program_1 - program_0)) -v cores="$(tr -cd , <<<"$cores" | wc -c)" -v s="$measured" '
  BEGIN {
    scale = (cores + 1) / all
    printf "cores busy over %d s, of %d: visema %.2f, the busy process %.2f, others %.2f, idle %.2f\n",
      s, cores + 1, program * scale, load * scale, (all - idle - load - program) * scale, idle * scale
  }'
uptime
