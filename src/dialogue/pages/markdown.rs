//! Reads a page's Markdown into sections of sentences. Decides what of Markdown can be spoken: what
//! cannot (tables, pictures, code, HTML) is refused with its line, since leaving it out would be told
//! to nobody.

use super::Section;
use crate::dialogue::spoken::sentences::sentences;

/// Line (from 1) and what is wrong there.
type Wrong = (usize, String);

/// What is being read.
#[derive(Default)]
struct Reader {
    page: String,
    done: Vec<Section>,
    open: Section,
    /// Line of the open heading.
    heading: usize,
    /// Words of the paragraph or list item that goes on.
    paragraph: String,
}

/// The sections of one page.
pub(super) fn sections(text: &str) -> Result<Vec<Section>, Wrong> {
    let mut reader = Reader::default();
    let mut comment = false;
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        let line = line.trim();
        if comment || line.starts_with("<!--") {
            comment = !line.ends_with("-->");
            continue;
        }
        reader
            .line(number, line)
            .map_err(|what| (number, what.to_owned()))?;
    }
    let last = text.lines().count().max(1);
    if reader.page.is_empty() {
        return Err((last, "the page has no title: begin with \"# Title\"".into()));
    }
    reader.close()?;
    if reader.done.is_empty() {
        return Err((last, "the page says nothing".into()));
    }
    Ok(reader.done)
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), &'static str> {
        if line.is_empty() {
            self.end_paragraph();
            return Ok(());
        }
        refuse(line)?;
        if line.starts_with('#') {
            return self.heading(number, line);
        }
        if self.page.is_empty() {
            return Err("text before the title: begin with \"# Title\"");
        }
        let head = line.get(..4).unwrap_or_default();
        if head.eq_ignore_ascii_case("ask:") {
            return self.ask(&line[4..]);
        }
        if line.len() >= 3 && line.chars().all(|c| matches!(c, '-' | '*' | '_' | ' ')) {
            self.end_paragraph(); // a rule
            return Ok(());
        }
        let line = match item(line) {
            Some(item) => {
                self.end_paragraph();
                item
            }
            None => line.trim_start_matches(['>', ' ']),
        };
        if !self.paragraph.is_empty() {
            self.paragraph.push(' ');
        }
        self.paragraph += &plain(line);
        Ok(())
    }

    fn heading(&mut self, number: usize, line: &str) -> Result<(), &'static str> {
        let title = line.trim_start_matches('#');
        let depth = line.len() - title.len();
        let title = plain(title.trim_end_matches('#').trim());
        if title.is_empty() {
            return Err("a heading without words");
        }
        match depth {
            1 if self.page.is_empty() => self.page = title,
            1 => return Err("a second title: one \"# Title\" a page, a file per page"),
            2 if self.page.is_empty() => {
                return Err("a section before the title: begin with \"# Title\"");
            }
            2 => {
                // The error of a silent section is told at its own heading.
                self.close().map_err(|_| "the section above says nothing")?;
                self.open.title = title;
            }
            _ => return Err("a heading of a third level: sections are \"##\""),
        }
        self.heading = number;
        Ok(())
    }

    fn ask(&mut self, question: &str) -> Result<(), &'static str> {
        if !self.paragraph.is_empty() || !self.open.sentences.is_empty() {
            return Err("an example question in the text: \"ask:\" stands right under its heading");
        }
        let question = plain(question.trim());
        if question.is_empty() {
            return Err("\"ask:\" without a question");
        }
        self.open.asks.push(question);
        Ok(())
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        for sentence in sentences(&paragraph) {
            let mut sentence = sentence.to_owned();
            let ended = sentence.trim_end_matches(['"', '”', '»', ')', '\'', '’']);
            if !ended.ends_with(['.', '!', '?', '…', ':', ';', ',']) {
                sentence.push('.');
            }
            self.open.sentences.push(sentence);
        }
    }

    /// Ends the open section. What stands before the first heading may be nothing at all.
    fn close(&mut self) -> Result<(), Wrong> {
        self.end_paragraph();
        let mut section = std::mem::take(&mut self.open);
        if section.sentences.is_empty() {
            return match section.title.is_empty() && section.asks.is_empty() {
                true => Ok(()),
                false => Err((self.heading, "the section says nothing".into())),
            };
        }
        section.page.clone_from(&self.page);
        self.done.push(section);
        Ok(())
    }
}

/// What has no words.
fn refuse(line: &str) -> Result<(), &'static str> {
    let dashes = line.contains('|')
        && line.contains("--")
        && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
    if line.starts_with('|') || dashes {
        return Err("a table cannot be spoken: write its rows as sentences");
    }
    if line.starts_with("```") || line.starts_with("~~~") {
        return Err("code cannot be spoken");
    }
    if line.contains("![") {
        return Err("a picture cannot be spoken");
    }
    let tag = |at: usize| {
        let next = line[at + 1..].trim_start_matches('/').chars().next();
        next.is_some_and(|c| c.is_ascii_alphabetic()) && line[at..].contains('>')
    };
    let html = line
        .match_indices('<')
        .any(|(at, _)| tag(at) && !line[at..].starts_with("<http"));
    if html {
        return Err("HTML cannot be spoken: write plain Markdown");
    }
    Ok(())
}

/// The words of a list item.
fn item(line: &str) -> Option<&str> {
    for mark in ["- ", "* ", "+ "] {
        if let Some(rest) = line.strip_prefix(mark) {
            return Some(rest.trim());
        }
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = rest.len() < line.len() && line.len() - rest.len() <= 2;
    let rest = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "));
    rest.filter(|_| numbered).map(str::trim)
}

/// A line's text: emphasis and code marks gone, links reduced to what they show.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if c == '[' {
            if let Some((shown, after)) = link(rest) {
                out += &plain(shown);
                rest = after;
                continue;
            }
        } else if rest.starts_with("<http")
            && let Some((address, after)) = rest[1..].split_once('>')
        {
            out += address;
            rest = after;
            continue;
        }
        let after = &rest[c.len_utf8()..];
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '\\' => {
                out.extend(after.chars().next());
                rest = after
                    .get(after.chars().next().map_or(0, char::len_utf8)..)
                    .unwrap_or_default();
                continue;
            }
            '*' | '`' => {}
            // An underscore inside a name is part of it.
            '_' if !(inside(out.chars().next_back()) && inside(after.chars().next())) => {}
            c => out.push(c),
        }
        rest = after;
    }
    out
}

/// `[shown](address)` at the start of `text`: what it shows, and what follows.
fn link(text: &str) -> Option<(&str, &str)> {
    let (shown, after) = text.strip_prefix('[')?.split_once("](")?;
    let (_, after) = after.split_once(')')?;
    (!shown.contains(']')).then_some((shown, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = "# Returns\n\nYou can *send back* most things.\n\n## How to return\n\
        ask: how do I return something?\nask: i want to send it **back**\n\n\
        Print the label from [your account](https://example.com/a).\nThen post it!\n\
        - within 30 days\n- with the `receipt`\n\n\n## Refunds ##\n<!-- checked in May -->\n\
        1. We refund_all within 5 days.\n2. No fee";

    #[test]
    fn a_page_becomes_sections_of_sentences() {
        let sections = sections(PAGE).expect("a good page");
        assert_eq!(sections.len(), 3);
        assert!(sections.iter().all(|section| section.page == "Returns"));
        assert_eq!(sections[0].title, "");
        assert_eq!(sections[0].sentences, ["You can send back most things."]);
        assert_eq!(sections[1].title, "How to return");
        assert_eq!(
            sections[1].asks,
            ["how do I return something?", "i want to send it back"]
        );
        assert_eq!(
            sections[1].sentences,
            [
                "Print the label from your account.",
                "Then post it!",
                "within 30 days.",
                "with the receipt."
            ]
        );
        assert_eq!(sections[2].title, "Refunds");
        assert_eq!(
            sections[2].sentences,
            ["We refund_all within 5 days.", "No fee."]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\PC\n]{0,300}") {
            if let Ok(sections) = sections(&format!("# T\n{text}")) {
                prop_assert!(sections.iter().all(|section| !section.sentences.is_empty()));
            }
        }

        #[test]
        fn any_marks_are_read_or_refused(text in "([*_`#<>|!\\[\\]()\\\\ask: \n-]|é){0,80}") {
            let _ = sections(&text);
            let _ = sections(&format!("# T\nx {text}"));
        }
    }

    #[test]
    fn what_cannot_be_spoken_is_refused_with_its_line() {
        for (text, line, what) in [
            ("# A\n\n| day | hours |\n|---|---|\n", 3, "table"),
            ("# A\nday | hours\n--- | ---\n", 3, "table"),
            ("# A\nx\n```\ncode\n```", 3, "code"),
            ("# A\n![map](map.png)", 2, "picture"),
            ("# A\nSee <b>this</b>.", 2, "HTML"),
            ("Hello.\n# A\nx", 1, "before the title"),
            ("## B\nx", 1, "before the title"),
            ("# A\nx\n# B\ny", 3, "second title"),
            ("# A\n### B\ny", 2, "third level"),
            ("# A\n## B\nText.\nask: why?\n", 4, "right under"),
            ("# A\n## B\nask:\nx", 3, "without a question"),
            ("# A\n## B\n\n## C\nx", 4, "says nothing"),
            ("# A\n## B\n", 2, "says nothing"),
            ("# A\n", 1, "says nothing"),
            ("", 1, "no title"),
            ("#\nx", 1, "without words"),
        ] {
            let (at, told) = sections(text).expect_err(text);
            assert!(told.contains(what), "{text:?}: {told}");
            assert_eq!(at, line, "{text:?}: {told}");
        }
        assert!(sections("# A\nFewer than 3 < 5 items, see <https://example.com>.").is_ok());
    }
}
