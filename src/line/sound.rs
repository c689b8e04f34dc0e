//! Microphone and loudspeaker through cpal: which devices there are, in which format they are opened,
//! and what goes wrong with them.
//!
//! The device's callbacks run on a thread that must never wait: they only move samples between the
//! device and a lock-free ring of mono samples at the device's rate. Rates are converted outside
//! ([`convert`]). What is played and heard is left to [`super::mic`].

mod convert;
mod devices;
mod input;
mod output;

pub use devices::{DeviceInfo, Direction, list};
pub use input::Microphone;
pub use output::Loudspeaker;

use cpal::traits::DeviceTrait;
use cpal::{BufferSize, SampleFormat, StreamConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;

/// Rates to try, best first, in Hz; all have a whole number of samples in 20 ms.
const RATES_HZ: [u32; 7] = [16_000, 48_000, 32_000, 44_100, 24_000, 22_050, 8_000];

/// What is wrong with a sound device.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SoundError {
    #[error("{0}: no such sound device\n  hint: attendant talk --list-devices shows what there is")]
    Unknown(String),
    #[error(
        "the {direction} cannot be opened: {cause}\n  hint: attendant talk --list-devices shows what there is; attendant demo needs no sound device"
    )]
    Unavailable { direction: Direction, cause: String },
    #[error(
        "the {direction} can neither be opened at 16 kHz nor at any usual rate ({tried})\n  hint: choose another device"
    )]
    Format { direction: Direction, tried: String },
    #[error("the {direction} is gone: {cause}")]
    Lost { direction: Direction, cause: String },
}

/// How a stream was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub rate_hz: u32,
    pub channels: u16,
    pub sample: SampleFormat,
    /// Whether the device is asked for 20 ms blocks; otherwise it takes its own.
    pub blocks: bool,
}

impl Format {
    fn config(self) -> StreamConfig {
        let buffer_size = if self.blocks {
            BufferSize::Fixed(self.rate_hz / 50)
        } else {
            BufferSize::Default
        };
        StreamConfig {
            channels: self.channels,
            sample_rate: self.rate_hz,
            buffer_size,
        }
    }
}

/// Formats in which to try to open a device, best first. What a device calls its default is not
/// among the reasons: ALSA's plugins claim rates that they then resample badly, or do not have.
fn formats(device: &cpal::Device, direction: Direction) -> Vec<Format> {
    let ours = Format {
        rate_hz: 16_000,
        channels: 1,
        sample: SampleFormat::I16,
        blocks: true,
    };
    let mut found = vec![
        ours,
        Format {
            blocks: false,
            ..ours
        },
    ];
    let ranges: Vec<_> = match direction {
        Direction::Microphone => device
            .supported_input_configs()
            .map(|c| c.collect())
            .unwrap_or_default(),
        Direction::Loudspeaker => device
            .supported_output_configs()
            .map(|c| c.collect())
            .unwrap_or_default(),
    };
    let mut others = Vec::new();
    for range in &ranges {
        let range: &cpal::SupportedStreamConfigRange = range;
        let Some(preference) = sample_preference(range.sample_format()) else {
            continue;
        };
        for (rank, rate_hz) in RATES_HZ.into_iter().enumerate() {
            if (range.min_sample_rate()..=range.max_sample_rate()).contains(&rate_hz) {
                let format = Format {
                    rate_hz,
                    channels: range.channels(),
                    sample: range.sample_format(),
                    blocks: true,
                };
                others.push(((rank, preference, range.channels()), format));
            }
        }
    }
    others.sort_by_key(|(order, _)| *order);
    // A device with many channels lists hundreds; the first few are what works or nothing does.
    for (_, format) in others.into_iter().take(12) {
        found.extend([
            format,
            Format {
                blocks: false,
                ..format
            },
        ]);
    }
    found
}

fn sample_preference(format: SampleFormat) -> Option<u8> {
    match format {
        SampleFormat::I16 => Some(0),
        SampleFormat::F32 => Some(1),
        SampleFormat::I32 => Some(2),
        _ => None,
    }
}

/// Opens `device` in the first format that it takes.
fn open<S>(
    device: &cpal::Device,
    direction: Direction,
    mut build: impl FnMut(Format) -> Result<S, cpal::Error>,
) -> Result<(S, Format), SoundError> {
    let mut refused = Vec::new();
    for format in formats(device, direction) {
        match build(format) {
            Ok(stream) => return Ok((stream, format)),
            Err(error) if is_about_format(error.kind()) => {
                refused.push(format!("{} Hz {}", format.rate_hz, error))
            }
            Err(error) => {
                return Err(SoundError::Unavailable {
                    direction,
                    cause: error.to_string(),
                });
            }
        }
    }
    refused.truncate(2);
    Err(SoundError::Format {
        direction,
        tried: refused.join("; "),
    })
}

fn is_about_format(kind: cpal::ErrorKind) -> bool {
    use cpal::ErrorKind::{InvalidInput, UnsupportedConfig, UnsupportedOperation};
    matches!(
        kind,
        UnsupportedConfig | UnsupportedOperation | InvalidInput
    )
}

/// Counts what a device lost, and tells when it is gone.
fn on_error(
    direction: Direction,
    xruns: Arc<AtomicU64>,
    lost: Sender<SoundError>,
) -> impl FnMut(cpal::Error) + Send {
    use cpal::ErrorKind::{DeviceChanged, RealtimeDenied, Xrun};
    move |error| match error.kind() {
        Xrun => {
            xruns.fetch_add(1, Ordering::Relaxed);
        }
        DeviceChanged | RealtimeDenied => tracing::debug!(%direction, %error, "sound device"),
        // The receiver is gone only when the call is over.
        _ => drop(lost.send(SoundError::Lost {
            direction,
            cause: error.to_string(),
        })),
    }
}
