//! The caller's turn: from the first voice to the words handed to the dialogue. Decides when a turn
//! is over, whether a prompt is cut or goes on, and takes a turn back that ended too early.
//!
//! A turn is recognised at each pause already (*early recognition*): its words decide how long to
//! wait for more. At a secret question nothing is recognised: a voice there is a noise, and cuts no
//! prompt.

use super::playout::Playing;
use super::{
    Action, BargeIn, Call, Converse, EndOfTurn, Mark, Note, Recognition, RecognitionId, Span, Then,
    Tick, ticks,
};
use crate::dialogue::{Completeness, Hypothesis, Input, Interruption};

/// Sound before the first voice that goes to the recogniser: soft consonants come before it.
const LEAD_IN: Tick = ticks(240);
/// Sound after the last voice that goes to the recogniser.
const LEAD_OUT: Tick = ticks(200);
/// Voice shorter than this, without words in it, is a noise that nobody needs to speak about.
const NOISE: Tick = ticks(400);
/// A digit said alone takes no longer than this.
const DICTATED_WORD: Tick = ticks(640);
/// Pauses between digits that are said one by one are at least this long.
const DICTATION_GAP: Tick = ticks(500);
/// A recogniser that has not answered after this long is taken for dead: the caller waits.
const RECOGNIZER_PATIENCE: Tick = ticks(3000);
/// A word that seems to begin when the turn is about to end is waited for, but no longer than this.
const STIR: Tick = ticks(200);
/// A voice over the prompt of a secret question that ended this long before the prompt was meant as the answer.
const SPOKEN_SECRET: Tick = ticks(2000);
/// Stretches of voice closer to each other than this are one utterance.
const BREATH: Tick = ticks(500);
/// A caller whose voice starts this soon after our reply went on speaking; nobody reacts faster.
const REACTION: Tick = ticks(300);

/// What the caller is saying.
#[derive(Clone, Debug)]
pub(super) struct CallerTurn {
    /// Stretches of voice, from first to last voice, without lead-in and lead-out.
    voice: Vec<Span>,
    request: Option<(RecognitionId, Tick)>,
    answer: Option<Answer>,
    /// What this turn stopped from being said.
    cut: Vec<Playing>,
    /// The open question had been asked when the caller began.
    asked: bool,
    /// The limit is reached: nothing is added any more.
    full: bool,
}

/// What the recogniser made of a turn, and what follows: weighed once, and looked at in every tick.
#[derive(Clone, Debug)]
struct Answer {
    outcome: Recognition,
    completeness: Completeness,
    /// Nothing is meant by it: what it stopped goes on.
    goes_on: bool,
}

impl Answer {
    /// Nobody listened, or nothing was heard; `cut`: it has stopped a prompt.
    fn nothing(cut: bool) -> Self {
        Self {
            outcome: Recognition::Nothing,
            completeness: Completeness::Open,
            goes_on: cut,
        }
    }
}

/// A turn that was handed to the dialogue, and the dialogue before that: to take it back.
#[derive(Clone, Debug)]
pub(super) struct Committed<D> {
    turn: CallerTurn,
    dialogue: D,
    /// The first reply to it.
    playback: u32,
}

impl CallerTurn {
    fn last_voice(&self) -> Tick {
        self.voice
            .last()
            .map_or(0, |span| span.to.saturating_sub(1))
    }

    fn voiced(&self) -> Tick {
        self.voice.iter().map(|span| span.to - span.from).sum()
    }

    /// Are single words said one after another, with long pauses between them?
    fn is_dictation(&self) -> bool {
        let words = self.voice.len() >= 3
            && self
                .voice
                .iter()
                .all(|span| span.to.saturating_sub(span.from) <= DICTATED_WORD);
        let gaps = self.voice.windows(2);
        words
            && gaps
                .into_iter()
                .all(|pair| pair[1].from.saturating_sub(pair[0].to) >= DICTATION_GAP)
    }

    /// More words than were said: one of them was heard twice, and the rest is still to come.
    fn is_overheard(&self, hypotheses: &[Hypothesis]) -> bool {
        let words = hypotheses
            .first()
            .map_or(0, |best| best.text.split_whitespace().count());
        self.is_dictation() && words > self.voice.len()
    }

    /// What the recogniser gets: long pauses left out, short ones kept.
    fn spans(&self, now: Tick) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::with_capacity(self.voice.len());
        for voice in &self.voice {
            let from = voice.from.saturating_sub(LEAD_IN).max(1);
            let to = (voice.to + LEAD_OUT).min(now + 1);
            match spans.last_mut() {
                Some(last) if last.to >= from => last.to = to,
                _ => spans.push(Span { from, to }),
            }
        }
        spans
    }
}

impl<D: Converse> Call<D> {
    pub(super) fn speech_started(&mut self, from: Tick) {
        let voice = Span {
            from,
            to: self.endpointer.last_voice() + 1,
        };
        if let Some(turn) = &mut self.turn {
            if !turn.full {
                turn.voice.push(voice);
                self.forget_answer();
            }
            return;
        }
        let playing = self.playout.current();
        let secret = self.dialogue.question().secret;
        let keys_only = playing.is_some_and(|playing| secret || playing.barge_in != BargeIn::Any);
        if keys_only || secret && !self.keys.is_empty() {
            // Not for us: heard again once the prompt is over.
            if secret && playing.is_some() {
                self.note_spoken_secret(voice);
            }
            self.endpointer.reset();
            return;
        }
        self.note(Note::SpeechStarted);
        self.keys.clear();
        if let Some(turn) = self.take_back(from) {
            self.turn = Some(CallerTurn {
                request: None,
                answer: None,
                ..turn
            });
            if let Some(turn) = &mut self.turn {
                turn.voice.push(voice);
            }
            return;
        }
        self.committed = None;
        let asked = self.playout.current().is_none_or(Playing::asked);
        let cut = self.pause_prompt();
        // Room for as many pauses as a spoken number has: the ticks that follow allocate nothing.
        let mut spans = Vec::with_capacity(16);
        // The end of a secret that was said over the prompt.
        if let Some(said) = self.spoken_secret.take()
            && from.saturating_sub(said.to) <= SPOKEN_SECRET * 2
        {
            spans.push(said);
        }
        spans.push(voice);
        self.turn = Some(CallerTurn {
            voice: spans,
            request: None,
            answer: None,
            cut,
            asked,
            full: false,
        });
    }

    /// Somebody says his secret over the prompt that asks for it, which nobody listens to.
    fn note_spoken_secret(&mut self, voice: Span) {
        match &mut self.spoken_secret {
            Some(said) if voice.from <= said.to + BREATH => said.to = voice.to,
            said => *said = Some(voice),
        }
    }

    /// The prompt is over, and the caller believes that he has answered: a turn in which nothing was understood,
    /// so that he is told soon that keys are needed.
    pub(super) fn hear_spoken_secret(&mut self) {
        let last = self.endpointer.last_voice() + 1;
        let Some(said) = self.spoken_secret else {
            return;
        };
        let to = if last <= said.to + BREATH {
            last.max(said.to)
        } else {
            said.to
        };
        let meant = self.since(to) <= SPOKEN_SECRET && to - said.from >= NOISE;
        if !meant || !self.dialogue.question().secret || self.turn.is_some() {
            return;
        }
        self.spoken_secret = None;
        let mut voice = Vec::with_capacity(16);
        voice.push(Span { to, ..said });
        self.turn = Some(CallerTurn {
            voice,
            request: None,
            answer: Some(Answer::nothing(false)),
            cut: Vec::new(),
            asked: true,
            full: false,
        });
    }

    /// Stops the prompt; it may go on later.
    fn pause_prompt(&mut self) -> Vec<Playing> {
        let Some(playing) = self.playout.current() else {
            return Vec::new();
        };
        let mark = playing.mark();
        self.act(Action::Clear(mark.playback));
        self.note(Note::BargedIn { mark });
        self.playout.clear()
    }

    /// The turn that the caller simply goes on with, if that is what this voice is.
    fn take_back(&mut self, from: Tick) -> Option<CallerTurn> {
        let committed = self.committed.take()?;
        let reply_started = match self.playout.current() {
            // Not heard yet, or only just.
            Some(playing) if playing.playback == committed.playback => playing.started(),
            // Over already, or no reply was spoken.
            _ => return None,
        };
        if reply_started.is_some_and(|started| from >= started + REACTION) {
            return None;
        }
        let playback = committed.playback;
        self.act(Action::Clear(playback));
        self.note(Note::TakenBack);
        self.playout.clear();
        self.dialogue = committed.dialogue;
        self.then = Some(Then::Listen);
        self.lookup = None;
        self.found = None;
        Some(committed.turn)
    }

    pub(super) fn speech_paused(&mut self) {
        self.shouting = false;
        if self.turn.as_ref().is_none_or(|turn| turn.full) {
            return;
        }
        let last = self.endpointer.last_voice();
        if let Some(voice) = self.turn.as_mut().and_then(|turn| turn.voice.last_mut()) {
            voice.to = last + 1;
            self.recognize();
        }
    }

    fn recognize(&mut self) {
        self.forget_answer();
        let Some(turn) = &mut self.turn else { return };
        if self.dialogue.question().secret {
            // Nobody listens: words at a secret question are a noise.
            turn.answer = Some(Answer::nothing(!turn.cut.is_empty()));
            return;
        }
        let id = self.next_recognition;
        self.next_recognition += 1;
        turn.request = Some((id, self.now));
        let spans = turn.spans(self.now);
        let question = self.dialogue.question();
        let (bias, language) = (question.bias.clone(), question.language.clone());
        self.act(Action::Recognize {
            id,
            spans,
            bias,
            language,
        });
    }

    /// The words so far are out of date: more is being said.
    pub(super) fn forget_answer(&mut self) {
        let Some(turn) = &mut self.turn else { return };
        turn.answer = None;
        if let Some((id, _)) = turn.request.take() {
            self.act(Action::Abandon(id));
        }
    }

    pub(super) fn drop_turn(&mut self) {
        self.forget_answer();
        self.endpointer.reset();
        if self.turn.take().is_some_and(|turn| !turn.cut.is_empty()) {
            self.then = Some(Then::Listen);
        }
        self.proceed();
    }

    pub(super) fn recognized(&mut self, id: RecognitionId, outcome: &Recognition) {
        let Some(turn) = &mut self.turn else { return };
        if turn.request.is_none_or(|(current, _)| current != id) {
            return;
        }
        turn.request = None;
        let completeness = match outcome {
            Recognition::Words(hypotheses) => match self.dialogue.completeness(hypotheses) {
                Completeness::Complete if turn.is_overheard(hypotheses) => Completeness::Incomplete,
                completeness => completeness,
            },
            Recognition::Nothing | Recognition::Failed => Completeness::Open,
        };
        let cut = !turn.cut.is_empty();
        turn.answer = Some(match outcome {
            Recognition::Words(words) => {
                let meant = self.dialogue.interruption(words, turn.asked);
                Answer {
                    outcome: outcome.clone(),
                    completeness,
                    goes_on: cut && meant == Interruption::Backchannel,
                }
            }
            Recognition::Nothing => Answer::nothing(cut),
            Recognition::Failed => Answer {
                outcome: Recognition::Failed,
                completeness,
                goes_on: false,
            },
        });
        self.poll_turn();
    }

    /// Ends the turn when it is time.
    pub(super) fn poll_turn(&mut self) {
        let Some(turn) = &self.turn else { return };
        let speaking = self.endpointer.is_speaking();
        let open = if speaking {
            self.now.saturating_sub(turn.last_voice())
        } else {
            0
        };
        if turn.full || turn.voiced() + open >= ticks(self.endpointing.max_speech_ms) {
            self.poll_full_turn();
            return;
        }
        if speaking {
            return;
        }
        if let Some((_, asked)) = turn.request {
            if self.since(asked) >= RECOGNIZER_PATIENCE {
                self.forget_answer();
                self.commit(Recognition::Failed, EndOfTurn::Pause);
            }
            return;
        }
        let Some(answer) = &turn.answer else {
            return;
        };
        // A noise or a nod over a prompt: go on at once, the caller waits for us.
        if answer.goes_on {
            return self.go_on();
        }
        let quiet = self.since(turn.last_voice());
        let (wait, why) = match answer.completeness {
            Completeness::Complete => (self.endpointing.complete_ms, EndOfTurn::Complete),
            Completeness::Whole => (self.endpointing.whole_ms, EndOfTurn::Whole),
            Completeness::Open => (self.endpointing.open_ms, EndOfTurn::Pause),
            Completeness::Incomplete => (self.endpointing.incomplete_ms, EndOfTurn::Incomplete),
        };
        let stirring = self.endpointer.is_stirring() && quiet < ticks(wait) + STIR;
        if quiet >= ticks(wait) && !stirring {
            let outcome = answer.outcome.clone();
            self.commit(outcome, why);
        }
    }

    /// The turn has reached its limit: what was said so far is taken, now.
    fn poll_full_turn(&mut self) {
        let Some(turn) = &mut self.turn else { return };
        if !turn.full {
            self.speech_paused();
            if let Some(turn) = &mut self.turn {
                turn.full = true;
            }
            return;
        }
        let outcome = match (&turn.answer, turn.request) {
            (Some(answer), _) => answer.outcome.clone(),
            (None, Some((_, asked))) if self.now.saturating_sub(asked) < RECOGNIZER_PATIENCE => {
                return;
            }
            (None, _) => Recognition::Failed,
        };
        self.forget_answer();
        // Music or a crowd: until it pauses, it cuts no prompt and holds up no silence.
        self.shouting = self.endpointer.is_speaking();
        self.commit(outcome, EndOfTurn::MaxSpeech);
    }

    /// The prompt goes on from the sentence that was cut.
    fn go_on(&mut self) {
        if let Some(turn) = self.turn.take() {
            self.resume(turn.cut);
        }
    }

    /// Hands the turn to the dialogue.
    fn commit(&mut self, outcome: Recognition, why: EndOfTurn) {
        let Some(mut turn) = self.turn.take() else {
            return;
        };
        let speech_end = turn.last_voice();
        match outcome {
            Recognition::Words(hypotheses) => {
                self.note(Note::TurnEnded { speech_end, why });
                if let Some(best) = hypotheses.first() {
                    self.note(Note::Caller(best.clone()));
                }
                let dialogue = self.dialogue.clone();
                let playback = self.next_playback;
                turn.cut.clear();
                self.step(Input::Speech(&hypotheses));
                self.committed = Some(Committed {
                    turn,
                    dialogue,
                    playback,
                });
            }
            // Nobody needs to hear about a click; the wait for the caller goes on.
            Recognition::Nothing if turn.voiced() < NOISE => self.proceed(),
            Recognition::Nothing => {
                self.note(Note::TurnEnded { speech_end, why });
                self.note(Note::Noise);
                self.step(Input::Noise);
            }
            Recognition::Failed => {
                self.note(Note::TurnEnded { speech_end, why });
                self.step(Input::Deaf);
            }
        }
    }

    /// Where the prompt was cut by the turn in progress, if it was.
    pub fn cut_at(&self) -> Option<Mark> {
        self.turn.as_ref()?.cut.first().map(Playing::mark)
    }
}
