#!/bin/sh
# Installs what the native parts (whisper.cpp, espeak-ng, ALSA) need to build; with `browser` the
# Chromium that tests the page. Changes nothing when everything is there.
set -eu


if [ "${1:-}" = browser ]; then
    for name in chromium chromium-browser google-chrome; do
        ! command -v "$name" >/dev/null || exit 0
    done
    # Only the tests need it, and they say so themselves: no error without it.
    command -v apt-get >/dev/null || exit 0
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo=$(command -v sudo) || exit 0
    echo "installing: chromium" >&2
    $sudo apt-get update -qq || exit 0
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends chromium >/dev/null || true
    exit 0
fi

missing=""
need() { # command or file, package
    case $1 in
    /*) found=$(ls $1 2>/dev/null | head -n 1) ;;
    *) found=$(command -v "$1" || true) ;;
    esac
    [ -n "$found" ] || missing="$missing $2"
}
need cmake cmake
need c++ g++
need pkg-config pkg-config
need clang clang
need "/usr/lib/llvm-*/lib/libclang.so* /usr/lib*/libclang.so* /usr/lib/*/libclang*.so*" libclang-dev
need "/usr/include/sonic.h" libsonic-dev
need "/usr/include/alsa/asoundlib.h" libasound2-dev
need "/usr/include/openssl/ssl.h" libssl-dev

if ! command -v cargo >/dev/null; then
    echo "error: no Rust toolchain (cargo) found" >&2
    echo "hint: install Rust with rustup, then run make again" >&2
    exit 2
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "error: missing to build:$missing (Debian's names)" >&2
    echo "hint: install them with your system's package manager, then run make again" >&2
    exit 2
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "error: missing to build:$missing; not root, and there is no sudo" >&2
        echo "hint: as root: apt-get install$missing" >&2
        exit 2
    fi
    sudo=sudo
fi
echo "installing:$missing" >&2
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
