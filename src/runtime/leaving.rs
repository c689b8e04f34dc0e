//! How a call ends for those who come after: the packet of one that is passed on to a person is kept on
//! disk first, so that no crash loses it, and then the line may let go; and what is remembered of the
//! caller. Decides how long a caller waits for a disk, which is not long.

use super::contract::{Ending, Out};
use super::house::House;
use super::session::{Done, Session};
use crate::audio::TICK_MS;
use crate::call::{Event, Tick, ticks};
use crate::desk::{Around, Links, Packet};
use crate::dialogue::{Handover, LookupId};
use crate::pii::vault::Opened;

/// A caller waits no longer than this for the packet to be on disk.
const PATIENCE: Tick = ticks(500);

/// Who waits for the packet, and since when.
pub(super) type Leaving = Option<(Tick, Handover)>;

impl House {
    /// Tells the desk of a caller whose call was not taken. Bounded, whatever storm there is.
    pub fn tell_of_unheard(
        &self,
        handover: &Handover,
        line: &str,
        call: &str,
        caller: Option<&str>,
    ) {
        let Some(desk) = &self.desk else { return };
        let around = Around {
            call,
            line,
            business: &self.domain.name,
            caller,
            links: None,
            elapsed_ms: 0,
        };
        desk.turned_away(call, || {
            Packet::new(handover, around, jiff::Timestamp::now())
        });
    }
}

impl Session {
    /// The house is closing: the caller is told and passed on at the next free moment.
    pub fn drain(&mut self) {
        self.feed(&Event::Drain);
    }

    /// It closes in some seconds: the caller is told now.
    pub fn last_call(&mut self) {
        self.feed(&Event::Hurry);
    }

    /// Hands the packet to the desk, and the call to the line once it is kept.
    pub(super) fn hand_over(&mut self, now: Tick, handover: Handover) {
        let Some(desk) = &self.house.desk else {
            self.out.push(Out::End(Ending::HandOver(handover)));
            return;
        };
        let elapsed_ms = u64::from(now) * u64::from(TICK_MS);
        let base = desk.recordings_url.as_deref();
        let around = Around {
            call: &self.id,
            line: self.line.name,
            business: &self.house.domain.name,
            caller: self.caller.as_deref(),
            links: self
                .folder()
                .map(|folder| Links::new(folder, base, elapsed_ms)),
            elapsed_ms,
        };
        let packet = Packet::new(&handover, around, jiff::Timestamp::now());
        self.leaving = Some((now, handover));
        self.outstanding += 1;
        let sender = self.sender.clone();
        desk.take(packet, move |_| drop(sender.send((now, Done::Spooled))));
    }

    /// The packet is kept, or nobody waits for it any longer.
    pub(super) fn pass_on(&mut self) {
        if let Some((_, handover)) = self.leaving.take() {
            self.out.push(Out::End(Ending::HandOver(handover)));
        }
    }

    /// Passes on a call whose packet a disk keeps waiting.
    pub(super) fn hurry(&mut self) {
        let late = |(since, _): &(Tick, Handover)| self.now().saturating_sub(*since) >= PATIENCE;
        if self.leaving.as_ref().is_some_and(late) {
            tracing::error!("the disk is too slow: the call goes on before its packet is kept");
            self.pass_on();
        }
    }

    /// What the dialogue wants kept for the caller's next call.
    pub(super) fn remember(&mut self) {
        let Some(call) = &self.call else { return };
        if std::mem::replace(&mut self.remembered, true) {
            return;
        }
        for (nth, arguments) in (0..).zip(call.dialogue().to_remember()) {
            let request = crate::store::Request {
                call: self.id.clone(),
                // The engine counts from one: these are never its own.
                id: LookupId::MAX - nth,
                name: "remember".into(),
                arguments,
                secrets: Opened::default(),
                now: self.house.now(),
            };
            self.house.back_end.ask(request, drop);
        }
    }
}
