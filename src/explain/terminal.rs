//! A call explained in a terminal: a picture of characters, then each turn with all that is known of it.

use super::Explained;
use super::timeline::{Fate, Part, Sentence, Timeline, Turn};
use super::told;
use crate::audio::TICK_MS;
use crate::call::{Endpointing, Tick};
use std::fmt::Write as _;

/// Cells of a row of the picture.
const CELLS: u32 = 100;
/// Rows at most: a long call has longer ones.
const ROWS: u32 = 12;
/// Shortest row, in ticks: 20 s.
const ROW: Tick = 1000;
/// A character of the bar that shows where a reply's time went.
const CELL_MS: u32 = 40;
/// Longest such bar.
const BAR: usize = 40;
const CALLER: &str = "33";
const BOT: &str = "36";
const DIM: &str = "2";
const BAD: &str = "31";

/// Writes it; `color`: with the terminal's colours.
#[derive(Debug)]
pub struct Page {
    text: String,
    color: bool,
}

/// The whole call.
pub fn call(call: &Explained, color: bool) -> String {
    let mut page = Page::new(color);
    page.heading(call);
    page.picture(&call.timeline);
    for turn in &call.timeline.turns {
        page.turn(turn, call.timeline.endpointing);
    }
    if call.timeline.truncated {
        page.line(
            "",
            BAD,
            "here the record stops: the process died in the call",
        );
    }
    page.text
}

/// One turn of it; `None`: there is no such turn.
pub fn turn(call: &Explained, number: usize, color: bool) -> Option<String> {
    let turn = call.timeline.turns.get(number)?;
    let mut page = Page::new(color);
    page.notice(call);
    page.turn(turn, call.timeline.endpointing);
    Some(page.text)
}

impl Page {
    fn new(color: bool) -> Self {
        Self {
            text: String::new(),
            color,
        }
    }

    /// What a caller said must not steer the terminal.
    fn push(&mut self, color: &str, text: &str) {
        let hostile = |c: char| c.is_control() || told::turns_text(c);
        let text = text.replace(hostile, "\u{fffd}");
        if self.color && !color.is_empty() {
            let _ = write!(self.text, "\x1b[{color}m{text}\x1b[0m");
        } else {
            self.text.push_str(&text);
        }
    }

    fn line(&mut self, name: &str, color: &str, text: &str) {
        self.push(DIM, &format!("  {name:<14}"));
        self.push(color, text);
        self.text.push('\n');
    }

    fn heading(&mut self, call: &Explained) {
        let header = &call.bundle.journal.header;
        let caller = call
            .bundle
            .context()
            .and_then(|context| context.caller.clone());
        let heard_by = match header.recognizer.as_str() {
            "" => "?",
            name => name,
        };
        let line = format!(
            "{}: {} over {}, {}, caller {}, heard by {heard_by}",
            call.name,
            header.domain,
            header.line,
            told::clock(call.timeline.ticks),
            caller.as_deref().unwrap_or("unknown"),
        );
        self.push("1", &line);
        self.text.push('\n');
        let figures: Vec<_> = told::figures(&call.timeline)
            .into_iter()
            .map(|(value, what)| match value.parse::<usize>() {
                Ok(count) => format!("{count} {what}"),
                Err(_) => format!("{what} {value}"),
            })
            .collect();
        self.push("", &figures.join(" · "));
        self.text.push('\n');
        self.notice(call);
    }

    fn notice(&mut self, call: &Explained) {
        if let Some(notice) = told::source(&call.rules.source) {
            self.push(BAD, &format!("note: {notice}"));
            self.text.push('\n');
        }
        for miss in &call.misses {
            self.push(BAD, &format!("expected otherwise: {miss}"));
            self.text.push('\n');
        }
    }

    fn picture(&mut self, line: &Timeline) {
        let row = ROW.max(line.ticks.div_ceil(ROWS));
        for from in (0..line.ticks.max(1)).step_by(row as usize) {
            let to = (from + row).min(line.ticks);
            let cells = ((to - from) * CELLS).div_ceil(row).max(1);
            let cell = |n: u32| (from + n * row / CELLS, from + (n + 1) * row / CELLS);
            let strip = |one: &dyn Fn(Tick, Tick) -> char| -> String {
                (0..cells).map(|n| one(cell(n).0, cell(n).1)).collect()
            };
            self.text.push('\n');
            let clock = told::clock(from);
            self.picture_row(&clock, DIM, &turns(line, from, row, cells));
            self.picture_row("caller", CALLER, &strip(&|from, to| caller(line, from, to)));
            self.picture_row("bot", BOT, &strip(&|from, to| bot(line, from, to)));
        }
        self.push(
            DIM,
            "         ▁▂▃▄▅▆▇█ voice and its level · # key · ━ heard · ╳ cut · ‥ nothing arrived · numbers: turns\n".trim_end(),
        );
        self.text.push('\n');
    }

    fn picture_row(&mut self, name: &str, color: &str, cells: &str) {
        self.push(DIM, &format!("{name:>7}  "));
        self.push(color, cells.trim_end());
        self.text.push('\n');
    }

    fn turn(&mut self, turn: &Turn, times: Endpointing) {
        self.text.push('\n');
        let kind = if turn.taken_back.is_some() {
            ", taken back"
        } else {
            ""
        };
        self.push("1", &format!("turn {}{kind}", turn.number));
        self.push(
            DIM,
            &format!("  {} – {}  ", told::clock(turn.from), told::clock(turn.at)),
        );
        self.push(CALLER, &turn.words);
        self.text.push('\n');
        if let Some(asked) = turn.question.as_ref().filter(|_| turn.number > 0) {
            let slot = match asked.slot.as_str() {
                "" => "anything (the open question)",
                slot => slot,
            };
            self.line("was asked", "", slot);
        }
        self.recognised(turn, times);
        self.line("ended because", "", &turn.ended);
        self.decided(turn);
        self.time(turn);
        for sentence in &turn.said {
            self.sentence(sentence);
        }
        for aside in &turn.overheard {
            let text = format!("{} {}", told::clock(aside.at), told::overheard(aside));
            self.line("over it", CALLER, &text);
        }
        if let Some(at) = turn.cut {
            self.line(
                "",
                BAD,
                &format!("{} the caller cuts in: the bot stops", told::clock(at)),
            );
        }
        if let Some(at) = turn.taken_back {
            let text = format!(
                "{} the caller went on: this was no end, the reply is taken back",
                told::clock(at)
            );
            self.line("taken back", BAD, &text);
        }
        if let Some(end) = &turn.end {
            let how = told::disposition(end.disposition);
            self.line("the end", "1", &format!("{} {how}", told::clock(end.at)));
            if !end.handover.is_empty() {
                self.line("", "", &end.handover);
            }
        }
    }

    fn recognised(&mut self, turn: &Turn, times: Endpointing) {
        for hearing in &turn.hearings {
            let text = format!(
                "{} {}",
                told::clock(hearing.asked),
                told::hearing(hearing, times)
            );
            self.line("recognised", "", &text);
        }
        let Some(best) = turn.guesses.first() else {
            return;
        };
        if !best.words.is_empty() {
            let words = best.words.iter();
            let words: Vec<_> = words
                .map(|word| format!("{} {}", word.text, told::percent(word.confidence)))
                .collect();
            self.line("word by word", "", &words.join(" · "));
        }
        for other in &turn.guesses[1..] {
            let text = format!("“{}” {}", other.text, told::percent(other.confidence));
            self.line("or", DIM, &text);
        }
        if !best.model.is_empty() {
            self.line("heard by", "", &best.model);
        }
        if let Some(tone) = best.tone {
            let text = format!(
                "{} Hz, {} dB, {} syllables a minute",
                tone.pitch_hz, tone.level_db, tone.rate
            );
            self.line("sounded like", DIM, &text);
        }
    }

    fn decided(&mut self, turn: &Turn) {
        if let Some(understood) = &turn.understood {
            let intent = match understood.intent.as_str() {
                "" => "no intent".to_owned(),
                intent => format!("{intent} {}", told::percent(understood.confidence)),
            };
            let slots = understood.slots.iter();
            let slots = slots.map(|(name, value)| format!("{name} = {value}"));
            let all: Vec<_> = std::iter::once(intent).chain(slots).collect();
            self.line("understood", "", &all.join(", "));
        }
        let rules: Vec<_> = turn.rules.iter().map(|line| told::reason(line)).collect();
        let rule = turn.rule();
        if !rule.is_empty() {
            self.line("rule", "1", &rule);
        }
        if !rules.is_empty() {
            self.line("because", "", &rules.join("; "));
        }
        if !turn.path.is_empty() {
            self.line("path", DIM, &turn.path.join(" → "));
        }
        if let Some(mood) = turn.mood.filter(|mood| *mood != 0) {
            self.line("mood", "", &format!("{mood} of −1000 to 1000"));
        }
        for asked in &turn.asked {
            let arguments = asked.arguments.iter();
            let arguments: Vec<_> = arguments
                .map(|(name, value)| format!("{name} = {value}"))
                .collect();
            let took = asked.answered.map(|at| (at - asked.at) * TICK_MS);
            let took = took.map_or(String::new(), |ms| format!(" after {ms} ms"));
            let text = format!(
                "{}({}): {}{took}",
                asked.name,
                arguments.join(", "),
                asked.result
            );
            self.line(if asked.action { "does" } else { "looks up" }, "", &text);
        }
    }

    fn time(&mut self, turn: &Turn) {
        let Some(last) = turn.stages.last() else {
            return;
        };
        let parts: Vec<_> = turn
            .stages
            .iter()
            .map(|stage| format!("{} {}", told::part(stage.what), stage.to_ms - stage.from_ms))
            .collect();
        let since = if turn.speech_end.is_some() {
            "voice"
        } else {
            "key"
        };
        let text = format!(
            "{}  {} = {} ms after the last {since}",
            bar(turn),
            parts.join(" + "),
            last.to_ms
        );
        self.line("time", "", &text);
    }

    fn sentence(&mut self, sentence: &Sentence) {
        let at = sentence.from.map_or_else(|| "–".to_owned(), told::clock);
        self.push(DIM, &format!("  {:<14}", "bot"));
        self.push(DIM, &format!("{at:<8} "));
        let (heard, rest) = told::parts(sentence);
        self.push(BOT, heard);
        self.push(DIM, rest);
        if sentence.fate != Fate::Heard {
            let mut fate = told::fate(sentence);
            if !rest.is_empty() && !heard.is_empty() {
                fate += &format!(
                    ", about at “{}”",
                    rest.trim().split(' ').next().unwrap_or_default()
                );
            }
            self.push(BAD, &format!("  ✂ {fate}"));
        } else if sentence.again {
            self.push(DIM, "  (again)");
        }
        self.text.push('\n');
    }
}

/// Turn numbers, each where the turn was over.
fn turns(line: &Timeline, from: Tick, row: Tick, cells: u32) -> String {
    let mut cells = vec![' '; cells as usize];
    for turn in line
        .turns
        .iter()
        .filter(|turn| (from..from + row).contains(&turn.at))
    {
        let at = ((turn.at - from) * CELLS / row) as usize;
        for (place, digit) in cells
            .iter_mut()
            .skip(at)
            .zip(turn.number.to_string().chars())
        {
            *place = digit;
        }
    }
    cells.into_iter().collect()
}

/// The caller between two ticks.
fn caller(line: &Timeline, from: Tick, to: Tick) -> char {
    let within = |at: Tick| (from..to).contains(&at);
    if let Some(key) = line.keys.iter().find(|key| within(key.at)) {
        return if key.key.is_ascii_digit() {
            key.key
        } else {
            '#'
        };
    }
    if line.gaps.iter().any(|gap| gap.from < to && from < gap.to) {
        return '‥';
    }
    if !line
        .speech
        .iter()
        .any(|span| span.from < to && from < span.to)
    {
        return ' ';
    }
    let (from, to) = (from as usize, (to as usize).min(line.level.len()));
    let loudest = line
        .level
        .get(from..to)
        .and_then(|levels| levels.iter().min());
    // 10 dB below full scale fills the cell, 54 leaves a stroke.
    let height = 54u8.saturating_sub(*loudest.unwrap_or(&127)) / 6;
    ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][usize::from(height.min(7))]
}

/// The bot between two ticks.
fn bot(line: &Timeline, from: Tick, to: Tick) -> char {
    let said = line.turns.iter().flat_map(|turn| &turn.said);
    let sounds = |said: &&Sentence| {
        let (begins, ends) = (said.from.unwrap_or(Tick::MAX), said.to.unwrap_or(0));
        begins < to && from < ends
    };
    let cut = |said: &Sentence| {
        said.fate == Fate::Cut && said.to.is_some_and(|end| (from..to).contains(&end))
    };
    let mut glyph = ' ';
    for sentence in said.filter(sounds) {
        glyph = if cut(sentence) { '╳' } else { '━' };
        if glyph == '╳' {
            break;
        }
    }
    glyph
}

/// `·` early pause, `▒` recogniser, `░` waiting for more, `▓` back end, `█` voice; 40 ms each.
fn bar(turn: &Turn) -> String {
    let mut bar = String::new();
    for stage in &turn.stages {
        let glyph = match stage.what {
            Part::EarlyPause => "·",
            Part::Recognizer => "▒",
            Part::More => "░",
            Part::BackEnd => "▓",
            Part::Voice => "█",
        };
        let cells = (stage.to_ms / CELL_MS)
            .saturating_sub(stage.from_ms / CELL_MS)
            .max(1);
        bar += &glyph.repeat(cells as usize);
    }
    if bar.chars().count() > BAR {
        bar.chars().take(BAR - 1).chain(['…']).collect()
    } else {
        bar
    }
}
