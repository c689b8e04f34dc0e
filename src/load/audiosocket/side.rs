//! Asterisk's end of an AudioSocket connection: packets that TCP cuts anywhere, no queue for what comes ahead of
//! time, and an end at whatever it does not know.

use crate::load::convert::Coder;
use crate::load::dialect::{At, Heard, Received, Sent, Side, Wire};
use std::time::Duration;

/// Bytes before the payload: the type, and the length in network order.
const HEAD: usize = 3;
const HANG_UP: u8 = 0x00;
const ID: u8 = 0x01;
const DIGIT: u8 = 0x03;
/// Linear sound at 8 kHz, and at 16 kHz.
const NARROW: u8 = 0x10;
const WIDE: u8 = 0x12;
/// A server may be ahead of the clock by so much: Asterisk passes on what comes as it comes.
const AHEAD: Duration = Duration::from_millis(200);

/// An open connection.
pub struct AudioSocketSide {
    id: [u8; 16],
    wide: bool,
    piece: usize,
    paced: bool,
    /// The caller's; what comes back has a type of its own.
    ours: Coder,
    narrow: Coder,
    broad: Coder,
    /// What is no whole packet yet.
    rest: Vec<u8>,
    /// Sound that has come so far.
    came: Duration,
}

impl AudioSocketSide {
    /// `piece`: bytes of a write, 0: whole packets.
    ///
    /// # Panics
    /// Never: the rates can be converted.
    pub fn new(id: [u8; 16], wide: bool, piece: usize, paced: bool) -> Self {
        let coder = |rate_hz| Coder::linear(rate_hz).expect("a usual rate");
        Self {
            id,
            wide,
            piece,
            paced,
            ours: coder(if wide { 16_000 } else { 8_000 }),
            narrow: coder(8_000),
            broad: coder(16_000),
            rest: Vec::new(),
            came: Duration::ZERO,
        }
    }

    fn send(&self, kind: u8, payload: &[u8], wire: &mut Vec<Sent>) {
        let mut packet = vec![kind];
        packet.extend((payload.len() as u16).to_be_bytes());
        packet.extend(payload);
        let piece = match self.piece {
            0 => packet.len(),
            bytes => bytes,
        };
        wire.extend(
            packet
                .chunks(piece)
                .map(|piece| Wire::Binary(piece.to_vec())),
        );
    }

    fn packet(
        &mut self,
        at: At,
        kind: u8,
        payload: &[u8],
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let coder = match kind {
            HANG_UP => {
                heard.push(Heard::Ended);
                return Ok(());
            }
            NARROW => &mut self.narrow,
            WIDE => &mut self.broad,
            other => {
                let why = format!("Asterisk ends the call at type {other:#x}");
                heard.push(Heard::Broken(why));
                return Ok(());
            }
        };
        if payload.is_empty() {
            let why = "Asterisk ends the call at a packet without sound";
            heard.push(Heard::Broken(why.into()));
            return Ok(());
        }
        let sound = coder.decode(payload);
        self.came += Duration::from_micros(sound.len() as u64 * 125);
        heard.push(Heard::Sound(sound));
        match self.paced && self.came > at.now + AHEAD {
            true => Err("sound ahead of the clock, for which there is no queue".into()),
            false => Ok(()),
        }
    }
}

impl Side for AudioSocketSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        self.send(ID, &self.id, wire);
    }

    fn sound(&mut self, _: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        let sound = self.ours.encode(ulaw);
        self.send(if self.wide { WIDE } else { NARROW }, &sound, wire);
    }

    fn key(&mut self, _: At, key: char, wire: &mut Vec<Sent>) {
        self.send(DIGIT, &[key as u8], wire);
    }

    /// There are no marks.
    fn played(&mut self, _: At, _: &str, _: bool, _: &mut Vec<Sent>) {}

    /// Asterisk just closes.
    fn stop(&mut self, _: At, _: &mut Vec<Sent>) {}

    fn receive(
        &mut self,
        at: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let Wire::Binary(bytes) = message else {
            return Err("a text".into());
        };
        let mut stream = std::mem::take(&mut self.rest);
        stream.extend_from_slice(bytes);
        let (mut from, mut refused) = (0, Ok(()));
        while let Some(&[kind, high, low]) = stream.get(from..from + HEAD) {
            let end = from + HEAD + usize::from(u16::from_be_bytes([high, low]));
            let Some(payload) = stream.get(from + HEAD..end) else {
                break;
            };
            refused = refused.and(self.packet(at, kind, payload, heard));
            from = end;
        }
        self.rest = stream.split_off(from);
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(
        side: &mut AudioSocketSide,
        now_ms: u64,
        bytes: &[u8],
    ) -> (Result<(), String>, Vec<Heard>) {
        let at = At {
            now: Duration::from_millis(now_ms),
            ..At::default()
        };
        let mut heard = Vec::new();
        let read = side.receive(at, Wire::Binary(bytes), &mut heard);
        (read, heard)
    }

    #[test]
    fn packets_are_read_however_they_are_cut() {
        let stream = [&[NARROW, 1, 0x40][..], &[0; 320], &[HANG_UP, 0, 0]].concat();
        for size in [1, 2, 322, 400] {
            let mut side = AudioSocketSide::new([7; 16], false, 0, true);
            let pieces = stream.chunks(size).flat_map(|piece| {
                let (read, heard) = heard(&mut side, 0, piece);
                assert_eq!(read, Ok(()));
                heard
            });
            let due = [Heard::Sound(vec![0xFF; 160]), Heard::Ended];
            assert_eq!(pieces.collect::<Vec<_>>(), due, "in pieces of {size}");
        }
    }

    #[test]
    fn what_ends_a_call_breaks_it_and_haste_is_refused() {
        for bad in [[DIGIT, 0, 0], [0x77, 0, 0], [NARROW, 0, 0]] {
            let mut side = AudioSocketSide::new([7; 16], false, 0, true);
            let (_, heard) = heard(&mut side, 0, &bad);
            assert!(matches!(&heard[..], [Heard::Broken(_)]), "{bad:?}");
        }
        let packet = [&[NARROW, 1, 0x40][..], &[0; 320]].concat();
        let sent = |now_ms: u64, packets: usize, paced| {
            let mut side = AudioSocketSide::new([7; 16], false, 0, paced);
            heard(&mut side, now_ms, &packet.repeat(packets)).0
        };
        assert_eq!(sent(0, 10, true), Ok(()));
        assert!(sent(0, 11, true).is_err());
        assert_eq!(sent(20, 11, true), Ok(()), "on time");
        assert_eq!(sent(0, 50, false), Ok(()));
    }

    #[test]
    fn the_callers_packets_have_the_channels_type_and_go_out_in_pieces() {
        let (mut side, mut wire) = (AudioSocketSide::new([7; 16], true, 5, true), Vec::new());
        side.hello(&mut wire);
        side.sound(At::default(), &[0xFF; 160], &mut wire);
        let bytes: Vec<u8> = wire
            .iter()
            .flat_map(|sent| match sent {
                Wire::Binary(bytes) if bytes.len() <= 5 => bytes.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(bytes[..19], [&[ID, 0, 16][..], &[7; 16]].concat());
        assert_eq!(
            (bytes[19..22].to_vec(), bytes.len()),
            (vec![WIDE, 2, 0x80], 22 + 640)
        );
    }
}
