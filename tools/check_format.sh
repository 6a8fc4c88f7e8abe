#!/usr/bin/env bash
# Is all C++ formatted? With --fix: formats it. What batonc generates is left as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(--dry-run -Werror)
[[ ${1-} == --fix ]] && mode=(-i)

# The clone may belong to somebody else, which git would refuse.
git -c safe.directory='*' ls-files --cached --others --exclude-standard -z -- \
  '*.h' '*.cc' ':!tests/golden/generated' |
  while IFS= read -r -d '' file; do
    if [[ -e $file ]]; then printf '%s\0' "$file"; fi  # else deleted, but not committed
  done |
  xargs --null --no-run-if-empty --max-args=20 --max-procs="$(nproc)" clang-format-14 "${mode[@]}"
