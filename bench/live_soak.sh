#!/usr/bin/env bash
# A long live run, looked at from outside: whether picture and sound stay together, and memory flat.
#
#   bench/live_soak.sh MINUTES FACE SPEECH...
#
# FACE: picture or .avatar. The SPEECH files are sent over and over as raw sound by TCP, in real
# time, with pauses of 3 s between them. The run sends MPEG-TS by SRT, which srt-live-transmit
# receives, and writes a recording. Of both the first and the last minutes are measured with
# `visema eval`, 20 s at a time. FOLDER=... keeps all files there (about 10 MB a minute). PACE=off:
# as fast as it goes, sound from a FIFO, recording only. Ports from PORT (7300) on. Programs are
# taken from build/release.
set -euo pipefail

if [ $# -lt 3 ]; then sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; fi
seconds=$(awk -v m="$1" 'BEGIN { printf "%d", 60 * m }')
face=$(realpath "$2")
shift 2
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/release/bin
port=${PORT:-7300}
pace=${PACE:-on}
keep=${FOLDER:-}
folder=${keep:-$(mktemp -d)}
mkdir -p "$folder"
running=()
finish() {
  for pid in "${running[@]}"; do kill "$pid" 2>/dev/null || true; done
  if [ -z "$keep" ]; then rm -rf "$folder"; fi
}
trap finish EXIT
fail() { printf 'live_soak.sh: error: %s\n' "$*" >&2; exit 1; }

if [[ $face == *.avatar ]]; then who=--avatar; else who=--source; fi
sound=(-f s16le -ar 48000 -ac 1)
for speech in "$@"; do
  ffmpeg -v error -nostdin -i "$speech" -af apad=pad_dur=3 "${sound[@]}" -
done >"$folder/talk.raw"

ask() {
  printf '{"command":"%s"}\n' "$1" >&3
  read -r -t 30 reply <&3 || fail "no reply to $1"
}

start_paced() {
  srt-live-transmit -q "srt://127.0.0.1:$((port + 2))?mode=listener" file://con \
    >"$folder/received.ts" 2>"$folder/srt.log" &
  running+=($!)
  "$bin/visema" live "$who" "$face" --input "tcp://127.0.0.1:$((port + 1))?rate=48000" \
    --control "tcp://127.0.0.1:$port" --to "srt://127.0.0.1:$((port + 2))?latency=1000000" \
    --to "file:$folder/record.mkv" --report "$folder/report.json" --quiet &
  program=$!
  running+=("$program")
  for _ in $(seq 600); do
    if exec 3<>"/dev/tcp/127.0.0.1/$port"; then break; fi 2>/dev/null
    kill -0 "$program" 2>/dev/null || fail "visema live ended"
    sleep 0.1
  done
  # Sound that comes before frames leave would wait, and add to the delay.
  reply=
  until [[ $reply =~ \"frames\":[1-9] ]]; do sleep 0.2; ask stats; done
  ffmpeg -v error -nostdin -re -stream_loop -1 "${sound[@]}" -i "$folder/talk.raw" -t "$seconds" \
    "${sound[@]}" "tcp://127.0.0.1:$((port + 1))" &
  feed=$!
  running+=("$feed")
}

start_unpaced() {
  mkfifo "$folder/sound"
  "$bin/visema" live "$who" "$face" --input "pcm:s16le:48000:1:$folder/sound" --pace off \
    --to "file:$folder/record.mkv" --report "$folder/report.json" --quiet &
  program=$!
  running+=("$program")
  ffmpeg -v error -nostdin -stream_loop -1 "${sound[@]}" -i "$folder/talk.raw" -t "$seconds" \
    "${sound[@]}" -y "$folder/sound" &
  feed=$!
  running+=("$feed")
}

# Resident memory every 10 s, the run's own figures every minute, while sound is sent.
watch_it() {
  local begin=$SECONDS next=10 kib
  while kill -0 "$feed" 2>/dev/null; do
    sleep 1
    if ((SECONDS - begin < next)); then continue; fi
    kib=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$program/status") || fail "the run ended"
    printf '%d %d\n' "$next" "$kib" >>"$folder/memory.txt"
    if [ "$pace" = on ] && ((next % 60 == 0)); then
      ask stats
      printf '%s\n' "$reply" >>"$folder/stats.jsonl"
    fi
    next=$((next + 10))
  done
}

rm -f "$folder/memory.txt" "$folder/stats.jsonl"
if [ "$pace" = on ]; then start_paced; else start_unpaced; fi
watch_it
if [ "$pace" = on ]; then
  ask stats
  printf '%s\n' "$reply" >>"$folder/stats.jsonl"
  ask shutdown
fi
wait "$program" || fail "visema live: exit code $?"
sleep 1

length_of() { ffprobe -v error -show_entries format=duration -of csv=p=0 "$1"; }
# last_packet FILE STREAM: end of its last packet, seconds of the container.
last_packet() {
  ffprobe -v error -select_streams "$2" -show_entries packet=pts_time,duration_time -of csv=p=0 "$1" |
    awk -F, 'NF > 1 { t = $1 + $2 } END { printf "%.3f", t }'
}

# offset FILE START: what `visema eval` says of 20 s from there on.
offset() {
  ffmpeg -v error -nostdin -y -ss "$2" -i "$1" -t 20 -c:v libx264 -preset veryfast -crf 12 \
    -c:a pcm_s16le -af aresample=async=1:first_pts=0 "$folder/window.mkv"
  "$bin/visema" eval --video "$folder/window.mkv" --phones off --report "$folder/window.json" \
    --quiet >/dev/null
  printf '  from %6d s: offset %.0f frames, margin %.3f\n' "$2" "$(field offset_frames)" "$(field margin)"
}
field() {
  awk -v name="\"$1\": {" 'index($0, name) { getline; gsub(/[^-0-9.]/, ""); print; exit }' \
    "$folder/window.json"
}

printf '== %d s of sound, pace %s\n' "$seconds" "$pace"
for file in "$folder/received.ts" "$folder/record.mkv"; do
  [ -s "$file" ] || continue
  length=$(length_of "$file")
  printf '%s: %s s, %d MiB; last picture ends at %s s, last sound at %s s\n' "${file##*/}" "$length" \
    $(($(stat -c %s "$file") >> 20)) "$(last_packet "$file" v)" "$(last_packet "$file" a)"
  last=${length%%.*}
  for from in 5 35 65 $((last - 90)) $((last - 60)) $((last - 30)); do
    if ((from >= 0 && from + 20 <= last)); then offset "$file" "$from"; fi
  done
done
printf 'resident memory, MiB after s:'
awk '$1 == 10 || $1 % 600 == 0 { printf " %.1f at %d,", $2 / 1024, $1 }
  { last = $2; at = $1 } END { printf " %.1f at %d (the last)\n", last / 1024, at }' "$folder/memory.txt"
figure() { sed -n "s/^ *\"$1\": \([0-9.]*\).*/\1/p" "$folder/report.json" | head -n 1; }
latency() { sed -n "/^    \"$1\"/,/}/s/^ *\"$2\": \([0-9.]*\).*/\1/p" "$folder/report.json"; }
printf '%s frames in %.1f s: %s repeated, %s late, %s gaps in the sound\n' "$(figure frames)" \
  "$(figure wall_seconds)" "$(figure repeated)" "$(figure late)" "$(figure gaps)"
if [ "$pace" = on ]; then
  for name in speech render needed delay offset; do
    printf '  %-7s p50 %4.0f  p95 %4.0f  p99 %4.0f  most %4.0f ms\n' "$name" "$(latency "$name" p50)" \
      "$(latency "$name" p95)" "$(latency "$name" p99)" "$(latency "$name" most)"
  done
fi
uptime
