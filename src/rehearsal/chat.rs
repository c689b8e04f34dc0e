//! A typed conversation: what is typed is what the caller says, and everything is written down as an
//! example. Gives texts; reading and printing them is the command line's.

use super::play::{Performer, Play, Turn};
use super::script::{Act, Ended, Header, Mode, Setting};
use super::{Speaker as _, Stage, parse};
use std::fmt::Write as _;

/// What can be typed besides words.
pub const HELP: &str = "\
What you type is what the caller says; (0.6) after it is how sure the recogniser is.
  /keys 123#       keys        /why         what was understood, and which rule spoke
  /silence         no input    /slow NAME   the back end is slow when NAME is asked next
  /noise           no words    /dead NAME   it fails
  /deaf            no hearing  /returned    nobody took the transferred call
  /hangup          gone        /save FILE   write this conversation as an example
  /help            this        /quit        leave
";

/// What comes of a typed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// To be shown.
    Text(String),
    /// The conversation so far, to be written to a file of this name.
    Save {
        file: String,
        text: String,
    },
    Quit,
}

/// A conversation.
pub struct Chat<S: Stage> {
    play: Play<S::Speaker, S::Answers>,
    header: Header,
    /// The example so far, without its title.
    written: Vec<String>,
    last: Turn,
}

impl<S: Stage> Chat<S> {
    /// Answers the call: the chat, and what is said first.
    ///
    /// # Errors
    /// The stage does not open.
    pub fn begin(stage: &S, header: Header) -> Result<(Self, String), String> {
        let (speaker, answers) = stage.open(&header)?;
        let mut chat = Self {
            play: Play::new(speaker, answers, header.now),
            written: vec![header.to_string()],
            header,
            last: Turn::default(),
        };
        let turn = chat.play.begin();
        let text = chat.keep(turn);
        Ok((chat, text))
    }

    /// Takes one line.
    pub fn typed(&mut self, line: &str) -> Typed {
        let line = line.trim();
        let Some(command) = line.strip_prefix('/') else {
            return Typed::Text(if line.is_empty() {
                String::new()
            } else {
                self.read(&format!("caller: {line}"))
            });
        };
        let (name, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let rest = rest.trim();
        Typed::Text(match name {
            "quit" | "q" | "exit" => return Typed::Quit,
            "save" if rest.is_empty() => {
                "to which file? write /save examples/cancel.txt\n".to_owned()
            }
            "save" => {
                return Typed::Save {
                    file: rest.to_owned(),
                    text: self.example(rest),
                };
            }
            "keys" => self.read(&format!("keys: {rest}")),
            "silence" | "noise" | "deaf" | "returned" | "closing" => self.read(name),
            "hangup" => self.read("hangs up"),
            "slow" => self.arrange(rest, Mode::Slow),
            "dead" => self.arrange(rest, Mode::Dead),
            "why" => self.why(),
            "help" | "?" => HELP.to_owned(),
            _ => format!("there is no /{name}; /help shows what there is\n"),
        })
    }

    /// Does what a line of an example says.
    fn read(&mut self, line: &str) -> String {
        match parse::act(line) {
            Ok(act) => self.act(&act),
            Err(why) => format!("{why}\n"),
        }
    }

    fn act(&mut self, act: &Act) -> String {
        match self.play.act(act) {
            Ok(turn) => {
                self.written.push(String::new());
                self.written.push(act.to_string());
                self.keep(turn)
            }
            Err(why) => format!("{why}; /save FILE keeps it, /quit leaves\n"),
        }
    }

    fn arrange(&mut self, operation: &str, mode: Mode) -> String {
        if operation.is_empty() {
            return "which operation of the back end?\n".to_owned();
        }
        let setting = Setting {
            operation: operation.to_owned(),
            mode,
        };
        self.play.arrange(&setting);
        let told = format!("── {setting}\n");
        self.written.push(setting.to_string());
        told
    }

    /// Writes a turn down and tells it.
    fn keep(&mut self, turn: Turn) -> String {
        let mut told = String::new();
        if let Some(understood) = &turn.understood {
            if !understood.intent.is_empty() {
                self.written.push(format!("  intent {}", understood.intent));
            }
            let slots = understood.slots.iter();
            self.written.extend(
                slots
                    .filter(|(_, value)| !value.trim().is_empty())
                    .map(|(name, value)| format!("  slot {name} = {value}")),
            );
        }
        for done in &turn.done {
            let arguments = super::script::write_arguments(&done.arguments);
            let _ = writeln!(told, "── asks {}{arguments}", done.name);
            if done.changes {
                self.written
                    .push(format!("  does {}{arguments}", done.name));
            }
        }
        if turn.goes_on {
            told.push_str("── only a nod: the bot goes on\n");
        }
        for said in &turn.said {
            let _ = writeln!(told, "{said}");
            // A sentence of signs alone cannot be expected.
            if said.contains(char::is_alphanumeric) {
                self.written.push(format!("bot: {said}"));
            }
        }
        if let Some(ended) = turn.ended {
            let _ = writeln!(told, "── the call is over: {ended}");
            self.written.push(format!("end {ended}"));
        }
        self.last = turn;
        told
    }

    /// What was understood of the last turn.
    fn why(&self) -> String {
        let mut told = self.play.speaker().why();
        if told.is_empty() {
            match &self.last.understood {
                Some(understood) => {
                    let intent = match understood.intent.as_str() {
                        "" => "none of these",
                        intent => intent,
                    };
                    let _ = writeln!(told, "understood: {intent} ({})", understood.confidence);
                    for (name, value) in &understood.slots {
                        let _ = writeln!(told, "  {name} = {value}");
                    }
                }
                None => told.push_str("nothing was understood: there were no words\n"),
            }
            let asks = match self.last.asks.as_deref() {
                None | Some("") => "anything",
                Some(asks) => asks,
            };
            let _ = writeln!(told, "asks: {asks}");
        }
        if !told.ends_with('\n') {
            told.push('\n');
        }
        told
    }

    /// The conversation as an example, named after its file.
    fn example(&self, file: &str) -> String {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
        let title = name.replace(['-', '_'], " ");
        let title = match title.trim() {
            "" => "A conversation",
            title => title,
        };
        format!("# {title}\n{}\n", self.written.join("\n"))
    }

    /// How the call is over, if it is.
    pub fn ended(&self) -> Option<Ended> {
        self.play.ended()
    }

    pub fn header(&self) -> &Header {
        &self.header
    }
}
