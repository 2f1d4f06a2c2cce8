#!/usr/bin/env bash
# Figures of a live run on this machine: latencies, repeated pictures, and how fast a stop shows.
#
#   bench/live.sh FACE SPEECH [STOPS]
#
# FACE: picture or .avatar. SPEECH: sound file that is said and stopped after a second or two, STOPS
# times (20). The program is taken from build/release or from VISEMA.
set -euo pipefail

if [ $# -lt 2 ]; then sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; fi
face=$1
speech=$(realpath "$2")
stops=${3:-20}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
visema=${VISEMA:-$root/build/release/bin/visema}
port=${PORT:-7009}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if [[ $face == *.avatar ]]; then who=(--avatar "$face"); else who=(--source "$face"); fi
"$visema" live "${who[@]}" --control "tcp://127.0.0.1:$port" --to "file:$folder/live.mkv" \
  --report "$folder/report.json" --quiet &
program=$!

for _ in $(seq 300); do
  if exec 3<>"/dev/tcp/127.0.0.1/$port"; then break; fi 2>/dev/null
  sleep 0.1
done

tell() {
  local reply
  printf '%s\n' "$1" >&3
  read -r reply <&3
  case $reply in *'"ok":true'*) ;; *) printf 'live.sh: error: %s\n' "$reply" >&2; exit 1 ;; esac
}

for ((i = 0; i < stops; ++i)); do
  tell "{\"command\":\"say\",\"file\":\"$speech\"}"
  sleep "1.$((RANDOM % 10))"
  tell '{"command":"stop"}'
  sleep 0.8
done
tell '{"command":"shutdown"}'
wait "$program"

uptime
sed -n -e '/"frames":/,/"wall_seconds"/p' -e '/"latency_ms"/,/^  },/p' "$folder/report.json"
