//! A Whisper ggml file of any shape with random weights: the work of a model without the model.
//!
//! Words and mel filters are those of the bundled model. Layout: whisper.cpp
//! `models/convert-pt-to-ggml.py` and `whisper_model_load`.

use super::packed;
use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::LazyLock;

static BUNDLED: LazyLock<Cow<'static, [u8]>> = LazyLock::new(|| {
    packed::plain(include_bytes!("../../models/attendant-en.bin"))
        .expect("the bundled model is whole")
});
const MAGIC: i32 = 0x6767_6d6c;
/// Header fields before the mel filters.
const FIELDS: usize = 11;
const N_MELS: i32 = 80;

/// Weights in half precision, in the header and for a tensor alike.
const F16: i32 = 1;

/// Sizes, as the file's header has them. Matrices are stored in half precision.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Tokens; 51865 and more: of many languages.
    pub vocabulary: i32,
    pub audio_ctx: i32,
    pub width: i32,
    pub heads: i32,
    pub audio_layers: i32,
    pub text_ctx: i32,
    pub text_layers: i32,
}

/// OpenAI's tiny.en as whisper.cpp's `ggml-tiny.en.bin` has it.
pub const TINY_EN: Shape = Shape {
    vocabulary: 51_864,
    audio_ctx: 1500,
    width: 384,
    heads: 6,
    audio_layers: 4,
    text_ctx: 448,
    text_layers: 4,
};

/// Writes a model of this shape.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, shape: Shape) -> io::Result<()> {
    let mut file = Model {
        out: BufWriter::new(std::fs::File::create(path)?),
        seed: 0x9e37_79b9_7f4a_7c15,
    };
    let Shape {
        audio_ctx,
        width,
        heads,
        text_ctx,
        ..
    } = shape;
    let (audio_layers, text_layers) = (shape.audio_layers, shape.text_layers);
    for field in [
        MAGIC,
        shape.vocabulary,
        audio_ctx,
        width,
        heads,
        audio_layers,
        text_ctx,
        width,
        heads,
        text_layers,
        N_MELS,
        F16,
    ] {
        file.int(field)?;
    }
    file.out.write_all(filters_and_words())?;
    file.floats("encoder.positional_embedding", &[width, audio_ctx])?;
    file.halves("encoder.conv1.weight", &[3, N_MELS, width])?;
    file.floats("encoder.conv1.bias", &[1, width])?;
    file.halves("encoder.conv2.weight", &[3, width, width])?;
    file.floats("encoder.conv2.bias", &[1, width])?;
    file.norm("encoder.ln_post", width)?;
    for layer in 0..audio_layers {
        let layer = format!("encoder.blocks.{layer}");
        file.attention(&layer, "attn", width)?;
        file.feed_forward(&layer, width)?;
    }
    file.floats("decoder.positional_embedding", &[width, text_ctx])?;
    file.halves("decoder.token_embedding.weight", &[width, shape.vocabulary])?;
    file.norm("decoder.ln", width)?;
    for layer in 0..text_layers {
        let layer = format!("decoder.blocks.{layer}");
        file.attention(&layer, "attn", width)?;
        file.attention(&layer, "cross_attn", width)?;
        file.feed_forward(&layer, width)?;
    }
    file.out.flush()
}

/// The part of the bundled file between its header and its weights.
fn filters_and_words() -> &'static [u8] {
    let int = |at: usize| {
        let bytes = BUNDLED[at..at + 4].try_into().expect("four bytes");
        i32::from_le_bytes(bytes) as usize
    };
    let start = 4 * (1 + FIELDS);
    let mut at = start + 8 + int(start) * int(start + 4) * 4;
    let words = int(at);
    at += 4;
    for _ in 0..words {
        at += 4 + int(at);
    }
    &BUNDLED[start..at]
}

struct Model<W: Write> {
    out: W,
    seed: u64,
}

impl<W: Write> Model<W> {
    fn int(&mut self, value: i32) -> io::Result<()> {
        self.out.write_all(&value.to_le_bytes())
    }

    /// xorshift64 (Marsaglia 2003).
    fn random(&mut self) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed
    }

    /// A half-precision number of 2^-6 to 2^-4, either sign.
    fn half(&mut self) -> [u8; 2] {
        let random = self.random();
        let (sign, exponent) = ((random & 1) << 15, 9 + (random >> 1 & 1));
        ((sign | exponent << 10 | random >> 8 & 0x3ff) as u16).to_le_bytes()
    }

    fn header(&mut self, name: &str, kind: i32, sizes: &[i32]) -> io::Result<usize> {
        self.int(sizes.len() as i32)?;
        self.int(name.len() as i32)?;
        self.int(kind)?;
        for size in sizes {
            self.int(*size)?;
        }
        self.out.write_all(name.as_bytes())?;
        Ok(sizes.iter().map(|size| *size as usize).product())
    }

    fn floats(&mut self, name: &str, sizes: &[i32]) -> io::Result<()> {
        for _ in 0..self.header(name, 0, sizes)? {
            let value = (self.random() % 2001) as f32 / 10_000.0 - 0.1;
            self.out.write_all(&value.to_le_bytes())?;
        }
        Ok(())
    }

    fn halves(&mut self, name: &str, sizes: &[i32]) -> io::Result<()> {
        for _ in 0..self.header(name, F16, sizes)? {
            let half = self.half();
            self.out.write_all(&half)?;
        }
        Ok(())
    }

    fn norm(&mut self, name: &str, width: i32) -> io::Result<()> {
        self.floats(&format!("{name}.weight"), &[width])?;
        self.floats(&format!("{name}.bias"), &[width])
    }

    fn attention(&mut self, layer: &str, name: &str, width: i32) -> io::Result<()> {
        self.norm(&format!("{layer}.{name}_ln"), width)?;
        for part in ["query", "key", "value", "out"] {
            self.halves(&format!("{layer}.{name}.{part}.weight"), &[width, width])?;
            if part != "key" {
                self.floats(&format!("{layer}.{name}.{part}.bias"), &[width])?;
            }
        }
        Ok(())
    }

    fn feed_forward(&mut self, layer: &str, width: i32) -> io::Result<()> {
        self.norm(&format!("{layer}.mlp_ln"), width)?;
        self.halves(&format!("{layer}.mlp.0.weight"), &[width, 4 * width])?;
        self.floats(&format!("{layer}.mlp.0.bias"), &[4 * width])?;
        self.halves(&format!("{layer}.mlp.2.weight"), &[4 * width, width])?;
        self.floats(&format!("{layer}.mlp.2.bias"), &[width])
    }
}
