//! A call as one HTML page that needs nothing but itself: no network, no other file. Its frame, and how
//! texts get into it; the picture is `overview`, `data` and the page's own script, the words are `turns`.
//!
//! What a caller said is hostile: every text is escaped here, and should one slip through, the page's own
//! policy lets nothing run but the script that it was written with, by its digest.

mod data;
mod overview;
mod turns;

use super::{Explained, told};
use crate::audio::TICK_MS;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

const STYLE: &str = include_str!("page/style.css");
/// One scope: nothing of it is the page's to see.
const SCRIPT: &str = concat!(
    "\"use strict\";\n(() => {\n",
    include_str!("page/picture.js"),
    include_str!("page/moving.js"),
    "})();\n",
);

/// The page. `turn`: it opens at this one; `sound`: a WAV file to be played in it.
pub fn page(call: &Explained, turn: Option<usize>, sound: Option<&[u8]>) -> String {
    let name = escaped(&call.name);
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; media-src data:; base-uri 'none'; \
         form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <title>{name}: what happened in the call</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    );
    head(&mut page, call);
    picture(&mut page, call, sound);
    page += "<main>\n";
    turns::table(&mut page, &call.timeline);
    turns::cards(&mut page, &call.timeline, turn);
    page += "</main>\n";
    foot(&mut page, call);
    let data = data::of(call, turn);
    let _ = write!(
        page,
        "<script type=\"application/json\" id=\"data\">{data}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    );
    page
}

/// `text` for any place in the page. Characters that XML does not know, and those that turn the direction
/// of what follows, are shown as such.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() || told::turns_text(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// How the page's policy names a text that it was written with.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn head(page: &mut String, call: &Explained) {
    let header = &call.bundle.journal.header;
    let manifest = call.bundle.manifest.as_ref();
    let began = manifest.map(|manifest| {
        let zoned = manifest.began.to_zoned(TimeZone::system());
        zoned.strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
    });
    let context = call.bundle.context();
    let began = began.or_else(|| Some(context?.now.strftime("%Y-%m-%d %H:%M").to_string()));
    let caller = context.and_then(|context| context.caller.clone());
    let model = |name: &str| {
        if name.is_empty() {
            "?".to_owned()
        } else {
            name.to_owned()
        }
    };
    let mut facts = vec![
        ("business", header.domain.clone()),
        ("line", header.line.clone()),
        ("began", began.unwrap_or_else(|| "?".into())),
        ("caller", caller.unwrap_or_else(|| "unknown".into())),
        ("heard by", model(&header.recognizer)),
    ];
    if let Some(manifest) = manifest {
        if let Some(second) = &manifest.identity.second {
            facts.push(("and again by", model(&second.name)));
        }
        facts.push(("spoken by", model(&manifest.identity.voice.name)));
    }
    facts.push(("attendant", header.attendant.clone()));
    let _ = write!(
        page,
        "<header class=\"head\">\n<p class=\"kicker\">What happened in the call, and why</p>\n<h1>{}</h1>\n<dl class=\"facts\">",
        escaped(&call.name)
    );
    for (name, value) in facts {
        let _ = write!(
            page,
            "<div><dt>{name}</dt><dd>{}</dd></div>",
            escaped(&value)
        );
    }
    *page += "</dl>\n";
    tiles(page, call);
    if let Some(notice) = told::source(&call.rules.source) {
        let _ = writeln!(
            page,
            "<p class=\"notice\" role=\"note\">{}</p>",
            escaped(&notice)
        );
    }
    if !call.misses.is_empty() {
        *page += "<div class=\"notice bad\" role=\"note\"><p>Other than expected (<code>expect.toml</code>):</p><ul>";
        for miss in &call.misses {
            let _ = write!(page, "<li>{}</li>", escaped(miss));
        }
        *page += "</ul></div>\n";
    }
    if call.timeline.truncated {
        let seconds = f64::from(call.timeline.ticks * TICK_MS) / 1000.0;
        let _ = writeln!(
            page,
            "<p class=\"notice\" role=\"note\">The call has no end: its process died in it, and the record stops \
             after {seconds:.1} s. Everything up to then is here.</p>"
        );
    }
    if call.sound.caller.is_none() {
        *page += "<p class=\"notice quiet\" role=\"note\">The call was recorded without its sound: in place of waveforms \
                  the picture shows how loud the caller was, from the journal.</p>\n";
    }
    *page += "</header>\n";
}

/// The call in figures.
fn tiles(page: &mut String, call: &Explained) {
    let line = &call.timeline;
    *page += "<ul class=\"tiles\">";
    let length = told::clock(line.ticks);
    let length = length.split('.').next().unwrap_or_default().to_owned();
    let mut tiles = vec![(length, "long")];
    tiles.extend(told::figures(line));
    for (value, what) in tiles {
        let _ = write!(
            page,
            "<li><b>{}</b><span>{}</span></li>",
            escaped(&value),
            what.trim_end_matches(':')
        );
    }
    *page += "</ul>\n";
}

fn picture(page: &mut String, call: &Explained, sound: Option<&[u8]>) {
    *page += "<section class=\"picture\" aria-labelledby=\"picture-title\">\n<h2 id=\"picture-title\">The call as a picture</h2>\n";
    *page += "<p class=\"unseen\">The table of turns below tells all of it in words.</p>\n";
    overview::draw(page, call);
    *page += concat!(
        "<div class=\"tools\" id=\"tools\" hidden=\"hidden\" role=\"group\" aria-label=\"Which part of the call is shown\">",
        "<button type=\"button\" data-do=\"back\" aria-label=\"Earlier\">◀</button>",
        "<button type=\"button\" data-do=\"out\" aria-label=\"Show more\">−</button>",
        "<button type=\"button\" data-do=\"in\" aria-label=\"Show less, larger\">+</button>",
        "<button type=\"button\" data-do=\"on\" aria-label=\"Later\">▶</button>",
        "<button type=\"button\" data-do=\"all\">Whole call</button>",
        "<button type=\"button\" data-do=\"previous\">Previous turn</button>",
        "<button type=\"button\" data-do=\"next\">Next turn</button>",
        "<span class=\"shown\" id=\"shown\" role=\"status\"></span></div>\n",
        "<div id=\"detail\" class=\"detail\" hidden=\"hidden\" tabindex=\"0\" role=\"group\" aria-roledescription=\"timeline\" ",
        "aria-label=\"Timeline of the call: arrow keys move it, plus and minus zoom, page up and down go from turn to turn. The table of turns says the same in words.\"></div>\n",
        "<div id=\"tip\" class=\"tip\" hidden=\"hidden\" aria-hidden=\"true\"></div>\n",
    );
    if let Some(wav) = sound {
        let _ = writeln!(
            page,
            "<audio id=\"audio\" controls=\"controls\" preload=\"auto\" aria-label=\"The sound of the call\" src=\"data:audio/wav;base64,{}\"></audio>",
            STANDARD.encode(wav)
        );
    }
    legend(page);
    *page += "<p class=\"hint\" id=\"hint\" hidden=\"hidden\">Drag it or use the arrow keys to move, <kbd>+</kbd> and <kbd>−</kbd> (or control and \
              the wheel) to zoom. Hover for details; click a turn for its card.</p>\n";
    *page += "<div id=\"strips\" class=\"strips\" aria-hidden=\"true\"></div>\n</section>\n";
}

fn legend(page: &mut String) {
    *page += "<ul class=\"legend\" aria-label=\"Colours of the picture\">";
    for (class, what) in [
        ("caller", "caller"),
        ("bot", "bot"),
        ("early", "early pause"),
        ("hear", "recogniser"),
        ("more", "waiting for more"),
        ("back", "back end"),
        ("voice", "making the voice"),
        ("cut", "cut, or never heard"),
    ] {
        let _ = write!(page, "<li><i class=\"swatch {class}\"></i>{what}</li>");
    }
    *page += "</ul>\n";
}

fn foot(page: &mut String, call: &Explained) {
    let header = &call.bundle.journal.header;
    let _ = writeln!(
        page,
        "<footer class=\"foot\"><p>Times are those of the line, in steps of {TICK_MS} ms; what takes less is 0 ms. Of a sentence \
         that was cut, how far it was heard is an estimate from how fast the others were spoken. Confidences are the \
         recogniser’s: how often out of a hundred the words are what was said.</p><p>Made by attendant {} from the journal of \
         {} (business digest <code>{}</code>). The page holds what the caller said: treat it like the recording.</p></footer>",
        env!("CARGO_PKG_VERSION"),
        escaped(&header.call),
        escaped(&header.domain_digest)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_are_harmless_everywhere() {
        let text = escaped("<script>alert('x')</script> \"&\u{1b}\u{202e}");
        assert_eq!(
            text,
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;&amp;\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn the_page_s_own_parts_do_not_end_themselves() {
        for part in [STYLE, SCRIPT] {
            assert!(!part.contains("</s"), "it would end in the middle");
            assert!(
                !part.contains("http:") && !part.contains("https:")
                    || part.contains("www.w3.org/2000/svg")
            );
        }
    }
}
