//! One call from the first webhook to the last: follows the server's answers as Twilio does.

use super::report::Report;
use super::stream::{Hung, Stream};
use super::webhook::{self, Verb};
use super::{LoadError, Plan};
use tokio::time::Instant;

/// Numbers from the range kept free for fiction.
const FROM: &str = "+15555550100";
const TO: &str = "+15555550199";
/// Streams in one call: each failed transfer brings the caller back.
const MOST_STREAMS: usize = 8;

/// Places a call and stays until `until` or until the bot ends it.
///
/// # Errors
/// When the call breaks; what was measured before is in `report`.
pub async fn run(
    plan: &Plan,
    client: &reqwest::Client,
    until: Instant,
    turn: &mut usize,
    report: &mut Report,
) -> Result<(), LoadError> {
    let call_sid = call_sid();
    let token = plan.auth_token.as_deref();
    let mut verb = webhook::post(
        client,
        &plan.voice_url,
        token,
        &form(&call_sid, "ringing", &[]),
    )
    .await?;
    if !matches!(verb, Verb::Connect { .. }) {
        report.turned_away += 1;
        return Ok(());
    }
    report.calls += 1;
    for _ in 0..MOST_STREAMS {
        let (action, status, extra) = match &verb {
            Verb::Connect {
                url,
                parameters,
                action,
            } => {
                let stream = Stream::open(url, &call_sid, parameters, plan).await?;
                let hung = stream.run(plan, until, turn, report).await?;
                (
                    action.clone(),
                    if hung == Hung::ByCaller {
                        "completed"
                    } else {
                        "in-progress"
                    },
                    Vec::new(),
                )
            }
            Verb::Dial {
                action: Some(action),
            } => (
                Some(action.clone()),
                "in-progress",
                vec![("DialCallStatus", plan.dial_status.as_str())],
            ),
            Verb::Dial { action: None } | Verb::Say | Verb::Hangup => break,
        };
        let Some(action) = action else { break };
        verb = webhook::post(client, &action, token, &form(&call_sid, status, &extra)).await?;
        if status == "completed" {
            return Ok(());
        }
        if matches!(verb, Verb::Connect { .. }) && Instant::now() >= until {
            // The caller does not wait for another stream.
            let _ = webhook::post(
                client,
                &action,
                token,
                &form(&call_sid, "completed", &extra),
            )
            .await?;
            return Ok(());
        }
    }
    report.ended_by_bot += 1;
    Ok(())
}

/// A name like Twilio's: `CA` and 32 hexadecimal digits.
fn call_sid() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has a source of randomness");
    format!("CA{:032x}", u128::from_ne_bytes(bytes))
}

fn form(call_sid: &str, status: &str, extra: &[(&str, &str)]) -> Vec<(String, String)> {
    let fields = [
        ("CallSid", call_sid),
        ("AccountSid", "AC00000000000000000000000000000000"),
        ("From", FROM),
        ("To", TO),
        ("Caller", FROM),
        ("Called", TO),
        ("CallStatus", status),
        ("Direction", "inbound"),
        ("ApiVersion", "2010-04-01"),
        ("FromCity", ""),
    ];
    fields
        .iter()
        .chain(extra)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
