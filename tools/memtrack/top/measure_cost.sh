#!/usr/bin/env bash
# measure_cost.sh BIN [PROCESSES [SECONDS]]: what `memtrack top` costs at 1 Hz, in a terminal of tmux,
# beside the synthetic machine of bench/memtrack/crowd.cc (400 processes) and whatever else runs, for
# three minutes, in which it reads everything once. BIN is the folder with memtrack and bench_crowd.
set -euo pipefail

bin=${1:?usage: measure_cost.sh BIN [PROCESSES [SECONDS]]}
processes=${2:-400}
seconds=${3:-180}
folder=$(mktemp -d)
mkfifo "$folder/hold"

"$bin/bench_crowd" "$processes" 37 375 4 <"$folder/hold" >"$folder/ready" &
crowd=$!
exec 9>"$folder/hold"
finish() {
  tmux -S "$folder/tmux" kill-server 2>/dev/null || true
  exec 9>&-
  wait "$crowd" || true
  rm -r "$folder"
}
trap finish EXIT
until grep -q ready "$folder/ready"; do
  kill -0 "$crowd"
  sleep 0.2
done

tmux -S "$folder/tmux" -f /dev/null new-session -d -x 100 -y 30 \
  "LC_ALL=C.UTF-8 exec '$bin/memtrack' top"
sleep 15 # the first scan reads everything, and the first trends come in
pid=$(tmux -S "$folder/tmux" display-message -p '#{pane_pid}')

ticks() { awk '{print $14 + $15}' "/proc/$pid/stat"; }
begin=$(ticks)
sleep "$seconds"
end=$(ticks)
awk -v ticks=$((end - begin)) -v seconds="$seconds" -v hertz="$(getconf CLK_TCK)" \
  -v load="$(cut -d ' ' -f 1 /proc/loadavg)" -v kib="$(awk '/VmHWM/ {print $2}' "/proc/$pid/status")" \
  'BEGIN {printf "%.1f %% of one core, %.0f MB at most, load average %s\n",
          100 * ticks / hertz / seconds, kib / 1024, load}'
tmux -S "$folder/tmux" capture-pane -p | head -n 1
