//! Asterisk's end of an AudioSocket connection by hand, packet by packet.

use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A UUID, as bytes and as text.
pub const ID: [u8; 16] = [
    0x40, 0x32, 0x5e, 0xc2, 0x5e, 0xfd, 0x4b, 0xd3, 0x80, 0x5f, 0x53, 0x57, 0x6e, 0x58, 0x1d, 0x13,
];
pub const UUID: &str = "40325ec2-5efd-4bd3-805f-53576e581d13";

pub struct FakeAsterisk {
    stream: TcpStream,
    /// Bytes of a write.
    piece: usize,
}

/// A packet from the bot.
#[derive(Debug, PartialEq, Eq)]
pub enum Got {
    /// With its type.
    Sound(u8, Vec<u8>),
    HangUp,
    Closed,
}

pub fn packet(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![kind];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend(payload);
    packet
}

impl FakeAsterisk {
    /// Connects; everything is written in pieces of so many bytes.
    pub async fn connect(address: &str, piece: usize) -> Self {
        let stream = TcpStream::connect(address).await.expect("the port is open");
        stream.set_nodelay(true).expect("TCP");
        Self { stream, piece }
    }

    pub async fn call(address: &str, id: &[u8; 16]) -> Self {
        let mut fake = Self::connect(address, 5).await;
        fake.send(&packet(0x01, id)).await;
        fake
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(self.piece) {
            // A bot that has gone is noticed when reading.
            let _ = self.stream.write_all(piece).await;
            tokio::task::yield_now().await;
        }
    }

    pub async fn key(&mut self, key: u8) {
        self.send(&packet(0x03, &[key])).await;
    }

    /// The next packet; what Asterisk would end the call for is a failure.
    pub async fn next(&mut self) -> Got {
        let mut head = [0; 3];
        match timeout(Duration::from_secs(60), self.stream.read_exact(&mut head)).await {
            Ok(Ok(_)) => {}
            Ok(Err(_)) => return Got::Closed,
            Err(_) => panic!("nothing came"),
        }
        let mut payload = vec![0; usize::from(u16::from_be_bytes([head[1], head[2]]))];
        self.stream
            .read_exact(&mut payload)
            .await
            .expect("whole packets");
        match head[0] {
            0x00 => Got::HangUp,
            kind @ 0x10..=0x18 => {
                assert!(!payload.is_empty(), "Asterisk ends the call at that");
                Got::Sound(kind, payload)
            }
            other => panic!("Asterisk ends the call at type {other:#x}"),
        }
    }

    /// Reads up to the first 20 ms that are not silent.
    pub async fn until_voice(&mut self) {
        loop {
            match self.next().await {
                Got::Sound(_, sound) if sound.iter().any(|b| *b != 0) => return,
                Got::Sound(..) => {}
                other => panic!("{other:?} before a word"),
            }
        }
    }

    /// Reads to the end: the bot hangs up, then closes when we have.
    pub async fn hung_up(mut self) {
        loop {
            match self.next().await {
                Got::Sound(..) => {}
                Got::HangUp => break,
                Got::Closed => panic!("no hang-up"),
            }
        }
        self.stream.shutdown().await.expect("open");
        assert_eq!(self.next().await, Got::Closed);
    }

    pub async fn closed(mut self) {
        while self.next().await != Got::Closed {}
    }
}
