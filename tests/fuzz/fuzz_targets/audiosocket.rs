//! Any bytes from AudioSocket's port, in any pieces: packets whose lengths add up, and the codec's
//! events; never a panic, no growth. (The other codecs are in `twilio`, which plays every provider's.)
#![no_main]

use attendant::line::asterisk::AudioSocketCodec;
use attendant::line::asterisk::audiosocket::Packets;
use attendant::line::provider::{Provided as _, Wire};
use libfuzzer_sys::fuzz_target;
use tokio_util::bytes::BytesMut;
use tokio_util::codec::Decoder as _;

fuzz_target!(|pieces: Vec<Vec<u8>>| {
    let (mut buffer, mut events) = (BytesMut::new(), Vec::new());
    let mut codec = AudioSocketCodec::new(String::new());
    let mut taken = 0;
    for piece in &pieces {
        buffer.extend_from_slice(piece);
        while let Some(packet) = Packets.decode(&mut buffer).expect("there is no error") {
            assert!(packet.len() >= 3);
            taken += packet.len();
            let _ = codec.decode(Wire::Binary(&packet), &mut events);
        }
        assert!(buffer.len() < 3 + 65_536);
    }
    let bytes: usize = pieces.iter().map(Vec::len).sum();
    assert_eq!(taken + buffer.len(), bytes);
    assert!(events.len() <= bytes + 1);
});
