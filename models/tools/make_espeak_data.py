#!/usr/bin/env python3
"""Pack the part of espeak-ng's data that attendant embeds: models/espeak-ng-data.tar.gz.

The data must come from the very espeak-ng that is linked (data of another version loads without an
error and speaks garbage), so it is taken from the build folder of the crate espeak-rs-sys:

    cargo build && models/tools/make_espeak_data.py [FOLDER/espeak-ng-data]

The same input gives the same bytes: names sorted, no times, no owners.
"""

import gzip
import io
import pathlib
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "models" / "espeak-ng-data.tar.gz"
LANGUAGES = ["en", "es", "fr", "de", "cmn"]
FILES = ["phontab", "phonindex", "phondata", "intonations"]
FILES += [f"{language}_dict" for language in LANGUAGES]
FILES += ["lang/gmw/en", "lang/gmw/en-US", "lang/gmw/en-GB-x-rp", "lang/gmw/de"]
FILES += ["lang/roa/es", "lang/roa/es-419", "lang/roa/fr", "lang/sit/cmn"]


def source() -> pathlib.Path:
    if len(sys.argv) > 1:
        return pathlib.Path(sys.argv[1])
    found = sorted(ROOT.glob("target/*/build/espeak-rs-sys-*/out/share/espeak-ng-data"))
    if not found:
        sys.exit("no built espeak-ng data under target/\nhint: run `cargo build` first, or name the folder")
    return found[0]


def main() -> None:
    folder = source()
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(FILES):
            data = (folder / name).read_bytes()
            entry = tarfile.TarInfo(f"espeak-ng-data/{name}")
            entry.size = len(data)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(data))
    with open(OUT, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(plain.getvalue())
    print(f"{OUT.relative_to(ROOT)}: {len(FILES)} files, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
