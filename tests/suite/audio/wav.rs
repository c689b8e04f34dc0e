//! WAV files as people have them, and as nobody should: every usual coding, broken ends, garbage.

use attendant::audio::level::level_db;
use attendant::audio::wav::{Channel, WavError, WavReader, WavWarning, WavWriter};
use attendant::audio::{Frame, tone};
use proptest::prelude::*;
use std::cell::Cell;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

const PCM: u16 = 1;
const FLOAT: u16 = 3;

/// A file whose sound is `data`.
fn wav(tag: u16, bits: u16, channels: u16, rate: u32, data: &[u8]) -> Vec<u8> {
    let block = channels * bits / 8;
    let mut fmt = Vec::new();
    fmt.extend(tag.to_le_bytes());
    fmt.extend(channels.to_le_bytes());
    fmt.extend(rate.to_le_bytes());
    fmt.extend((rate * u32::from(block)).to_le_bytes());
    fmt.extend(block.to_le_bytes());
    fmt.extend(bits.to_le_bytes());
    riff(&[(b"fmt ", &fmt), (b"LIST", b"INFOISFT\x05\0\0\0odd!\0"), (b"data", data)])
}

fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WAVE".to_vec();
    for (id, content) in chunks {
        body.extend(*id);
        body.extend((content.len() as u32).to_le_bytes());
        body.extend(*content);
        if content.len() % 2 == 1 {
            body.push(0);
        }
    }
    [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
}

/// A second of 440 Hz, 9 dB below full scale as [`level_db`] counts, at `rate`.
fn sine(rate: u32) -> impl Iterator<Item = f64> {
    (0..rate).map(move |n| 0.5 * (std::f64::consts::TAU * 440.0 * f64::from(n) / f64::from(rate)).sin())
}

fn open(file: Vec<u8>) -> Result<WavReader<Cursor<Vec<u8>>>, WavError> {
    WavReader::new(Cursor::new(file), Channel::Mix)
}

/// Asserts that the file is a second of the sine.
#[track_caller]
fn is_a_second_of_440_hz(file: Vec<u8>) {
    let mut reader = open(file).expect("readable");
    let sound: Vec<i16> = reader.by_ref().flat_map(|frame| frame.0).collect();
    assert_eq!((reader.samples(), sound.len(), reader.warning()), (16_000, 16_000, None));
    let level = level_db(&sound);
    assert!((level - 9.03).abs() < 0.2, "level {level}");
    let crossings = sound.windows(2).filter(|w| (w[0] < 0) != (w[1] < 0)).count();
    assert!((870..=882).contains(&crossings), "{crossings} zero crossings");
}

#[test]
fn every_usual_rate_width_and_coding_is_read() {
    for rate in [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000] {
        let i16s: Vec<u8> = sine(rate).flat_map(|x| ((x * 32767.0) as i16).to_le_bytes()).collect();
        is_a_second_of_440_hz(wav(PCM, 16, 1, rate, &i16s));
    }
    let u8s: Vec<u8> = sine(8000).map(|x| (x * 127.0 + 128.0).round() as u8).collect();
    is_a_second_of_440_hz(wav(PCM, 8, 1, 8000, &u8s));
    let i24s: Vec<u8> = sine(8000).flat_map(|x| ((x * 8388607.0) as i32).to_le_bytes()[..3].to_vec()).collect();
    is_a_second_of_440_hz(wav(PCM, 24, 1, 8000, &i24s));
    let i32s: Vec<u8> = sine(8000).flat_map(|x| ((x * 2147483647.0) as i32).to_le_bytes()).collect();
    is_a_second_of_440_hz(wav(PCM, 32, 1, 8000, &i32s));
    let f32s: Vec<u8> = sine(8000).flat_map(|x| (x as f32).to_le_bytes()).collect();
    is_a_second_of_440_hz(wav(FLOAT, 32, 1, 8000, &f32s));
    let f64s: Vec<u8> = sine(8000).flat_map(f64::to_le_bytes).collect();
    is_a_second_of_440_hz(wav(FLOAT, 64, 1, 8000, &f64s));
}

#[test]
fn g711_files_are_read() {
    let samples: Vec<i16> = sine(8000).map(|x| (x * 32767.0) as i16).collect();
    let mut bytes = vec![0; samples.len()];
    attendant::audio::g711::encode_ulaw(&samples, &mut bytes);
    is_a_second_of_440_hz(wav(7, 8, 1, 8000, &bytes));
    attendant::audio::g711::encode_alaw(&samples, &mut bytes);
    is_a_second_of_440_hz(wav(6, 8, 1, 8000, &bytes));
}

#[test]
fn the_extensible_header_is_read() {
    let data: Vec<u8> = sine(48_000).flat_map(|x| (x as f32).to_le_bytes()).collect();
    let mut fmt = vec![0xfe, 0xff, 1, 0];
    fmt.extend(48_000u32.to_le_bytes());
    fmt.extend(192_000u32.to_le_bytes());
    fmt.extend([4, 0, 32, 0, 22, 0, 32, 0, 0, 0, 0, 0]);
    fmt.extend([3, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
    is_a_second_of_440_hz(riff(&[(b"fmt ", &fmt), (b"fact", &48_000u32.to_le_bytes()), (b"data", &data)]));
}

#[test]
fn a_channel_of_a_stereo_file_can_be_chosen() {
    let left: Vec<i16> = sine(16_000).map(|x| (x * 32767.0) as i16).collect();
    let data: Vec<u8> = left.iter().flat_map(|l| [l.to_le_bytes(), [0, 0]].concat()).collect();
    let file = wav(PCM, 16, 2, 16_000, &data);
    let level = |channel| {
        let reader = WavReader::new(Cursor::new(file.clone()), channel).expect("readable");
        level_db(&reader.flat_map(|frame| frame.0).collect::<Vec<i16>>()).round()
    };
    assert_eq!((level(Channel::Left), level(Channel::Right), level(Channel::Mix)), (9.0, 127.0, 15.0));
    let mono = wav(PCM, 16, 1, 16_000, &data);
    let refused = WavReader::new(Cursor::new(mono), Channel::Right);
    assert!(matches!(refused, Err(WavError::NoSuchChannel { channels: 1 })));
}

#[test]
fn a_file_without_its_end_is_read_as_far_as_it_goes_and_says_so() {
    let data: Vec<u8> = sine(16_000).flat_map(|x| ((x * 32767.0) as i16).to_le_bytes()).collect();
    let mut file = wav(PCM, 16, 1, 16_000, &data);
    file.truncate(file.len() - 16_001);
    let mut reader = open(file).expect("half a second is there");
    assert_eq!(reader.by_ref().count(), 25);
    assert_eq!((reader.samples(), reader.warning()), (7_999, Some(WavWarning::Truncated)));
}

#[test]
fn a_header_that_was_never_completed_is_no_obstacle() {
    let data: Vec<u8> = sine(16_000).flat_map(|x| ((x * 32767.0) as i16).to_le_bytes()).collect();
    for (riff_len, data_len) in [(0u32, 0u32), (u32::MAX, u32::MAX), (36, 0)] {
        let mut file = wav(PCM, 16, 1, 16_000, &data);
        let at = file.len() - data.len();
        file[4..8].copy_from_slice(&riff_len.to_le_bytes());
        file[at - 4..at].copy_from_slice(&data_len.to_le_bytes());
        is_a_second_of_440_hz(file);
    }
}

#[test]
fn what_cannot_be_heard_is_refused_with_advice() {
    let tag_adpcm = wav(2, 4, 1, 8000, &[0; 100]);
    let slow = wav(PCM, 16, 1, 4000, &[0; 100]);
    let trailing = riff(&[(b"fmt ", &wav(PCM, 16, 1, 8000, &[])[20..36]), (b"data", b""), (b"LIST", b"INFOxxxxxxxx")]);
    for (file, expected) in [
        (vec![], "the file is empty"),
        (b"ID3\x03 this is an mp3".to_vec(), "not a WAV file"),
        (b"RIFF".to_vec(), "not a WAV file"),
        (wav(PCM, 16, 1, 8000, &[]), "holds no sound"),
        (trailing, "holds no sound"),
        (riff(&[]), "holds no sound"),
        (riff(&[(b"data", b"1234")]), "no format chunk"),
        (tag_adpcm, "compressed"),
        (slow, "4000 Hz"),
        (wav(PCM, 16, 0, 8000, &[0; 4]), "no channel"),
        (wav(PCM, 16, 4000, 8000, &[0; 9000]), "4000 channels"),
    ] {
        let message = open(file).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(message.contains(expected) && message.contains("\nhint: "), "{expected}: {message:?}");
    }
}

/// An endless file that counts what was read of it.
struct Endless {
    head: Cursor<Vec<u8>>,
    read: Rc<Cell<usize>>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.head.read(buffer)? {
            0 => buffer.len(),
            count => count,
        };
        self.read.set(self.read.get() + count);
        Ok(count)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.head.seek(to)
    }
}

#[test]
fn a_long_file_is_read_only_as_fast_as_it_is_used() {
    let mut head = wav(PCM, 16, 1, 48_000, &[]);
    let end = head.len();
    head[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
    let read = Rc::new(Cell::new(0));
    let reader = WavReader::new(Endless { head: Cursor::new(head), read: Rc::clone(&read) }, Channel::Mix);
    let mut reader = reader.expect("readable");
    for frames in 1..5000 {
        reader.next().expect("endless");
        assert!(read.get() < frames * 1920 + 40_000, "{} bytes read for {frames} frames", read.get());
    }
}

/// Fails after a while.
struct Failing(Cursor<Vec<u8>>, u64);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.position() < self.1 {
            true => self.0.read(buffer),
            false => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_disk_that_fails_half_way_leaves_what_was_read() {
    let file = Cursor::new(wav(PCM, 16, 1, 16_000, &vec![1; 64_000]));
    let mut reader = WavReader::new(Failing(file.clone(), 30_000), Channel::Mix).expect("the first part is there");
    assert!(reader.by_ref().count() > 20);
    assert_eq!(reader.warning(), Some(WavWarning::ReadFailed(io::ErrorKind::TimedOut)));
    assert!(matches!(WavReader::new(Failing(file, 60), Channel::Mix), Err(WavError::Io(_))));
}

#[test]
fn what_is_written_is_read_again() {
    let caller: Vec<Frame> = tone::frames(&tone::sine(300.0, 6.0, 100)).collect();
    let bot: Vec<Frame> = tone::frames(&tone::hold_music(6.0, 100)).collect();
    let (mut mono, mut stereo) = (Cursor::new(vec![]), Cursor::new(vec![]));
    let mut writer = WavWriter::mono(&mut mono).expect("memory");
    caller.iter().for_each(|frame| writer.write(frame).expect("memory"));
    writer.finish().expect("memory");
    let mut writer = WavWriter::stereo(&mut stereo).expect("memory");
    caller.iter().zip(&bot).for_each(|(l, r)| writer.write_pair(l, r).expect("memory"));
    writer.finish().expect("memory");
    let frames = |file: &Cursor<Vec<u8>>, channel| -> Vec<Frame> {
        WavReader::new(Cursor::new(file.get_ref().clone()), channel).expect("readable").collect()
    };
    assert_eq!(frames(&mono, Channel::Mix), caller);
    assert_eq!(frames(&stereo, Channel::Left), caller);
    assert_eq!(frames(&stereo, Channel::Right), bot);
}

/// Reads to the end; no more may come out than went in.
fn exhaust(file: &[u8]) {
    for channel in [Channel::Mix, Channel::Right] {
        if let Ok(mut reader) = WavReader::new(Cursor::new(file), channel) {
            let limit = file.len() * 2 / 320 + 1;
            assert!(reader.by_ref().take(limit + 1).count() <= limit);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        exhaust(&bytes);
        exhaust(&[b"RIFF\0\0\0\0WAVE", bytes.as_slice()].concat());
        exhaust(&[b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0", bytes.as_slice()].concat());
    }

    #[test]
    fn a_good_file_with_bytes_changed_or_missing_never_panics(
        tag in prop::sample::select(vec![1u16, 3, 6, 7, 0xfffe]),
        bits in prop::sample::select(vec![0u16, 8, 12, 16, 24, 32, 64]),
        channels in 0u16..4,
        rate in prop::sample::select(vec![0u32, 8000, 11_025, 44_100, 96_000, u32::MAX / 100]),
        changes in prop::collection::vec((0usize..80, any::<u8>()), 0..4),
        keep in 0usize..3000,
    ) {
        let mut file = wav(tag, bits, channels, rate, &[0x55; 2500]);
        for (at, byte) in changes {
            // The rate's low bytes stay: a prime rate makes the converter's first block slow.
            if !(24..28).contains(&at) {
                file[at] = byte;
            }
        }
        file.truncate(keep);
        exhaust(&file);
    }
}
