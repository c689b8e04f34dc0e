//! The loudspeaker: a ring of sound, and the stream whose callback empties it.

use super::convert::Converter;
use super::devices::choose;
use super::{Direction, Format, SoundError, on_error, open};
use crate::audio::Frame;
use crate::line::mic::Player;
use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{FromSample, OutputCallbackInfo, SampleFormat, SizedSample, Stream};
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::Sender;

/// Size of the ring, in blocks of 20 ms: for devices that take half a second at once.
const RING_BLOCKS: usize = 50;

/// What the callback and the loop know of each other.
#[derive(Default)]
struct Shared {
    /// Samples taken from the ring since the start.
    taken: AtomicU64,
    /// Samples before this position are dropped unheard.
    drop_to: AtomicU64,
    /// Longest block that the device asked for, in samples.
    period: AtomicU32,
    /// From the callback to the air, in ms.
    latency_ms: AtomicU32,
}

/// An open loudspeaker.
pub struct Loudspeaker {
    ring: Producer<i16>,
    shared: Arc<Shared>,
    written: u64,
    converter: Converter,
    block: Vec<i16>,
    format: Format,
    xruns: Arc<AtomicU64>,
    _stream: Stream,
}

impl Loudspeaker {
    /// Opens the device that `wanted` means (see `--output`); `lost` is told when it goes away.
    ///
    /// # Errors
    /// [`SoundError`] when there is no such device or it cannot be opened.
    pub fn open(wanted: Option<&str>, lost: &Sender<SoundError>) -> Result<Self, SoundError> {
        let direction = Direction::Loudspeaker;
        let device = choose(wanted, direction)?;
        let (shared, xruns) = (Arc::new(Shared::default()), Arc::new(AtomicU64::new(0)));
        let build = |format: Format| {
            let (producer, consumer) = RingBuffer::new(format.rate_hz as usize / 50 * RING_BLOCKS);
            let failed = on_error(direction, xruns.clone(), lost.clone());
            let stream = match format.sample {
                SampleFormat::F32 => {
                    build::<f32>(&device, format, consumer, shared.clone(), failed)
                }
                SampleFormat::I32 => {
                    build::<i32>(&device, format, consumer, shared.clone(), failed)
                }
                _ => build::<i16>(&device, format, consumer, shared.clone(), failed),
            }?;
            Ok((stream, producer))
        };
        let ((stream, ring), format) = open(&device, direction, build)?;
        let unavailable = |cause| SoundError::Unavailable { direction, cause };
        let converter = Converter::to_device(format.rate_hz).map_err(unavailable)?;
        stream
            .play()
            .map_err(|error| unavailable(error.to_string()))?;
        let block = vec![0; converter.block()];
        Ok(Self {
            ring,
            shared,
            written: 0,
            converter,
            block,
            format,
            xruns,
            _stream: stream,
        })
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// Times that the device itself ran dry.
    pub fn xruns(&self) -> u64 {
        self.xruns.load(Ordering::Relaxed)
    }

    /// Blocks of 20 ms that the device takes at once.
    fn period_blocks(&self) -> usize {
        (self.shared.period.load(Ordering::Relaxed) as usize)
            .div_ceil(self.block.len())
            .clamp(1, RING_BLOCKS / 3)
    }
}

impl Player for Loudspeaker {
    fn room(&self) -> usize {
        // Little is handed over ahead, because all of it counts as spoken.
        let ahead = 2 * self.period_blocks() + 1;
        ahead
            .saturating_sub(self.pending())
            .min(self.ring.slots() / self.block.len())
    }

    fn play(&mut self, frame: &Frame) {
        self.converter.convert(&frame.0, &mut self.block);
        if self.ring.push_entire_slice(&self.block).is_ok() {
            self.written += self.block.len() as u64;
        }
    }

    fn clear(&mut self) {
        self.shared.drop_to.store(self.written, Ordering::Release);
    }

    fn pending(&self) -> usize {
        let gone = self
            .shared
            .taken
            .load(Ordering::Acquire)
            .max(self.shared.drop_to.load(Ordering::Relaxed));
        (self.written.saturating_sub(gone) as usize).div_ceil(self.block.len())
    }

    fn latency_ms(&self) -> u32 {
        self.shared.latency_ms.load(Ordering::Relaxed)
    }

    fn cushion(&self) -> usize {
        self.period_blocks() + 1
    }
}

fn build<T>(
    device: &cpal::Device,
    format: Format,
    mut ring: Consumer<i16>,
    shared: Arc<Shared>,
    failed: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<Stream, cpal::Error>
where
    T: SizedSample + FromSample<i16>,
{
    let channels = usize::from(format.channels.max(1));
    let (mut taken, mut last) = (0_u64, 0_i16);
    let play = move |data: &mut [T], info: &OutputCallbackInfo| {
        let dropped = shared.drop_to.load(Ordering::Acquire);
        while taken < dropped && ring.pop().is_ok() {
            taken += 1;
        }
        for samples in data.chunks_exact_mut(channels) {
            last = match ring.pop() {
                Ok(sample) => {
                    taken += 1;
                    sample
                }
                // Nothing to play: fade out within a millisecond instead of clicking.
                Err(_) => (i32::from(last) * 3 / 4) as i16,
            };
            samples.fill(T::from_sample_(last));
        }
        shared.taken.store(taken, Ordering::Release);
        let period = u32::try_from(data.len() / channels).unwrap_or(u32::MAX);
        shared.period.fetch_max(period, Ordering::Relaxed);
        let times = info.timestamp();
        let latency = times.playback.duration_since(times.callback).as_millis();
        shared.latency_ms.store(
            u32::try_from(latency).unwrap_or(0).min(1000),
            Ordering::Relaxed,
        );
    };
    device.build_output_stream::<T, _, _>(format.config(), play, failed, None)
}
