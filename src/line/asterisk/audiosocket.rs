//! Asterisk's AudioSocket: packets `type | length (16 bits, big-endian) | payload` on a TCP connection.
//! One message of the codec is one whole packet; [`Packets`] cuts the stream. Asterisk ends the call at
//! anything that it does not know: we send hang-up and sound, nothing else.

use crate::audio::Digit;
use crate::line::Out;
use crate::line::coding::{Coding, Ear, Mouth};
use crate::line::provider::{Ignored, LineEvent, Provided, Received, Sent, Start, Wire};
use std::io;
use tokio_util::bytes::{Buf as _, Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

/// Bytes before the payload.
const HEAD: usize = 3;
const HANG_UP: u8 = 0x00;
const ID: u8 = 0x01;
const DIGIT: u8 = 0x03;
/// Linear sound at 8 kHz; the types after it are the higher rates.
const SOUND: u8 = 0x10;
const ERROR: u8 = 0xff;
/// Rates of the types from [`SOUND`] on, Hz; the higher ones come from channels with `c(slin16)` and the
/// like, since 20.17/22.7/23.1.
const RATES: [u32; 9] = [
    8_000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000,
];

/// Cuts a TCP stream into packets, however it was split or merged on the way.
#[derive(Debug, Default)]
pub struct Packets;

impl Decoder for Packets {
    type Item = Bytes;
    type Error = io::Error;

    fn decode(&mut self, stream: &mut BytesMut) -> io::Result<Option<Bytes>> {
        let Some(head) = stream.get(..HEAD) else {
            return Ok(None);
        };
        let length = HEAD + usize::from(u16::from_be_bytes([head[1], head[2]]));
        if stream.len() < length {
            stream.reserve(length - stream.len());
            return Ok(None);
        }
        Ok(Some(stream.split_to(length).freeze()))
    }

    fn decode_eof(&mut self, stream: &mut BytesMut) -> io::Result<Option<Bytes>> {
        let packet = self.decode(stream)?;
        if packet.is_none() {
            // Half a packet is worth nothing.
            stream.advance(stream.len());
        }
        Ok(packet)
    }
}

impl Encoder<Bytes> for Packets {
    type Error = io::Error;

    fn encode(&mut self, packet: Bytes, stream: &mut BytesMut) -> io::Result<()> {
        stream.extend_from_slice(&packet);
        Ok(())
    }
}

/// The UUID of a connection's first packet.
pub fn id(packet: &[u8]) -> Option<[u8; 16]> {
    let payload = packet.get(HEAD..)?;
    (packet[0] == ID).then(|| payload.try_into().ok()).flatten()
}

/// A UUID as it is written: lower case, with hyphens.
pub fn written(id: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (n, byte) in id.iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Reads a UUID, with or without hyphens.
pub fn parse_id(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b'-').collect();
    let mut id = [0; 16];
    if digits.len() != 32 {
        return None;
    }
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |b: u8| char::from(b).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(id)
}

fn rate_hz(kind: u8) -> Option<u32> {
    RATES.get(usize::from(kind.checked_sub(SOUND)?)).copied()
}

/// One connection's codec.
pub struct AudioSocketCodec {
    /// What the UUID's announcement is claimed with.
    token: String,
    stream: Stream,
    /// The type of sound both ways: that of the channel.
    kind: u8,
    ear: Ear,
    mouth: Mouth,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Waiting,
    Open,
    Closed,
}

impl AudioSocketCodec {
    /// `token`: that of the announcement of the connection's UUID; empty: it was not announced.
    pub fn new(token: String) -> Self {
        let coding = Coding::L16 { rate_hz: RATES[0] };
        Self {
            token,
            stream: Stream::Waiting,
            kind: SOUND,
            ear: Ear::telephone(coding),
            mouth: Mouth::telephone(coding),
        }
    }

    fn start(&mut self, payload: &[u8]) -> Result<LineEvent, Ignored> {
        let id: &[u8; 16] = payload.try_into().map_err(|_| Ignored::Malformed)?;
        self.stream = Stream::Open;
        Ok(LineEvent::Started(Start {
            call_id: written(id),
            token: std::mem::take(&mut self.token),
            caller: None,
            language: None,
        }))
    }

    fn sound(
        &mut self,
        kind: u8,
        rate_hz: u32,
        sound: &[u8],
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        if kind != self.kind {
            let coding = Coding::L16 { rate_hz };
            self.ear = Ear::new(coding).map_err(|_| Ignored::Format)?;
            self.mouth = Mouth::new(coding).map_err(|_| Ignored::Format)?;
            self.kind = kind;
        }
        self.ear.hear(sound, events);
        Ok(())
    }
}

impl Provided for AudioSocketCodec {
    fn decode(
        &mut self,
        message: Received<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        let Wire::Binary(packet) = message else {
            return Err(Ignored::Binary);
        };
        let (head, payload) = packet.split_at_checked(HEAD).ok_or(Ignored::Malformed)?;
        if usize::from(u16::from_be_bytes([head[1], head[2]])) != payload.len() {
            return Err(Ignored::Malformed);
        }
        match (self.stream, head[0]) {
            (Stream::Waiting, ID) => self.start(payload).map(|start| events.push(start)),
            (Stream::Waiting, _) => Err(Ignored::BeforeStart),
            (Stream::Closed, _) => Err(Ignored::AfterStop),
            (Stream::Open, ID) => Err(Ignored::SecondStart),
            (Stream::Open, HANG_UP) => {
                self.stream = Stream::Closed;
                events.push(LineEvent::Stopped);
                Ok(())
            }
            (Stream::Open, DIGIT) => {
                let key = payload.first().map(|b| char::from(*b));
                let digit = key.and_then(Digit::new).ok_or(Ignored::Digit)?;
                events.push(LineEvent::Digit(digit));
                Ok(())
            }
            (Stream::Open, ERROR) => {
                tracing::warn!(code = payload.first(), "Asterisk reports an error");
                Err(Ignored::Idle)
            }
            (Stream::Open, kind) => {
                let rate_hz = rate_hz(kind).ok_or(Ignored::UnknownEvent)?;
                self.sound(kind, rate_hz, payload, events)
            }
        }
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        match out {
            Out::Media(frame) if self.stream == Stream::Open => {
                let sound = self.mouth.encode(frame);
                let mut packet = Vec::with_capacity(HEAD + sound.len());
                packet.push(self.kind);
                // 20 ms at 192 kHz have 7680 bytes.
                packet.extend((sound.len() as u16).to_be_bytes());
                packet.extend(sound);
                wire.push(Wire::Binary(packet));
            }
            Out::End(_) => wire.push(Wire::Binary(vec![HANG_UP, 0, 0])),
            // Nothing is queued beyond us: to stop is to be silent at once.
            Out::Media(_) | Out::Clear | Out::Mark(_) | Out::Caption(_) | Out::CallOff => {}
        }
    }

    /// Asterisk gives a call up after 2 s in which nothing came from either side, and a telephone that
    /// sends no silence sends nothing. It is also what a steady stream to the trunk needs.
    fn quiet(&mut self, wire: &mut Vec<Sent>) {
        self.encode(&Out::Media(crate::audio::Frame::SILENCE), wire);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Frame;

    fn packets(stream: &[u8], size: usize) -> Vec<Vec<u8>> {
        let (mut buffer, mut found) = (BytesMut::new(), Vec::new());
        for piece in stream.chunks(size) {
            buffer.extend_from_slice(piece);
            while let Some(packet) = Packets.decode(&mut buffer).expect("no error") {
                found.push(packet.to_vec());
            }
        }
        assert!(Packets.decode_eof(&mut buffer).expect("no error").is_none());
        assert!(buffer.is_empty());
        found
    }

    #[test]
    fn packets_come_out_whole_however_the_stream_is_cut() {
        let whole: Vec<Vec<u8>> = vec![
            [&[ID, 0, 16][..], &[7; 16]].concat(),
            vec![DIGIT, 0, 1, b'5'],
            [&[SOUND, 1, 0x40][..], &[1; 320]].concat(),
            vec![HANG_UP, 0, 0],
        ];
        let mut stream = whole.concat();
        stream.extend([SOUND, 1]);
        for size in [1, 2, 3, 5, 322, 1000] {
            assert_eq!(packets(&stream, size), whole, "in pieces of {size}");
        }
    }

    #[test]
    fn ids_are_read_and_written() {
        let text = "40325ec2-5efd-4bd3-805f-53576e581d13";
        let id = parse_id(text).expect("a UUID");
        assert_eq!(written(&id), text);
        assert_eq!(parse_id(&text.replace('-', "").to_uppercase()), Some(id));
        for odd in ["", "40325ec2", "g0325ec25efd4bd3805f53576e581d13"] {
            assert_eq!(parse_id(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_bot_speaks_at_the_rate_at_which_it_hears() {
        let (mut codec, mut events) = (AudioSocketCodec::new(String::new()), Vec::new());
        let say = |codec: &mut AudioSocketCodec| {
            let mut wire = Vec::new();
            codec.encode(&Out::Media(Frame::SILENCE), &mut wire);
            let Some(Wire::Binary(packet)) = wire.pop() else {
                panic!("no packet");
            };
            (packet[0], packet.len())
        };
        let id = [&[ID, 0, 16][..], &[7; 16]].concat();
        codec.decode(Wire::Binary(&id), &mut events).expect("start");
        assert_eq!(say(&mut codec), (0x10, 3 + 320));
        let wide = [&[0x12, 2, 0x80][..], &[0; 640]].concat();
        codec
            .decode(Wire::Binary(&wide), &mut events)
            .expect("sound");
        assert_eq!(say(&mut codec), (0x12, 3 + 640));
        assert!(matches!(events[1], LineEvent::Frame(_)), "{events:?}");
    }
}
