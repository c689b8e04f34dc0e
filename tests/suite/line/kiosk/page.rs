//! The page as it is served: whole, with nothing from elsewhere, in both languages, and readable.

use crate::line::house::{House, options};

/// The values of a header of an answer, and its text.
async fn fetched(house: &House, path: &str) -> (reqwest::header::HeaderMap, String) {
    let client = attendant::http::client().build().unwrap();
    let answer = client
        .get(format!("{}{path}", house.base))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    (answer.headers().clone(), answer.text().await.unwrap())
}

/// What stands between `before` and the next `after`, each time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(after)?.0))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_page_is_whole_and_asks_nobody_else() {
    let house = House::open(options()).await;
    let (headers, page) = fetched(&house, "/").await;
    let policy = headers["content-security-policy"].to_str().unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "style-src 'self';",
        "frame-ancestors 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(headers[name], value);
    }
    // What the policy would refuse, or what leads elsewhere.
    for wrong in [
        "<style", "style=", "onclick", "<script>", "http://", "https://",
    ] {
        assert!(!page.contains(wrong), "{wrong} in the page");
    }
    let mut todo: Vec<String> = Vec::new();
    todo.extend(
        between(&page, "href=\"/", "\"")
            .iter()
            .map(|path| format!("/{path}")),
    );
    todo.extend(
        between(&page, "src=\"/", "\"")
            .iter()
            .map(|path| format!("/{path}")),
    );
    let mut seen = Vec::new();
    while let Some(path) = todo.pop() {
        if seen.contains(&path) {
            continue;
        }
        let (headers, text) = fetched(&house, &path).await;
        let script = path.ends_with(".js");
        let kind = headers["content-type"].to_str().unwrap();
        assert_eq!(
            kind.starts_with("text/javascript"),
            script,
            "{path}: {kind}"
        );
        let elsewhere = ["//cdn", "import(\"http", "from \"http", "@import", "url("];
        assert!(
            elsewhere.iter().all(|wrong| !text.contains(wrong)),
            "{path}"
        );
        todo.extend(
            between(&text, "from \"./", "\"")
                .iter()
                .map(|name| format!("/kiosk/{name}")),
        );
        todo.extend(
            between(&text, "addModule(\"", "\"")
                .iter()
                .map(|path| (*path).to_owned()),
        );
        seen.push(path);
    }
    assert_eq!(seen.len(), 9, "{seen:?}");
    assert_eq!(house.get("/kiosk/../Cargo.toml").await, 404);
    assert_eq!(house.get("/kiosk/mod.rs").await, 404);
}

#[tokio::test(start_paused = true)]
async fn every_text_is_there_in_both_languages() {
    let house = House::open(options()).await;
    let (_, strings) = fetched(&house, "/kiosk/strings.js").await;
    let (english, spanish) = strings.split_once("\n  es: {").unwrap();
    let keys = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
        lines
            .filter_map(|line| line.split_once(':'))
            .filter(|(key, _)| key.chars().all(char::is_alphanumeric))
            .map(|(key, _)| key.to_owned())
            .collect()
    };
    let known = keys(english);
    assert_eq!(known, keys(spanish.split_once("\n  },").unwrap().0));
    // Those that the page asks for are among them.
    let (_, page) = fetched(&house, "/").await;
    let mut wanted = between(&page, "data-t=\"", "\"");
    wanted.extend(between(&page, "data-t-label=\"", "\""));
    wanted.extend(between(&page, "data-t-hint=\"", "\""));
    assert!(wanted.len() > 15);
    for key in wanted {
        assert!(known.iter().any(|known| known == key), "{key}");
    }
}

/// Relative luminance of `#rrggbb` (WCAG 2).
fn luminance(color: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
        match value <= 0.04045 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[tokio::test(start_paused = true)]
async fn texts_stand_out_from_their_grounds_in_the_light_and_in_the_dark() {
    let house = House::open(options()).await;
    let (_, style) = fetched(&house, "/kiosk/style.css").await;
    let (light, dark) = style.split_once("prefers-color-scheme: dark").unwrap();
    for scheme in [light, dark.split_once("\n}").unwrap().0] {
        let color = |name: &str| luminance(between(scheme, &format!("--{name}: "), ";")[0]);
        let contrast = |a: &str, b: &str| {
            let (a, b) = (color(a), color(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for (text, ground, least) in [
            ("ink", "paper", 7.0),
            ("ink", "card", 7.0),
            ("ink", "bot", 7.0),
            ("faint", "paper", 4.5),
            ("faint", "card", 4.5),
            ("faint", "bot", 4.5),
            ("on-accent", "accent", 4.5),
            ("on-stop", "stop", 4.5),
            ("on-caller", "caller", 4.5),
            ("on-warn", "warn", 4.5),
            ("accent", "card", 3.0),
            ("accent", "paper", 3.0),
            ("edge", "card", 3.0),
            ("edge", "paper", 3.0),
        ] {
            let found = contrast(text, ground);
            assert!(found >= least, "{text} on {ground}: {found:.2}");
        }
    }
}
