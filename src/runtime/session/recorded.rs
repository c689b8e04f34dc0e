//! What a session leaves on disk: the first line of its journal and the first page of its bundle when it is
//! answered, how it ended when it is over.

use super::super::sound::Sound;
use super::Session;
use crate::bundle::{Ended, Identity, Manifest, manifest};
use crate::call::journal::{FORMAT, Header};
use std::collections::VecDeque;

impl Session {
    /// The call is answered.
    pub(super) fn open_record(&mut self) {
        if let Some(record) = &mut self.record {
            let header = Header {
                journal: FORMAT,
                attendant: env!("CARGO_PKG_VERSION").into(),
                call: self.id.clone(),
                line: self.line.name.into(),
                endpointing: self.house.endpointing,
                domain: self.house.domain.name.clone(),
                domain_digest: self.house.domain.digest(),
                recognizer: self.house.recognizer.clone(),
            };
            self.writer.header(&header, &mut record.journal);
            record.begin(Manifest {
                bundle: manifest::FORMAT,
                attendant: header.attendant,
                call: header.call,
                line: header.line,
                began: jiff::Timestamp::now(),
                domain: header.domain,
                domain_digest: header.domain_digest,
                identity: Identity::default(),
                ended: None,
            });
        }
    }

    /// The caller is with a person, or on the way, for hours perhaps: the record's files are closed until he comes
    /// back, and the sound is forgotten.
    pub fn set_aside(&mut self) {
        self.sound = Sound::new(self.house.endpointing.max_speech_ms);
        self.bot = VecDeque::new();
        if let Some(record) = &mut self.record {
            self.writer.flush(&mut record.journal);
            record.rest();
        }
    }

    /// The call is over, or dropped.
    pub(super) fn close_record(&mut self) {
        let (ticks, turns) = (self.now(), self.latencies().len());
        let disposition = self.disposition();
        if let Some(record) = &mut self.record {
            self.writer.flush(&mut record.journal);
            record.end(Ended {
                at: jiff::Timestamp::now(),
                ticks,
                turns,
                disposition,
            });
        }
        self.record = None;
    }
}
