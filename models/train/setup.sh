#!/bin/sh
# Installs the speech engines that the recipe speaks with (Debian, Ubuntu). Changes nothing when they are there.
set -eu
missing=""
for pair in espeak-ng:espeak-ng flite:flite festival:festival; do
    command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
done
for pair in /usr/share/festival/voices/us/cmu_us_slt_arctic_hts:festvox-us-slt-hts \
    /usr/share/festival/voices/english/kal_diphone:festvox-kallpc16k \
    /usr/share/festival/voices/english/ked_diphone:festvox-kdlpc16k; do
    [ -e "${pair%%:*}" ] || missing="$missing ${pair##*:}"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "error: the recipe needs these (Debian's names):$missing" >&2
    echo "hint: install espeak-ng and flite at least; without festival one engine less judges the model" >&2
    exit 2
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo=sudo
$sudo apt-get update -qq
$sudo apt-get install -y -qq $missing
