#!/usr/bin/env bash
# serve_browser_test.sh MEMTRACK LEAKING_PROGRAM BUILD_FOLDER: runs serve_browser_test.mjs if all that it
# needs is here. 77: it is not, and has been said.
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
memtrack=$1
leaking=$2
build=$3

skip() {
  printf 'SKIPPED: %s\n' "$1"
  exit 77
}

command -v node >/dev/null || skip "there is no node (Debian: nodejs)"
chromium=$(command -v chromium) || skip "there is no chromium (Debian: chromium)"

# playwright-core, as package-lock.json has it, to the byte.
modules=$build/browser
if ! cmp --silent "$folder/package-lock.json" "$modules/installed"; then
  command -v npm >/dev/null || skip "there is no npm to install playwright-core with (Debian: npm)"
  mkdir -p "$modules"
  cp "$folder/package.json" "$folder/package-lock.json" "$modules/"
  npm ci --prefix "$modules" --ignore-scripts --no-audit --no-fund >"$modules/npm.log" 2>&1 ||
    skip "npm cannot install playwright-core: $(tail --lines=1 "$modules/npm.log")"
  cp "$folder/package-lock.json" "$modules/installed"
fi

exec node "$folder/serve_browser_test.mjs" "$memtrack" "$leaking" "$build" "$chromium"
