//! Plays speech on the default loudspeaker, blocking.

use super::Sink;
use anyhow::bail;
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{FromSample, SampleFormat, SizedSample};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const HINT: &str = "hint: use --out FILE.wav";
/// A device that takes nothing for so long is dead.
const STALLED: Duration = Duration::from_secs(5);
/// What a device still has in its own buffer when ours is empty.
const DEVICE_BUFFER: Duration = Duration::from_millis(300);

pub(super) struct Loudspeaker {
    ring: rtrb::Producer<i16>,
    rate_hz: u32,
    failure: Arc<Mutex<Option<String>>>,
    /// Plays as long as it lives.
    _stream: cpal::Stream,
}

impl Loudspeaker {
    /// The default device, with its own rate and format.
    pub(super) fn open() -> anyhow::Result<Self> {
        let Some(device) = cpal::default_host().default_output_device() else {
            bail!("there is no loudspeaker\n{HINT}");
        };
        let unusable =
            |e: cpal::Error| anyhow::anyhow!("the loudspeaker cannot be used: {e}\n{HINT}");
        let supported = device.default_output_config().map_err(unusable)?;
        let rate_hz = supported.sample_rate();
        // One second of mono samples.
        let (ring, samples) = rtrb::RingBuffer::new(rate_hz as usize);
        let failure = Arc::default();
        let config = supported.config();
        let stream = match supported.sample_format() {
            SampleFormat::F32 => build::<f32>(&device, config, samples, &failure),
            SampleFormat::I16 => build::<i16>(&device, config, samples, &failure),
            SampleFormat::I32 => build::<i32>(&device, config, samples, &failure),
            SampleFormat::U16 => build::<u16>(&device, config, samples, &failure),
            SampleFormat::U8 => build::<u8>(&device, config, samples, &failure),
            other => bail!(
                "the loudspeaker wants samples as {other}, which attendant does not make\n{HINT}"
            ),
        }
        .map_err(unusable)?;
        stream.play().map_err(unusable)?;
        Ok(Self {
            ring,
            rate_hz,
            failure,
            _stream: stream,
        })
    }

    /// Waits a moment for the device; an error when it is dead.
    fn wait(&self, since: Instant) -> anyhow::Result<()> {
        if let Some(failure) = self
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            bail!("the loudspeaker failed: {failure}\n{HINT}");
        }
        if since.elapsed() > STALLED {
            bail!("the loudspeaker takes no sound\n{HINT}");
        }
        std::thread::sleep(Duration::from_millis(5));
        Ok(())
    }
}

impl Sink for Loudspeaker {
    fn play(&mut self, samples: &[i16]) -> anyhow::Result<()> {
        let mut since = Instant::now();
        for &sample in samples {
            while self.ring.is_full() {
                self.wait(since)?;
                if !self.ring.is_full() {
                    since = Instant::now();
                }
            }
            // Only this side fills the ring, and it was not full just now.
            let _ = self.ring.push(sample);
        }
        Ok(())
    }

    fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    fn finish(self: Box<Self>) -> anyhow::Result<()> {
        let capacity = self.ring.buffer().capacity();
        let (mut since, mut left) = (Instant::now(), usize::MAX);
        while self.ring.slots() < capacity {
            let now = capacity - self.ring.slots();
            if now < left {
                (since, left) = (Instant::now(), now);
            }
            self.wait(since)?;
        }
        std::thread::sleep(DEVICE_BUFFER);
        Ok(())
    }
}

fn build<T: SizedSample + FromSample<i16>>(
    device: &cpal::Device,
    config: cpal::StreamConfig,
    mut samples: rtrb::Consumer<i16>,
    failure: &Arc<Mutex<Option<String>>>,
) -> Result<cpal::Stream, cpal::Error> {
    let failure = Arc::clone(failure);
    let channels = usize::from(config.channels).max(1);
    device.build_output_stream::<T, _, _>(
        config,
        move |out, _| {
            for frame in out.chunks_mut(channels) {
                frame.fill(T::from_sample(samples.pop().unwrap_or(0)));
            }
        },
        move |error| match error.kind() {
            // Playing goes on after these.
            cpal::ErrorKind::DeviceChanged
            | cpal::ErrorKind::Xrun
            | cpal::ErrorKind::RealtimeDenied => {
                tracing::debug!("loudspeaker: {error}");
            }
            _ => *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string()),
        },
        None,
    )
}
