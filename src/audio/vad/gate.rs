//! The energy gate: which ticks are so quiet that the network need not run.
//!
//! Decides only what is beyond doubt: digital silence, or sound that has not risen above the line's
//! own noise for a while. Everything else is the network's to judge.

/// Quieter than this is nobody speaking, in dB below full scale: the faintest steps of G.711 lie at
/// 72 and 66, a soft voice on a telephone at 45.
const SILENCE_DB: f32 = 62.0;
/// A tick must rise this far above the noise floor to be worth a look, in dB. A voice that does not
/// do so in a single tick lies more than 8 dB below the noise.
const RISE_DB: f32 = 1.5;
/// The floor never counts as louder than this, in dB below full scale: a shouting crowd is the
/// network's to judge.
const LOUDEST_FLOOR_DB: f32 = 40.0;
/// How fast the floor follows louder sound that is no voice: 2 dB a second.
const CLIMB_DB: f32 = 0.04;
/// Ticks of quiet after which the gate shuts: 200 ms, so that the network sees the end of a word.
const HOLD_TICKS: u32 = 10;
/// A shut gate opens for a look this often, in ticks (1 s): a steady sound may still be a voice.
const PEEK_TICKS: u32 = 50;

/// What to do with a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// Ask the network.
    Open,
    /// Digital silence: nobody speaks, but let the network hear it.
    Silent,
    /// Nobody speaks; the network rests. Not `silent`: the line is noisy.
    Shut { silent: bool },
}

/// Follows the noise floor of one stream.
#[derive(Clone, Debug)]
pub(super) struct EnergyGate {
    /// dB below full scale; none before the first tick.
    floor: Option<f32>,
    quiet_ticks: u32,
}

impl EnergyGate {
    pub(super) fn new() -> Self {
        Self { floor: None, quiet_ticks: 0 }
    }

    /// `level`: of this tick, dB below full scale. `voiced`: the network's last word was "speech".
    pub(super) fn tick(&mut self, level: f32, voiced: bool) -> Gate {
        let silent = level > SILENCE_DB;
        let floor = self.floor.unwrap_or(level);
        let quiet = silent || (!voiced && level > floor.max(LOUDEST_FLOOR_DB) - RISE_DB);
        self.floor = Some(match level > floor {
            true => floor + (level.min(SILENCE_DB) - floor).max(0.0) / 4.0,
            false if voiced => floor,
            false => (floor - CLIMB_DB).max(level),
        });
        self.quiet_ticks = if quiet { self.quiet_ticks + 1 } else { 0 };
        match (self.quiet_ticks, silent) {
            (HOLD_TICKS.., true) => Gate::Shut { silent },
            (HOLD_TICKS.., false) if self.quiet_ticks % PEEK_TICKS >= HOLD_TICKS => Gate::Shut { silent },
            (_, true) => Gate::Silent,
            _ => Gate::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(gate: &mut EnergyGate, ticks: u32, level: f32, voiced: bool) -> Gate {
        (0..ticks).map(|_| gate.tick(level, voiced)).last().expect("at least one tick")
    }

    #[test]
    fn silence_shuts_it_after_200_ms_and_sound_opens_it_at_once() {
        let mut gate = EnergyGate::new();
        assert_eq!(after(&mut gate, 9, 127.0, false), Gate::Silent);
        assert_eq!(gate.tick(127.0, false), Gate::Shut { silent: true });
        assert_eq!(after(&mut gate, 3000, 127.0, false), Gate::Shut { silent: true });
        assert_eq!(gate.tick(50.0, false), Gate::Open);
    }

    #[test]
    fn steady_noise_shuts_it_but_for_a_look_every_second() {
        let mut gate = EnergyGate::new();
        after(&mut gate, 100, 50.0, false);
        let open = (0..500).filter(|_| gate.tick(50.0, false) == Gate::Open).count();
        assert_eq!(open, 100, "10 of 50 ticks");
        after(&mut gate, 15, 50.0, false);
        assert_eq!(gate.tick(47.0, false), Gate::Open, "3 dB above the noise");
    }

    #[test]
    fn a_voice_never_becomes_the_floor() {
        let mut gate = EnergyGate::new();
        after(&mut gate, 50, 55.0, false);
        assert_eq!(after(&mut gate, 1500, 42.0, true), Gate::Open);
        assert_eq!(after(&mut gate, 1, 52.0, false), Gate::Open);
    }

    #[test]
    fn loud_noise_is_left_to_the_network() {
        let mut gate = EnergyGate::new();
        assert_eq!(after(&mut gate, 3000, 25.0, false), Gate::Open);
    }
}
