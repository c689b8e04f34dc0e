//! The inner loop of the network: a matrix times a few columns, on AVX2 where the machine has it.
//!
//! Decides the memory layout of the weights and which instructions run; what is multiplied is the
//! network's business. The only unsafe code of the audio folder is here.

/// Floats in one AVX register.
const LANES: usize = 8;

/// A weight matrix with its bias, laid out for [`Matrix::multiply`]: blocks of `width` × 8 outputs,
/// and within a block one row of weights per input, so that the loop reads memory in order.
pub(super) struct Matrix {
    weights: Vec<[f32; LANES]>,
    bias: Vec<[f32; LANES]>,
    inputs: usize,
    width: usize,
}

impl Matrix {
    /// A matrix of `outputs` × `inputs`; `weight(o, i)` gives its elements. Outputs are padded with
    /// zeros to whole blocks of `width` × 8.
    pub(super) fn new(
        (outputs, inputs): (usize, usize),
        width: usize,
        weight: impl Fn(usize, usize) -> f32,
        bias: impl Fn(usize) -> f32,
    ) -> Self {
        let blocks = outputs.div_ceil(width * LANES);
        let lanes = |first: usize, f: &dyn Fn(usize) -> f32| {
            std::array::from_fn(|l| if first + l < outputs { f(first + l) } else { 0.0 })
        };
        let mut weights = Vec::with_capacity(blocks * inputs * width);
        for block in 0..blocks {
            for input in 0..inputs {
                for vector in 0..width {
                    weights.push(lanes((block * width + vector) * LANES, &|o| weight(o, input)));
                }
            }
        }
        let bias = (0..blocks * width).map(|v| lanes(v * LANES, &bias)).collect();
        Self { weights, bias, inputs, width }
    }

    /// Outputs, padding included.
    pub(super) fn outputs(&self) -> usize {
        self.bias.len() * LANES
    }

    /// `T` columns at once: column `t` is read from `x[t * step..]`, and its result is written to
    /// `out[t * self.outputs()..]`. `W` must be the `width` that the matrix was made with.
    pub(super) fn multiply<const W: usize, const T: usize>(
        &self,
        simd: Simd,
        x: &[f32],
        step: usize,
        out: &mut [f32],
    ) {
        assert_eq!(W, self.width, "the block width is part of the layout");
        let columns: [&[f32]; T] = std::array::from_fn(|t| &x[t * step..t * step + self.inputs]);
        #[cfg(target_arch = "x86_64")]
        if simd.avx2 {
            // SAFETY: `Simd` is made by `Simd::detect` only, which saw AVX2 and FMA on this machine.
            return unsafe { avx2::multiply::<W, T>(self, columns, out) };
        }
        let _ = simd;
        portable::<W, T>(self, columns, out);
    }
}

/// What this machine can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Simd {
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "x86 only"))]
    avx2: bool,
}

impl Simd {
    /// Asks the processor (the answer is cached by the standard library).
    pub(super) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        #[cfg(not(target_arch = "x86_64"))]
        let avx2 = false;
        Self { avx2 }
    }

    /// The plain code that every machine can run.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self { avx2: false }
    }

    /// Runs `body` compiled for AVX2 where possible, so that its loops use the wide registers.
    #[inline]
    pub(super) fn run(self, body: impl FnOnce()) {
        #[cfg(target_arch = "x86_64")]
        if self.avx2 {
            // SAFETY: as in `Matrix::multiply`.
            return unsafe { avx2::run(body) };
        }
        body();
    }
}

fn portable<const W: usize, const T: usize>(matrix: &Matrix, x: [&[f32]; T], out: &mut [f32]) {
    let outputs = matrix.outputs();
    let blocks = matrix.weights.chunks_exact(matrix.inputs * W).zip(matrix.bias.chunks_exact(W));
    for (block, (weights, bias)) in blocks.enumerate() {
        for (t, column) in x.iter().enumerate() {
            let mut sums: [[f32; LANES]; W] = std::array::from_fn(|v| bias[v]);
            for (row, &input) in weights.chunks_exact(W).zip(*column) {
                for (sum, weight) in sums.iter_mut().zip(row) {
                    for lane in 0..LANES {
                        sum[lane] += weight[lane] * input;
                    }
                }
            }
            let at = t * outputs + block * W * LANES;
            out[at..at + W * LANES].copy_from_slice(sums.as_flattened());
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{LANES, Matrix};
    use std::arch::x86_64::{__m256, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps};

    /// One pass over the weights for all `T` columns. `W` × `T` sums stay in registers.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn multiply<const W: usize, const T: usize>(matrix: &Matrix, x: [&[f32]; T], out: &mut [f32]) {
        let outputs = matrix.outputs();
        let x = x.map(|column| &column[..matrix.inputs]);
        let blocks = matrix.weights.chunks_exact(matrix.inputs * W).zip(matrix.bias.chunks_exact(W));
        for (block, (weights, bias)) in blocks.enumerate() {
            let mut sums: [[__m256; W]; T] = [std::array::from_fn(|v| load(&bias[v])); T];
            for (i, row) in weights.chunks_exact(W).enumerate() {
                for v in 0..W {
                    let weight = load(&row[v]);
                    for t in 0..T {
                        sums[t][v] = _mm256_fmadd_ps(_mm256_set1_ps(x[t][i]), weight, sums[t][v]);
                    }
                }
            }
            for t in 0..T {
                let at = t * outputs + block * W * LANES;
                let target = out[at..at + W * LANES].as_chunks_mut::<LANES>().0;
                for v in 0..W {
                    store(&mut target[v], sums[t][v]);
                }
            }
        }
    }

    /// Compiles `body` with AVX2 allowed.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn run(body: impl FnOnce()) {
        body();
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn load(from: &[f32; LANES]) -> __m256 {
        // SAFETY: the array is exactly the 32 bytes read; `loadu` needs no alignment.
        unsafe { _mm256_loadu_ps(from.as_ptr()) }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn store(to: &mut [f32; LANES], value: __m256) {
        // SAFETY: the array is exactly the 32 bytes written; `storeu` needs no alignment.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_paths_give_the_product_of_the_matrix() {
        let weight = |o: usize, i: usize| ((o * 7 + i * 3) % 11) as f32 - 5.0;
        let matrix = Matrix::new((129, 20), 3, weight, |o| o as f32);
        let x: Vec<f32> = (0..23).map(|i| (i % 5) as f32).collect();
        for simd in [Simd::detect(), Simd::none()] {
            let mut out = vec![9.0; 4 * matrix.outputs()];
            matrix.multiply::<3, 4>(simd, &x, 1, &mut out);
            for t in 0..4 {
                for o in 0..129 {
                    let expected = o as f32 + (0..20).map(|i| weight(o, i) * x[t + i]).sum::<f32>();
                    assert_eq!(out[t * matrix.outputs() + o], expected, "column {t}, output {o}");
                }
            }
        }
    }
}
