//! What the bot says, on its way out: sentences in order, 20 ms at a time, a mark after each.

use crate::audio::{FRAME_SAMPLES, Frame};
use crate::call::{Event, Mark, PlaybackId, Tick, ticks};
use crate::dialogue::Sentence;
use std::collections::VecDeque;
use std::sync::Arc;

/// A mark that has not come back this long after its sound was due is taken for lost.
const LOST: Tick = ticks(2000);

struct Item {
    mark: Mark,
    /// `None`: not synthesised yet.
    samples: Option<Arc<[i16]>>,
    at: usize,
}

/// What [`Player::tick`] gives, in order.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "frames are by far the most common, and boxing would allocate 50 times a second"
)]
pub enum Play {
    Media(Frame),
    Mark(Mark),
    /// For the call engine.
    Tell(Event),
}

/// The outgoing side of one call.
pub struct Player {
    queue: VecDeque<Item>,
    /// The line reports marks back; otherwise sent is heard.
    marks: bool,
    /// Frames that may be sent before they are due.
    lead: u32,
    /// Frames sent and not yet due.
    ahead: u32,
    /// Marks sent and not yet back, with the tick at which to give them up.
    awaited: VecDeque<(Mark, Tick)>,
}

impl Player {
    /// `marks`: the line echoes marks when their sound has been heard. `lead`: frames that the line
    /// buffers, so that a late tick of ours is no gap in the caller's ear.
    pub fn new(marks: bool, lead: u32) -> Self {
        Self {
            queue: VecDeque::new(),
            marks,
            lead,
            ahead: 0,
            awaited: VecDeque::new(),
        }
    }

    /// Queues sentences from index `first` on; gives the texts to synthesise.
    pub fn say<'a>(
        &mut self,
        playback: PlaybackId,
        sentences: &'a [Sentence],
        first: u16,
    ) -> impl Iterator<Item = (Mark, &'a Sentence)> + use<'a> {
        let marked = move |(index, sentence)| {
            (
                Mark {
                    playback,
                    sentence: index as u16,
                },
                sentence,
            )
        };
        let marked = sentences
            .iter()
            .enumerate()
            .skip(usize::from(first))
            .map(marked);
        self.queue.extend(marked.clone().map(|(mark, _)| Item {
            mark,
            samples: None,
            at: 0,
        }));
        marked
    }

    /// The sound of a sentence; empty: it could not be made and counts as said.
    pub fn rendered(&mut self, mark: Mark, samples: Arc<[i16]>) {
        if let Some(item) = self
            .queue
            .iter_mut()
            .find(|item| item.mark == mark && item.samples.is_none())
        {
            item.samples = Some(samples);
        }
    }

    /// Drops everything; what is buffered in the line is the line's to drop.
    pub fn clear(&mut self) {
        self.queue.clear();
        self.awaited.clear();
        self.ahead = 0;
    }

    /// A mark came back. Marks of what was cleared are dropped here.
    pub fn played(&mut self, mark: Mark) -> Option<Event> {
        let index = self
            .awaited
            .iter()
            .position(|(awaited, _)| *awaited == mark)?;
        self.awaited.drain(..=index);
        Some(Event::Played {
            mark,
            cleared: false,
        })
    }

    /// Is anything left to be sent or heard?
    pub fn is_silent(&self) -> bool {
        self.queue.is_empty() && self.awaited.is_empty()
    }

    /// Sends what is due in this tick.
    pub fn tick(&mut self, now: Tick, play: &mut Vec<Play>) {
        self.ahead = self.ahead.saturating_sub(1);
        while self.ahead <= self.lead && self.front_ready() {
            let mut frame = Frame::SILENCE;
            let done = self.fill(&mut frame, play);
            play.push(Play::Media(frame));
            self.ahead += 1;
            for mark in done {
                self.sent(now, mark, play);
            }
        }
        while let Some((mark, _)) = self.awaited.pop_front_if(|(_, deadline)| now >= *deadline) {
            play.push(Play::Tell(Event::Played {
                mark,
                cleared: false,
            }));
        }
    }

    fn front_ready(&self) -> bool {
        self.queue
            .front()
            .is_some_and(|item| item.samples.is_some())
    }

    /// Fills a frame from the queue; returns the sentences that ended in it.
    fn fill(&mut self, frame: &mut Frame, play: &mut Vec<Play>) -> Vec<Mark> {
        let mut done = Vec::new();
        let mut filled = 0;
        while filled < FRAME_SAMPLES {
            let Some(item) = self.queue.front_mut() else {
                break;
            };
            let Some(samples) = &item.samples else { break };
            if item.at == 0 {
                play.push(Play::Tell(Event::Started(item.mark)));
            }
            let part = &samples[item.at.min(samples.len())..];
            let count = part.len().min(FRAME_SAMPLES - filled);
            frame.0[filled..filled + count].copy_from_slice(&part[..count]);
            filled += count;
            item.at += count;
            if item.at >= samples.len() {
                done.push(item.mark);
                self.queue.pop_front();
            }
        }
        done
    }

    fn sent(&mut self, now: Tick, mark: Mark, play: &mut Vec<Play>) {
        if self.marks {
            self.awaited.push_back((mark, now + self.ahead + LOST));
            play.push(Play::Mark(mark));
        } else {
            play.push(Play::Tell(Event::Played {
                mark,
                cleared: false,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence() -> Sentence {
        Sentence {
            text: "x".into(),
            ..Sentence::default()
        }
    }

    fn mark(sentence: u16) -> Mark {
        Mark {
            playback: 1,
            sentence,
        }
    }

    fn playing(marks: bool, lead: u32, lengths: &[usize]) -> Player {
        let mut player = Player::new(marks, lead);
        let sentences: Vec<_> = lengths.iter().map(|_| sentence()).collect();
        assert_eq!(player.say(1, &sentences, 0).count(), lengths.len());
        for (index, length) in lengths.iter().enumerate() {
            player.rendered(mark(index as u16), vec![7; *length].into());
        }
        player
    }

    fn tick(player: &mut Player, now: Tick) -> Vec<Play> {
        let mut play = Vec::new();
        player.tick(now, &mut play);
        play
    }

    #[test]
    fn sentences_follow_each_other_without_a_hole() {
        let mut player = playing(false, 0, &[480, 480]);
        let all: Vec<_> = (1..=4).flat_map(|now| tick(&mut player, now)).collect();
        let samples: usize = all
            .iter()
            .map(|play| {
                if let Play::Media(frame) = play {
                    frame.0.iter().filter(|s| **s == 7).count()
                } else {
                    0
                }
            })
            .sum();
        assert_eq!(samples, 960);
        let told: Vec<_> = all
            .iter()
            .filter(|play| matches!(play, Play::Tell(_)))
            .cloned()
            .collect();
        let played = |sentence| {
            Play::Tell(Event::Played {
                mark: mark(sentence),
                cleared: false,
            })
        };
        let started = |sentence| Play::Tell(Event::Started(mark(sentence)));
        assert_eq!(told, [started(0), started(1), played(0), played(1)]);
    }

    #[test]
    fn a_buffering_line_gets_its_lead_and_then_one_frame_a_tick() {
        let mut player = playing(true, 3, &[FRAME_SAMPLES * 20]);
        let frames = |play: Vec<Play>| {
            play.iter()
                .filter(|play| matches!(play, Play::Media(_)))
                .count()
        };
        assert_eq!(frames(tick(&mut player, 1)), 4);
        assert_eq!(frames(tick(&mut player, 2)), 1);
        assert_eq!(frames(tick(&mut player, 3)), 1);
    }

    #[test]
    fn a_lost_mark_is_given_up_after_its_time() {
        let mut player = playing(true, 0, &[FRAME_SAMPLES]);
        assert!(tick(&mut player, 1).contains(&Play::Mark(mark(0))));
        let late: Vec<_> = (2..=1 + 1 + LOST)
            .flat_map(|now| tick(&mut player, now))
            .collect();
        assert_eq!(
            late,
            [Play::Tell(Event::Played {
                mark: mark(0),
                cleared: false
            })]
        );
        assert_eq!(
            player.played(mark(0)),
            None,
            "the late echo is no second report"
        );
    }

    #[test]
    fn marks_of_cleared_sound_are_dropped() {
        let mut player = playing(true, 0, &[FRAME_SAMPLES]);
        tick(&mut player, 1);
        player.clear();
        assert_eq!(player.played(mark(0)), None);
        assert!(player.is_silent());
    }
}
