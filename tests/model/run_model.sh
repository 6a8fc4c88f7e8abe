#!/bin/sh
# run_model.sh MODEL FOLDER OPTIONS [FAULT]: checks tests/model/MODEL.pml with spin, building in
# FOLDER; OPTIONS are those of pan for the ltl property (-f: under weak fairness), or empty.
#
# Without FAULT the model has to be right, in its safety (deadlocks, assertions) and its liveness.
# With FAULT, a fix that is taken out (-DFAULT), spin has to find the bug, or this fails: a model
# that cannot fail proves nothing.
set -eu
model=$1
folder=$2
options=$3
fault=${4-}
source=$(cd "$(dirname "$0")" && pwd)/$model.pml

mkdir -p "$folder"
cd "$folder"
rm -f ./*.log ./*.trail
spin ${fault:+-D$fault} -a "$source" > spin.log || { cat spin.log; exit 2; }

# verify NAME 'FLAGS OF CC' 'OPTIONS OF PAN': succeeds when a complete search found nothing.
verify() {
  cc -O2 -w $2 -o "pan_$1" pan.c
  timeout 100 "./pan_$1" -m100000 $3 > "$1.log" 2>&1 || { tail "$1.log"; exit 2; }
  grep -q 'errors: 0' "$1.log" || return 1
  if grep -q 'max search depth too small\|Search not completed' "$1.log"; then
    cat "$1.log"
    exit 2
  fi
}

found_by=
if ! verify safety '-DSAFETY -DNOCLAIM' ''; then
  found_by=safety
elif ! verify liveness '' "-a $options"; then
  found_by=liveness
fi

if [ -z "$fault" ] && [ -n "$found_by" ]; then
  cat $found_by.log
  echo "$model is wrong: spin -t -p $source, in $folder, shows how"
  exit 1
fi
if [ -n "$fault" ] && [ -z "$found_by" ]; then
  echo "$model: nothing was found although $fault takes a fix out"
  exit 1
fi
echo "$model ${fault:-as it is}${found_by:+, found by $found_by}:"
grep -h 'states, stored' ./*.log
