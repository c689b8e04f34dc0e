//! The whole call in one strip, drawn here so that it is there without a script too: both waveforms, and
//! where each turn was over. The script lets it choose what the large picture shows.

use super::escaped;
use crate::audio::TICK_MS;
use crate::explain::sound::Wave;
use crate::explain::timeline::{Fate, Timeline, Turn};
use crate::explain::{Explained, told};
use std::fmt::Write as _;

/// Width of the picture in its own units: columns of the waveforms.
const WIDTH: u32 = 1200;
/// Height of a side, from its middle.
const HALF: f64 = 17.0;
/// Where the middles are.
const CALLER: f64 = 22.0;
const BOT: f64 = 62.0;
const HEIGHT: u32 = 82;

/// Adds the strip.
pub(super) fn draw(page: &mut String, call: &Explained) {
    let line = &call.timeline;
    let all_ms = (line.ticks * TICK_MS).max(1);
    let x = |tick: u32| f64::from(tick * TICK_MS) * f64::from(WIDTH) / f64::from(all_ms);
    let _ = write!(
        page,
        "<svg id=\"overview\" class=\"overview\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-labelledby=\"overview-title\" aria-describedby=\"turns\"><title id=\"overview-title\">{}</title>",
        escaped(&alternative(line))
    );
    for turn in &line.turns {
        turn_marks(page, turn, &x);
    }
    match &call.sound.caller {
        Some(wave) => waveform(page, "caller", wave, CALLER, all_ms),
        None => levels(page, line),
    }
    if let Some(wave) = &call.sound.bot {
        waveform(page, "bot", wave, BOT, all_ms);
    }
    for turn in &line.turns {
        let at = x(turn.at);
        let _ = write!(page, "<path class=\"over\" d=\"M{at:.1} 2V80\"/>");
    }
    *page += "</svg>\n";
}

/// The picture in a sentence.
fn alternative(line: &Timeline) -> String {
    let seconds = line.ticks * TICK_MS / 1000;
    format!(
        "A timeline of {seconds} s with {} turns: the caller above, the bot below, a line where each turn was over",
        line.turns.len()
    )
}

fn turn_marks(page: &mut String, turn: &Turn, x: &dyn Fn(u32) -> f64) {
    let (from, at) = (x(turn.from), x(turn.at));
    if at > from {
        let width = at - from;
        let _ = write!(
            page,
            "<rect class=\"spoken\" x=\"{from:.1}\" y=\"2\" width=\"{width:.1}\" height=\"38\"/>"
        );
    }
    for sentence in &turn.said {
        let (Some(from), Some(to)) = (sentence.from, sentence.to) else {
            continue;
        };
        let (from, width) = (x(from), x(to) - x(from));
        let class = if sentence.fate == Fate::Cut {
            "said cut"
        } else {
            "said"
        };
        let _ = write!(
            page,
            "<rect class=\"{class}\" x=\"{from:.1}\" y=\"44\" width=\"{width:.1}\" height=\"36\"><title>{}</title></rect>",
            escaped(&format!("{}: {}", told::fate(sentence), sentence.text))
        );
    }
}

fn waveform(page: &mut String, class: &str, wave: &Wave, middle: f64, all_ms: u32) {
    let _ = write!(page, "<path class=\"wave {class}\" d=\"");
    let ms = |column: u32| (u64::from(column) * u64::from(all_ms) / u64::from(WIDTH)) as u32;
    for column in 0..WIDTH {
        let [low, high] = wave.between(ms(column), ms(column + 1).max(ms(column) + 1));
        if high > 1 || low < -1 {
            let (top, bottom) = (y(middle, high), y(middle, low));
            let _ = write!(page, "M{column} {top:.0}V{bottom:.0}");
        }
    }
    *page += "\"/>";
}

fn y(middle: f64, sample: i8) -> f64 {
    middle - f64::from(sample) * HALF / 127.0
}

/// Without sound: how loud the caller was, from the journal.
fn levels(page: &mut String, line: &Timeline) {
    *page += "<path class=\"wave caller\" d=\"";
    let ticks = line.level.len();
    for column in 0..WIDTH as usize {
        let from = column * ticks / WIDTH as usize;
        let to = ((column + 1) * ticks / WIDTH as usize)
            .max(from + 1)
            .min(ticks);
        let loudest = line
            .level
            .get(from..to)
            .and_then(|levels| levels.iter().min());
        // 10 dB below full scale is full height, 60 none.
        let height = f64::from(60u8.saturating_sub(*loudest.unwrap_or(&127)).min(50)) / 50.0 * HALF;
        if height > 1.0 {
            let _ = write!(
                page,
                "M{column} {:.0}V{:.0}",
                CALLER - height,
                CALLER + height
            );
        }
    }
    *page += "\"/>";
}
