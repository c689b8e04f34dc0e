#!/bin/sh
# Makes the clips in this folder: Debian packages flite, espeak-ng and sox. 8 kHz, µ-law.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

phone() { # IN OUT
    sox "$1" -r 8000 -c 1 -e u-law -D --norm=-9 "$2"
}

flite -voice slt -t "Where is my order? The number is four five six, seven one two." -o "$scratch/a.wav"
phone "$scratch/a.wav" order-slt.wav
flite -voice rms -t "Yes please. I want to talk to a real person." -o "$scratch/b.wav"
phone "$scratch/b.wav" person-rms.wav
espeak-ng -v en-gb -s 150 -w "$scratch/c.wav" "What are your opening hours on Saturday?"
phone "$scratch/c.wav" hours-espeak.wav
