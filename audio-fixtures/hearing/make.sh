#!/bin/sh
# Makes the recordings beside it: flite voices (Debian packages flite and sox), cut to the telephone
# band, 8 kHz mu-law. The manifest names the sentences.
set -eu
cd "$(dirname "$0")"
tail -n +2 manifest.tsv | while IFS="$(printf '\t')" read -r path transcript voice; do
    flite -voice "$voice" -t "$transcript" -o speech.wav
    sox speech.wav -r 8000 -c 1 -e u-law "$path" gain -n -6 \
        silence 1 0.02 0.3% reverse silence 1 0.02 0.3% reverse pad 0.2 0.3
done
rm -f speech.wav
