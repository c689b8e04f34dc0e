//! The microphone: a stream whose callback fills a ring, and the frames taken from it.

use super::convert::{Converter, to_frame};
use super::devices::choose;
use super::{Direction, Format, SoundError, on_error, open};
use crate::audio::Frame;
use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{FromSample, InputCallbackInfo, SampleFormat, SizedSample, Stream};
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;

/// Sound that waits while this process is held up: later samples are dropped and counted.
const RING_SECONDS: usize = 10;

/// An open microphone.
pub struct Microphone {
    ring: Consumer<i16>,
    converter: Converter,
    block: Vec<i16>,
    format: Format,
    dropped: Arc<AtomicU64>,
    xruns: Arc<AtomicU64>,
    _stream: Stream,
}

impl Microphone {
    /// Opens the device that `wanted` means (see `--input`); `lost` is told when it goes away.
    ///
    /// # Errors
    /// [`SoundError`] when there is no such device or it cannot be opened.
    pub fn open(wanted: Option<&str>, lost: &Sender<SoundError>) -> Result<Self, SoundError> {
        let direction = Direction::Microphone;
        let device = choose(wanted, direction)?;
        let (dropped, xruns) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let build = |format: Format| {
            let (producer, consumer) = RingBuffer::new(format.rate_hz as usize * RING_SECONDS);
            let failed = on_error(direction, xruns.clone(), lost.clone());
            let stream = match format.sample {
                SampleFormat::F32 => {
                    build::<f32>(&device, format, producer, dropped.clone(), failed)
                }
                SampleFormat::I32 => {
                    build::<i32>(&device, format, producer, dropped.clone(), failed)
                }
                _ => build::<i16>(&device, format, producer, dropped.clone(), failed),
            }?;
            Ok((stream, consumer))
        };
        let ((stream, ring), format) = open(&device, direction, build)?;
        let unavailable = |cause| SoundError::Unavailable { direction, cause };
        let converter = Converter::from_device(format.rate_hz).map_err(unavailable)?;
        stream
            .play()
            .map_err(|error| unavailable(error.to_string()))?;
        let block = vec![0; converter.block()];
        Ok(Self {
            ring,
            converter,
            block,
            format,
            dropped,
            xruns,
            _stream: stream,
        })
    }

    /// The next 20 ms, if they are there.
    pub fn frame(&mut self) -> Option<Frame> {
        self.ring.pop_entire_slice(&mut self.block).ok()?;
        Some(to_frame(&mut self.converter, &self.block))
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// Samples lost because this process was held up, and times that the device itself lost some.
    pub fn overruns(&self) -> (u64, u64) {
        (
            self.dropped.load(Ordering::Relaxed),
            self.xruns.load(Ordering::Relaxed),
        )
    }
}

fn build<T>(
    device: &cpal::Device,
    format: Format,
    mut ring: Producer<i16>,
    dropped: Arc<AtomicU64>,
    failed: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<Stream, cpal::Error>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let channels = usize::from(format.channels.max(1));
    let heard = move |data: &[T], _: &InputCallbackInfo| {
        let mut lost = 0;
        for samples in data.chunks_exact(channels) {
            let sum: f32 = samples
                .iter()
                .map(|sample| f32::from_sample_(*sample))
                .sum();
            // `as` saturates.
            let mono = (sum / channels as f32 * 32768.0) as i16;
            lost += u64::from(ring.push(mono).is_err());
        }
        if lost > 0 {
            dropped.fetch_add(lost, Ordering::Relaxed);
        }
    };
    device.build_input_stream::<T, _, _>(format.config(), heard, failed, None)
}
