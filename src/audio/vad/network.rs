//! Silero VAD's 16 kHz network, version 6, written out: 32 ms of sound to a probability of speech.
//!
//! Decides nothing: the numbers are the authors' (MIT licence, `models/vad/`), the order of the
//! operations is that of their network. When to run it is the gate's business.
//!
//! 64 samples of context and 512 new ones, 64 mirrored at the end → 4 spectra of 256 samples, hop 128
//! (129 magnitudes each) → four convolutions of width 3 (129→128, 128→64 by 2, 64→64 by 2, 64→128),
//! ReLU after each → LSTM of 128 → ReLU, weighted sum, sigmoid.

use super::kernel::{Matrix, Simd};
use std::sync::LazyLock;

/// New samples per run: 32 ms.
pub(super) const WINDOW: usize = 512;
/// Samples before the window that the network looks at again.
pub(super) const CONTEXT: usize = 64;

const FFT: usize = 256;
const HOP: usize = 128;
const SPECTRA: usize = 4;
const BINS: usize = 129;
const CELLS: usize = 128;
/// [`BINS`] padded to whole blocks of the spectrum matrices.
const PADDED_BINS: usize = 144;

static WEIGHTS: &[u8] = include_bytes!("../../../models/vad/silero-v6-16k.f32");
static NETWORK: LazyLock<Network> = LazyLock::new(|| Network::new(WEIGHTS));

/// The weights in the layout of the kernel; one for the whole process.
struct Network {
    /// Hann window and cosines, folded: see [`Scratch::spectra`].
    cosines: Matrix,
    sines: Matrix,
    conv1: Matrix,
    conv2: Matrix,
    conv3: Matrix,
    conv4: Matrix,
    /// Input and hidden weights side by side; gates in the order i, f, g, o.
    lstm: Matrix,
    last: [f32; CELLS],
    last_bias: f32,
}

/// Reads tensors one after the other.
struct Tensors<'a>(&'a [u8]);

impl Tensors<'_> {
    fn take(&mut self, count: usize) -> Vec<f32> {
        let (head, tail) = self.0.split_at(count * 4);
        self.0 = tail;
        head.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
    }

    /// A convolution of width 3. Its inputs are `[tap][channel]`: three rows of the layer before.
    fn conv(&mut self, outputs: usize, channels: usize, width: usize) -> Matrix {
        let (w, b) = (self.take(outputs * channels * 3), self.take(outputs));
        let weight = |o: usize, i: usize| w[(o * channels + i % channels) * 3 + i / channels];
        Matrix::new((outputs, channels * 3), width, weight, |o| b[o])
    }

    /// The same where only one row exists: the taps left and right see nothing but padding.
    fn middle_of_conv(&mut self, outputs: usize, channels: usize, width: usize) -> Matrix {
        let (w, b) = (self.take(outputs * channels * 3), self.take(outputs));
        Matrix::new((outputs, channels), width, |o, i| w[(o * channels + i) * 3 + 1], |o| b[o])
    }

    fn lstm(&mut self) -> Matrix {
        let (input, hidden) = (self.take(4 * CELLS * CELLS), self.take(4 * CELLS * CELLS));
        let (b_input, b_hidden) = (self.take(4 * CELLS), self.take(4 * CELLS));
        let weight = |o: usize, i: usize| match i.checked_sub(CELLS) {
            None => input[o * CELLS + i],
            Some(i) => hidden[o * CELLS + i],
        };
        Matrix::new((4 * CELLS, 2 * CELLS), 8, weight, |o| b_input[o] + b_hidden[o])
    }
}

impl Network {
    fn new(bytes: &[u8]) -> Self {
        let mut tensors = Tensors(bytes);
        let basis = tensors.take(2 * BINS * FFT);
        // Sample 0 has weight 0 in every row; rows are even (cosines) or odd (sines) around 128.
        let cosine = |o: usize, i: usize| basis[o * FFT + i + 1];
        let sine = |o: usize, i: usize| basis[(BINS + o) * FFT + i + 1];
        Self {
            cosines: Matrix::new((BINS, HOP), 3, cosine, |_| 0.0),
            sines: Matrix::new((BINS, HOP), 3, sine, |_| 0.0),
            conv1: tensors.conv(128, BINS, 2),
            conv2: tensors.conv(64, 128, 4),
            conv3: tensors.conv(64, 64, 8),
            conv4: tensors.middle_of_conv(128, 64, 8),
            lstm: tensors.lstm(),
            last: tensors.take(CELLS).try_into().expect("took as many"),
            last_bias: tensors.take(1)[0],
        }
    }
}

/// The network's memory of one stream, and room to work in. About 16 KiB.
pub(super) struct Stream {
    network: &'static Network,
    simd: Simd,
    /// Layer 4's output, then the hidden state: the LSTM's input.
    input: [f32; 2 * CELLS],
    cell: [f32; CELLS],
    scratch: Box<Scratch>,
}

struct Scratch {
    samples: [f32; CONTEXT + WINDOW + 64],
    even: [f32; SPECTRA * HOP],
    odd: [f32; SPECTRA * HOP],
    real: [f32; SPECTRA * PADDED_BINS],
    imaginary: [f32; SPECTRA * PADDED_BINS],
    /// Rows of magnitudes with a row of zeros before and after.
    magnitudes: [f32; (SPECTRA + 2) * BINS],
    /// The same for the layers after.
    layer1: [f32; (4 + 2) * 128],
    layer2: [f32; (2 + 2) * 64],
    layer3: [f32; 64],
    gates: [f32; 4 * CELLS],
}

impl Stream {
    pub(super) fn new() -> Self {
        Self {
            network: &NETWORK,
            simd: Simd::detect(),
            input: [0.0; 2 * CELLS],
            cell: [0.0; CELLS],
            scratch: Box::new(Scratch::new()),
        }
    }

    /// A stream that remembers what `other` does.
    pub(super) fn like(other: &Self) -> Self {
        let mut stream = Self::new();
        stream.go_back_to(other);
        stream
    }

    /// Remembers from here on what `other` does, and nothing else.
    pub(super) fn go_back_to(&mut self, other: &Self) {
        self.input = other.input;
        self.cell = other.cell;
    }

    /// Probability that somebody speaks in the last [`WINDOW`] of `samples`, 0 to 1.
    pub(super) fn run(&mut self, samples: &[i16; CONTEXT + WINDOW]) -> f32 {
        let (network, simd, scratch) = (self.network, self.simd, &mut *self.scratch);
        scratch.load(samples);
        simd.run(|| scratch.fold());
        network.cosines.multiply::<3, 4>(simd, &scratch.even, HOP, &mut scratch.real);
        network.sines.multiply::<3, 4>(simd, &scratch.odd, HOP, &mut scratch.imaginary);
        simd.run(|| scratch.magnitudes());
        network.conv1.multiply::<2, 4>(simd, &scratch.magnitudes, BINS, &mut scratch.layer1[128..640]);
        relu(&mut scratch.layer1[128..640]);
        network.conv2.multiply::<4, 2>(simd, &scratch.layer1, 2 * 128, &mut scratch.layer2[64..192]);
        relu(&mut scratch.layer2[64..192]);
        network.conv3.multiply::<8, 1>(simd, &scratch.layer2, 0, &mut scratch.layer3);
        relu(&mut scratch.layer3);
        network.conv4.multiply::<8, 1>(simd, &scratch.layer3, 0, &mut self.input[..CELLS]);
        relu(&mut self.input[..CELLS]);
        network.lstm.multiply::<8, 1>(simd, &self.input, 0, &mut scratch.gates);
        let (cell, hidden, gates) = (&mut self.cell, &mut self.input[CELLS..], &scratch.gates);
        simd.run(|| step_lstm(gates, cell, hidden));
        let sum = hidden.iter().zip(&network.last).fold(network.last_bias, |sum, (h, w)| sum + h.max(0.0) * w);
        sigmoid(sum)
    }
}

impl Scratch {
    fn new() -> Self {
        Self {
            samples: [0.0; CONTEXT + WINDOW + 64],
            even: [0.0; SPECTRA * HOP],
            odd: [0.0; SPECTRA * HOP],
            real: [0.0; SPECTRA * PADDED_BINS],
            imaginary: [0.0; SPECTRA * PADDED_BINS],
            magnitudes: [0.0; (SPECTRA + 2) * BINS],
            layer1: [0.0; 6 * 128],
            layer2: [0.0; 4 * 64],
            layer3: [0.0; 64],
            gates: [0.0; 4 * CELLS],
        }
    }

    /// −1 to 1, and the last 64 samples mirrored around the very last.
    fn load(&mut self, samples: &[i16; CONTEXT + WINDOW]) {
        let end = CONTEXT + WINDOW;
        for (to, from) in self.samples.iter_mut().zip(samples) {
            *to = f32::from(*from) / 32768.0;
        }
        for i in 0..64 {
            self.samples[end + i] = self.samples[end - 2 - i];
        }
    }

    /// Each window of 256 as sums and differences of the samples n and 256 − n: cosines see only the
    /// sums and sines only the differences, which halves the work.
    #[inline(always)]
    fn fold(&mut self) {
        for t in 0..SPECTRA {
            let window = &self.samples[t * HOP..t * HOP + FFT];
            let even = &mut self.even[t * HOP..(t + 1) * HOP];
            let odd = &mut self.odd[t * HOP..(t + 1) * HOP];
            for n in 1..HOP {
                even[n - 1] = window[n] + window[FFT - n];
                odd[n - 1] = window[n] - window[FFT - n];
            }
            (even[HOP - 1], odd[HOP - 1]) = (window[HOP], window[HOP]);
        }
    }

    #[inline(always)]
    fn magnitudes(&mut self) {
        let rows = self.real.chunks_exact(PADDED_BINS).zip(self.imaginary.chunks_exact(PADDED_BINS));
        for (row, (re, im)) in self.magnitudes[BINS..].chunks_exact_mut(BINS).zip(rows) {
            for ((m, re), im) in row.iter_mut().zip(re).zip(im) {
                *m = (re * re + im * im).sqrt();
            }
        }
    }
}

fn relu(values: &mut [f32]) {
    for v in values {
        *v = v.max(0.0);
    }
}

/// Gates as PyTorch orders them: input, forget, candidate, output.
#[inline(always)]
fn step_lstm(gates: &[f32; 4 * CELLS], cell: &mut [f32; CELLS], hidden: &mut [f32]) {
    let (i, rest) = gates.split_at(CELLS);
    let (f, rest) = rest.split_at(CELLS);
    let (g, o) = rest.split_at(CELLS);
    let hidden = &mut hidden[..CELLS];
    for n in 0..CELLS {
        cell[n] = sigmoid(f[n]) * cell[n] + sigmoid(i[n]) * tanh(g[n]);
        hidden[n] = sigmoid(o[n]) * tanh(cell[n]);
    }
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

/// e^x within 2e-7 of its value, without branches, so that loops over it vectorise (the polynomial
/// is that of the Cephes library's `expf`).
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    // Adding and taking away 1.5 · 2^23 rounds to a whole number.
    let rounder = 12_582_912.0;
    let n = (x * std::f32::consts::LOG2_E + rounder) - rounder;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4_f32;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 5e-1;
    let power = f32::from_bits(((n as i32 + 127) << 23) as u32);
    (p * r * r + r + 1.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signal of `models/tools/export_silero.py`: a buzz that comes and goes, in noise.
    fn test_signal(windows: usize) -> Vec<i16> {
        let mut state: u32 = 1;
        let mut sample = |n: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 20) as i32 - 2048;
            let period = 133 - (n / 4000) % 3 * 11;
            let phase = (n % period) as i32;
            let buzz = if phase < 60 { 9000 - 150 * phase } else { 0 };
            let sound = if (n / 6000) % 2 == 1 { buzz } else { 0 };
            (sound + noise.div_euclid(4)) as i16
        };
        (0..WINDOW * windows).map(&mut sample).collect()
    }

    fn probabilities(mut stream: Stream) -> Vec<f32> {
        let mut samples = vec![0; CONTEXT];
        samples.extend(test_signal(64));
        let windows = (0..64).map(|w| &samples[w * WINDOW..w * WINDOW + CONTEXT + WINDOW]);
        windows.map(|w| stream.run(w.try_into().expect("a window"))).collect()
    }

    #[test]
    fn gives_the_probabilities_of_the_authors_own_network() {
        let expected = include_str!("../../../models/vad/expected.txt");
        let expected: Vec<f32> = expected.lines().skip(1).map(|l| l.parse().expect("a number")).collect();
        let plain = Stream { simd: Simd::none(), ..Stream::new() };
        for stream in [Stream::new(), plain] {
            let found = probabilities(stream);
            assert_eq!(found.len(), expected.len());
            for (n, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert!((found - expected).abs() < 1e-4, "window {n}: {found}, reference {expected}");
            }
        }
    }

    #[test]
    fn exp_is_that_of_the_standard_library() {
        for n in -8000..8000 {
            let x = n as f32 / 100.0;
            let error = (f64::from(exp(x)) / f64::from(x).exp() - 1.0).abs();
            assert!(error < 2e-7, "exp({x}) is off by {error}");
        }
    }
}
