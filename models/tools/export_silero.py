#!/usr/bin/env python3
"""Exports the weights of Silero VAD (16 kHz) from its PyPI package into models/vad/.

    pip download --no-deps silero-vad==6.2.3
    python3 models/tools/export_silero.py silero_vad-6.2.3-py3-none-any.whl

Needs nothing but Python. The result is checked against the digest that the tests were made with;
a newer package gives other weights, and then the expected values have to be made anew as well:

    pip install numpy onnxruntime
    python3 models/tools/export_silero.py WHEEL --expect > models/vad/expected.txt
"""

import argparse
import hashlib
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "6.2.3"
OUT = Path(__file__).resolve().parent.parent / "vad"
# The package's safetensors file holds other, older weights (its network gives other probabilities).
ONNX = "silero_vad/data/silero_vad_16k_op15.onnx"
LICENCE = f"silero_vad-{VERSION}.dist-info/licenses/LICENSE"
SHA256 = "5afe96454b4595a95479ac074d736b617253f7eecec9672d99e56579c86d4405"

# In the order of the file, in which src/audio/vad/network.rs reads them.
TENSORS = [
    ("model.stft.forward_basis_buffer", [258, 1, 256]),
    ("model.encoder.0.reparam_conv.weight", [128, 129, 3]),
    ("model.encoder.0.reparam_conv.bias", [128]),
    ("model.encoder.1.reparam_conv.weight", [64, 128, 3]),
    ("model.encoder.1.reparam_conv.bias", [64]),
    ("model.encoder.2.reparam_conv.weight", [64, 64, 3]),
    ("model.encoder.2.reparam_conv.bias", [64]),
    ("model.encoder.3.reparam_conv.weight", [128, 64, 3]),
    ("model.encoder.3.reparam_conv.bias", [128]),
    ("model.decoder.rnn.weight_ih", [512, 128]),
    ("model.decoder.rnn.weight_hh", [512, 128]),
    ("model.decoder.rnn.bias_ih", [512]),
    ("model.decoder.rnn.bias_hh", [512]),
    ("model.decoder.decoder.2.weight", [1, 128, 1]),
    ("model.decoder.decoder.2.bias", [1]),
]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """(number, value) of each field of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            size = {1: 8, 5: 4}[key & 7]
            value, at = data[at : at + size], at + size
        yield key >> 3, value


def read_weights(blob):
    """All initialisers, in order, as little-endian f32. ModelProto.graph is field 7,
    GraphProto.initializer 5, TensorProto: dims 1, data_type 2, name 8, raw_data 9."""
    graph = next(v for n, v in fields(blob) if n == 7)
    tensors = [list(fields(v)) for n, v in fields(graph) if n == 5]
    out = b""
    for (name, shape), tensor in zip(TENSORS, tensors, strict=True):
        values = dict(tensor)
        dims = [v for n, v in tensor if n == 1]
        if (values[8].decode(), dims, values[2]) != (name, shape, 1):
            sys.exit(f"{values[8]} {dims}: expected {name} {shape}: this is another network")
        out += values[9]
    return out


def test_signal(windows):
    """The samples of the test in src/audio/vad/network.rs: a voice-like buzz that comes and goes,
    in noise. Whole numbers only, so that Rust makes the same ones."""
    state, out = 1, []
    for n in range(512 * windows):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        noise = (state >> 20) - 2048
        period = 133 - (n // 4000) % 3 * 11
        phase = n % period
        buzz = (9000 - 150 * phase) if phase < 60 else 0
        gate = 1 if (n // 6000) % 2 == 1 else 0
        out.append(gate * buzz + noise // 4)
    return out


def print_expected(path):
    """Probabilities of the reference implementation, one a line."""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    state, context = np.zeros((2, 1, 128), np.float32), np.zeros(64, np.float32)
    samples = np.array(test_signal(64), np.float32) / 32768
    print(f"# silero-vad {VERSION}, onnxruntime {onnxruntime.__version__}")
    for start in range(0, len(samples), 512):
        window = samples[start : start + 512]
        x = np.concatenate([context, window])[None]
        p, state = session.run(None, {"input": x, "state": state, "sr": np.array(16000, np.int64)})
        context = window[-64:]
        print(f"{float(p.flatten()[0]):.6f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("wheel")
    parser.add_argument("--expect", action="store_true", help="print the reference's probabilities")
    args = parser.parse_args()
    wheel = zipfile.ZipFile(args.wheel)
    if args.expect:
        with tempfile.TemporaryDirectory() as folder:
            print_expected(wheel.extract(ONNX, folder))
        return
    weights = read_weights(wheel.read(ONNX))
    digest = hashlib.sha256(weights).hexdigest()
    if digest != SHA256:
        sys.exit(f"digest {digest}, expected {SHA256}: not silero-vad {VERSION}")
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "silero-v6-16k.f32").write_bytes(weights)
    (OUT / "LICENSE").write_bytes(wheel.read(LICENCE))
    print(f"{OUT / 'silero-v6-16k.f32'}: {len(weights) // 4} weights, sha256 {digest}")


if __name__ == "__main__":
    main()
