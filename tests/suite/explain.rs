//! `attendant explain`, as typed: on recorded calls, whole, cut off and without their sound; its page as a
//! reader of HTML and as Chromium see it.

use crate::support::chromium::{self, Chromium, Tab};
use crate::support::{attendant, told};
use quick_xml::Reader;
use quick_xml::events::Event as Xml;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

type Told = (Option<i32>, String, String);

fn calls() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/calls")
}

fn explain(dir: &Path, args: &[&str]) -> Told {
    let mut command = attendant(dir);
    let dir = format!("recordings.dir={}", calls().display());
    command.args(["explain", "--set", &dir]).args(args);
    told(&command.output().expect("the binary starts"))
}

fn here() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A copy of a recorded call, to be changed.
fn copy(call: &str, files: &[&str]) -> tempfile::TempDir {
    let folder = here();
    for file in files {
        std::fs::copy(calls().join(call).join(file), folder.path().join(file)).expect("copied");
    }
    folder
}

/// The page that the verb writes for a call.
fn page(call: &str, more: &[&str]) -> String {
    let folder = here();
    let args = [&[call, "--html", "page.html"], more].concat();
    let (code, out, err) = explain(folder.path(), &args);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("page.html: "), "{out}");
    std::fs::read_to_string(folder.path().join("page.html")).expect("a page")
}

#[test]
fn every_recorded_call_is_explained() {
    let folder = here();
    let reasons: [(&str, &[&str]); 5] = [
        (
            "shop-demo",
            &[
                "the usual pause of 720 ms passed",
                "all that the open question asks for",
                "a whole sentence, and 720 ms of pause",
            ],
        ),
        ("silent-caller", &["nothing was said or keyed for 6 s"]),
        ("keys-only", &["the entry has all its 6 keys"]),
        ("nod", &["is only a nod"]),
        ("person", &["handed over"]),
    ];
    for (call, reasons) in reasons {
        let (code, out, err) = explain(folder.path(), &[call]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{call}");
        for reason in reasons {
            assert!(out.contains(reason), "{call}: {out}");
        }
        let turns = out.lines().filter(|line| line.starts_with("turn ")).count();
        let why = out.matches("  ended because ").count();
        assert_eq!(turns, why, "{call}: each turn says why it ended");
    }
}

#[test]
fn one_turn_is_told_alone_and_as_json() {
    let folder = here();
    let (code, out, _) = explain(folder.path(), &["shop-demo", "--turn", "2"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("turn 2 ") && !out.contains("turn 1 "), "{out}");
    assert!(out.contains("“four five six” after 180 ms, 100 % sure; surely goes on: wait 2000 ms"));
    let (code, out, _) = explain(folder.path(), &["shop-demo", "--turn", "2", "--json"]);
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(code, Some(0));
    assert_eq!(value["turn"]["words"], "four five six seven one two");
    assert_eq!(value["turn"]["hearings"][0]["judged"], "incomplete");
    let (_, out, _) = explain(folder.path(), &["shop-demo", "--json"]);
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(value["timeline"]["turns"][1]["why"], "pause");
}

#[test]
fn what_is_not_there_is_said_with_exit_code_2() {
    let folder = here();
    for (args, wanted) in [
        (&["no-such-call"][..], "there is no call \"no-such-call\""),
        (&["shop-demo", "--turn", "99"], "it has turns 0 to 9"),
        (
            &["shop-demo", "--html", "no/such/folder.html"],
            "cannot write",
        ),
        (
            &["shop-demo", "--json", "--html", "x"],
            "cannot be used with",
        ),
        (&["shop-demo", "--audio"], "--html"),
    ] {
        let (code, _, err) = explain(folder.path(), args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(err.contains(wanted), "{args:?}: {err}");
    }
}

#[test]
fn a_killed_process_a_lost_sound_and_another_business_leave_the_rest() {
    let folder = copy("nod", &["journal.jsonl"]);
    let journal = folder.path().join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("a journal");
    std::fs::write(&journal, &text[..text.len() / 2]).expect("written");
    let (code, out, err) = explain(folder.path(), &["."]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("here the record stops") && out.contains("  rule "),
        "{out}"
    );
    let (code, out, _) = explain(folder.path(), &["journal.jsonl", "--html", "page.html"]);
    assert_eq!(code, Some(0), "{out}");
    let page = std::fs::read_to_string(folder.path().join("page.html")).expect("a page");
    assert!(page.contains("recorded without its sound") && page.contains("has no end"));
    let (code, out, _) = explain(
        folder.path(),
        &["shop-demo", "--set", "business.domain=bank"],
    );
    assert_eq!(code, Some(0));
    assert!(
        out.contains("note: The call was with the business \"shop\""),
        "{out}"
    );
    let gone = ["shop-demo", "--set", "business.domain=/no/such/folder"];
    let (code, out, _) = explain(folder.path(), &gone);
    assert_eq!(code, Some(0));
    assert!(out.contains("note: The business cannot be read"), "{out}");
    assert!(out.contains("ended because"), "{out}");
}

#[test]
fn what_should_have_happened_and_did_not_is_told_first() {
    let folder = copy("shop-demo", &["journal.jsonl"]);
    let expect = "reply_within_ms = 500\ndisposition = \"handed_over\"\n";
    std::fs::write(folder.path().join("expect.toml"), expect).expect("written");
    let (code, out, err) = explain(folder.path(), &["."]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("expected otherwise: the call ended as completed, expected handed_over"),
        "{out}"
    );
    assert!(out.contains("expected otherwise: the reply to \"where is my order\" came after"));
}

/// Holds a page to XML's rules, its style and script left out, and gives all values of attributes.
fn well_formed(page: &str) -> Vec<(String, String)> {
    let mut text = page.trim_start_matches("<!DOCTYPE html>").to_owned();
    for tag in ["style", "script"] {
        while let Some(from) = text.find(&format!("<{tag}")) {
            let end = format!("</{tag}>");
            let to = text[from..].find(&end).expect("it ends") + from + end.len();
            text.replace_range(from..to, "");
        }
    }
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = true;
    let mut attributes = Vec::new();
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|error| panic!("{error} at {}", reader.error_position()))
        {
            Xml::Eof => return attributes,
            Xml::Start(tag) | Xml::Empty(tag) => {
                for attribute in tag.attributes() {
                    let attribute = attribute.expect("an attribute in quotes");
                    let name = attribute.key.as_ref().to_owned();
                    attributes.push((name, attribute.value.into_owned()));
                }
            }
            _ => {}
        }
    }
}

#[test]
fn a_page_is_well_formed_and_asks_the_network_for_nothing() {
    for (call, more) in [("shop-demo", "--audio"), ("nod", "--turn=1")] {
        let page = page(call, &[more]);
        for (name, value) in well_formed(&page) {
            assert!(!name.starts_with("on"), "{call}: {name}={value}");
            if ["href", "src", "action", "srcset", "data"].contains(&name.as_str()) {
                let own =
                    value.starts_with('#') || value.starts_with("data:audio/wav;base64,UklGR");
                assert!(own, "{call}: {name}={value}");
            }
        }
        for scheme in ["http:", "https:", "//fonts", "@import", "url("] {
            assert!(!page.contains(scheme), "{call}: {scheme}");
        }
        assert!(page.contains("default-src 'none'"));
        assert_eq!(page.contains("<audio"), more == "--audio");
    }
}

async fn open(tab: &mut Tab<'_>, page: &Path) {
    tab.open(&format!("file://{}", page.display())).await;
    tab.until("document.querySelectorAll('#detail .scene .turn').length > 1")
        .await;
}

async fn key(tab: &mut Tab<'_>, key: &str) {
    tab.value("document.getElementById('detail').focus()").await;
    tab.key(key, "").await;
}

const SHOWN: &str = "document.getElementById('shown').textContent";

/// Waits until another part of the call is shown.
async fn moves(tab: &mut Tab<'_>, before: &str) -> String {
    tab.until(&format!("{SHOWN} !== {before:?}")).await;
    tab.text(SHOWN).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_is_drawn_moved_chosen_and_printed() {
    let Some(program) = chromium::find() else {
        return;
    };
    let folder = here();
    let (code, _, err) = explain(folder.path(), &["shop-demo", "--html", "page.html"]);
    assert_eq!(code, Some(0), "{err}");
    let page = folder.path().join("page.html");
    let mut browser = Chromium::start(&program, None, "en-US").await;
    let mut tab = browser.tab().await;
    tab.screen(1280, 1500, false).await;
    open(&mut tab, &page).await;
    tab.picture("explain").await;
    // Sound, voice, words, time: each lane has something in it.
    for part in [
        ".wave.caller.loud",
        ".activity",
        ".asked",
        ".part.hear",
        ".part.more",
        ".sentence",
        ".over",
    ] {
        let count = format!("document.querySelectorAll('#detail {part}').length");
        let count = tab.value(&count).await;
        assert!(count.as_u64() > Some(0), "{part}");
    }
    // Moved and zoomed by keys and buttons.
    let start = tab.text(SHOWN).await;
    key(&mut tab, "ArrowRight").await;
    let moved = moves(&mut tab, &start).await;
    key(&mut tab, "+").await;
    let zoomed = moves(&mut tab, &moved).await;
    tab.click("[data-do='all']").await;
    let all = moves(&mut tab, &zoomed).await;
    assert_eq!(all, "0:00.0 – 1:03.5");
    // A turn is chosen in the table: the picture goes there, the card is marked.
    tab.click("#turns a[href='#turn-4']").await;
    tab.until("document.querySelector('#turn-4').classList.contains('chosen')")
        .await;
    let there = moves(&mut tab, &all).await;
    assert!(there.starts_with("0:26"), "{there}");
    tab.until("document.querySelector('#detail text.cut')")
        .await;
    tab.value("scrollTo(0, 0)").await;
    tab.picture("explain-turn").await;
    // What the mouse is over is told.
    let hover =
        "(() => { const box = document.querySelector('#detail .part.more').getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2]; })()";
    let place = tab.value(hover).await;
    let over = json!({ "type": "mouseMoved", "x": place[0], "y": place[1] });
    tab.call("Input.dispatchMouseEvent", over).await;
    tab.until("document.getElementById('tip').textContent.startsWith('waiting for more: 360 ms')")
        .await;
    tab.screen(1280, 1500, true).await;
    tab.picture("explain-dark").await;
    // A telephone: nothing is wider than it but what scrolls by itself.
    tab.screen(360, 780, false).await;
    tab.until("document.querySelector('#detail svg').getAttribute('width') < 360")
        .await;
    assert_eq!(
        tab.value("document.scrollingElement.scrollWidth").await,
        360
    );
    tab.value("scrollTo(0, 0)").await;
    tab.picture("explain-phone").await;
    // Paper has all of it.
    tab.value("dispatchEvent(new Event('beforeprint'))").await;
    assert_eq!(
        tab.value("document.querySelectorAll('#strips > svg').length")
            .await,
        4
    );
    assert_eq!(
        tab.value("document.querySelectorAll('details:not([open])').length")
            .await,
        0
    );
    tab.screen(1000, 1400, false).await;
    tab.call("Emulation.setEmulatedMedia", json!({ "media": "print" }))
        .await;
    tab.value("scrollTo(0, 0)").await;
    tab.picture("explain-print").await;
    tab.unbroken().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_are_only_words() {
    let Some(program) = chromium::find() else {
        return;
    };
    let hostile = "</script><script>window.hit = 1</script><img src=x onerror='window.hit = 1'>";
    let folder = copy("shop-demo", &["journal.jsonl", "caller.wav"]);
    let journal = folder.path().join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("a journal");
    assert!(text.contains("where is my order"));
    std::fs::write(&journal, text.replace("where is my order", hostile)).expect("written");
    let (code, _, err) = explain(folder.path(), &[".", "--html", "page.html"]);
    assert_eq!(code, Some(0), "{err}");
    let page = folder.path().join("page.html");
    well_formed(&std::fs::read_to_string(&page).expect("a page"));
    let mut browser = Chromium::start(&program, None, "en-US").await;
    let mut tab = browser.tab().await;
    tab.screen(1280, 1500, false).await;
    open(&mut tab, &page).await;
    let shown = "[...document.querySelectorAll('#turns td, #detail text')].filter((e) => e.textContent.includes('window.hit')).length > 1";
    tab.until(shown).await;
    assert_eq!(tab.value("window.hit ?? null").await, Value::Null);
    assert_eq!(tab.value("document.images.length").await, 0);
    tab.unbroken().await;
}
