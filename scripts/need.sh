#!/usr/bin/env bash
# Makes sure that the named tools are there: installs them with apt when that is allowed (root, or sudo
# without a password), and otherwise says exactly what to type.
#   scripts/need.sh rust node cc postgres chromium
set -euo pipefail

apt_updated=""
missing=()

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
  else return 1
  fi
}

install() { # label, packages...
  local label=$1; shift
  if command -v apt-get >/dev/null; then
    echo "installing $label: apt-get install $*" >&2
    if [ -z "$apt_updated" ]; then as_root apt-get update -qq && apt_updated=1; fi
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; then return 0; fi
  fi
  missing+=("$label: sudo apt-get install -y $*")
}

for tool in "$@"; do
  case "$tool" in
    rust)
      command -v cargo >/dev/null || missing+=("Rust 1.95 or newer: see rustup.rs, then open a new shell") ;;
    node)
      if ! command -v node >/dev/null; then missing+=("Node.js 20.19 or newer with npm: see nodejs.org")
      elif ! node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a===20&&b>=19)?0:1)'; then
        missing+=("Node.js 20.19 or newer; this is $(node --version): see nodejs.org")
      fi ;;
    cc)
      command -v cc >/dev/null || install "C compiler (for SQLite)" build-essential ;;
    postgres)
      command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || install "PostgreSQL server" postgresql ;;
    chromium)
      command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
        || install "Chromium and fonts" chromium fonts-noto-core fonts-noto-color-emoji ;;
    *) echo "need.sh: unknown tool $tool" >&2; exit 2 ;;
  esac
done

if [ ${#missing[@]} -gt 0 ]; then
  echo "Loa needs what this machine lacks:" >&2
  printf '  %s\n' "${missing[@]}" >&2
  exit 1
fi
