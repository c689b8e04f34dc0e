//! How an HTTP connector is written in `operations.toml`, and what is wrong with one.

use super::{Connector, MAX_TIMEOUT_MS, stays_in_its_path};
use crate::dialogue::DomainError;
use crate::store::operations::{Kind, known};
use crate::store::source::{Source, Wrong, nearest};
use crate::store::template::{Body, Environment, Template, variable};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use toml::Spanned;

/// As it stands in the file.
pub(in crate::store) struct RawConnector {
    pub method: Option<Spanned<String>>,
    pub url: Spanned<String>,
    pub headers: Option<Spanned<BTreeMap<Spanned<String>, Spanned<String>>>>,
    pub body: Option<Spanned<toml::Value>>,
    pub auth: Option<Spanned<RawAuth>>,
    pub timeout_ms: Option<Spanned<u64>>,
    pub retries: Option<Spanned<u32>>,
    pub idempotency: Option<Spanned<String>>,
    pub rows: Option<Spanned<String>>,
    pub map: Option<Spanned<BTreeMap<String, Spanned<String>>>>,
    pub empty: Option<Spanned<Vec<Spanned<u16>>>>,
}

/// Who we are for the other side. The secrets themselves stand in the environment.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::store) struct RawAuth {
    bearer_env: Option<String>,
    header: Option<String>,
    env: Option<String>,
    user_env: Option<String>,
    password_env: Option<String>,
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const MAX_RETRIES: u32 = 5;

/// Makes a connector of what is written.
pub(in crate::store) fn connector(
    source: &Source<'_>,
    raw: RawConnector,
    arguments: &[String],
    environment: Environment<'_>,
) -> Result<(Kind, Connector), DomainError> {
    let method = method(source, raw.method.as_ref())?;
    let kind = if method == Method::GET {
        Kind::Lookup
    } else {
        Kind::Action
    };
    let url = url(source, &raw.url, arguments, environment)?;
    let idempotency = raw
        .idempotency
        .as_ref()
        .map(|name| header_name(source, name))
        .transpose()?;
    let retries = number(source, raw.retries.as_ref(), 0, 0..=u64::from(MAX_RETRIES))?;
    if let (Some(at), Kind::Action, None, 1..) = (&raw.retries, kind, &idempotency, retries) {
        let wrong = Wrong::new(
            "this would be sent again although it may have been done",
            "name the header that lets the other side see that: idempotency = \"Idempotency-Key\"",
        );
        return Err(source.error(at.span().start, wrong));
    }
    if let (Some(body), Kind::Lookup) = (&raw.body, kind) {
        let wrong = Wrong::new(
            "a GET has no body",
            "put it into the url, or choose another method",
        );
        return Err(source.error(body.span().start, wrong));
    }
    let default: &[u16] = if kind == Kind::Lookup { &[404] } else { &[] };
    let empty = match &raw.empty {
        None => default.to_owned(),
        Some(list) => list
            .get_ref()
            .iter()
            .map(|status| status_code(source, status))
            .collect::<Result<_, _>>()?,
    };
    let headers = raw.headers.map(Spanned::into_inner).unwrap_or_default();
    let connector = Connector {
        method,
        direct: loopback(url.beginning()),
        url,
        headers: headers
            .iter()
            .map(|(name, value)| {
                Ok((
                    header_name(source, name)?,
                    template(source, value, arguments, environment)?,
                ))
            })
            .collect::<Result<_, DomainError>>()?,
        body: raw
            .body
            .map(|body| self::body(source, &body, arguments, environment))
            .transpose()?,
        auth: raw
            .auth
            .map(|auth| self::auth(source, &auth, environment))
            .transpose()?,
        timeout: Duration::from_millis(number(
            source,
            raw.timeout_ms.as_ref(),
            2000,
            50..=MAX_TIMEOUT_MS,
        )?),
        retries: u32::try_from(retries).unwrap_or(MAX_RETRIES),
        idempotency,
        rows: pointer(source, raw.rows.as_ref())?,
        map: raw
            .map
            .map(Spanned::into_inner)
            .unwrap_or_default()
            .into_iter()
            .map(|(name, at)| Ok((name, pointer(source, Some(&at))?)))
            .collect::<Result<_, DomainError>>()?,
        empty,
    };
    Ok((kind, connector))
}

fn method(source: &Source<'_>, raw: Option<&Spanned<String>>) -> Result<Method, DomainError> {
    let Some(raw) = raw else {
        return Ok(Method::GET);
    };
    let name = raw.get_ref().as_str();
    let known = METHODS.contains(&name).then(|| name.parse().ok()).flatten();
    known.ok_or_else(|| {
        let wrong = Wrong::new(
            format!("there is no method {name:?}"),
            nearest(name, &METHODS),
        );
        source.error(raw.span().start, wrong)
    })
}

fn template(
    source: &Source<'_>,
    raw: &Spanned<String>,
    arguments: &[String],
    environment: Environment<'_>,
) -> Result<Template, DomainError> {
    let at = raw.span().start;
    let template =
        Template::parse(raw.get_ref(), environment).map_err(|wrong| source.error(at, wrong))?;
    for name in template.arguments() {
        known(source, name, at, arguments)?;
    }
    Ok(template)
}

fn url(
    source: &Source<'_>,
    raw: &Spanned<String>,
    arguments: &[String],
    environment: Environment<'_>,
) -> Result<Template, DomainError> {
    let template = template(source, raw, arguments, environment)?;
    let error =
        |what: &str, hint: &str| Err(source.error(raw.span().start, Wrong::new(what, hint)));
    // What the environment gave may be a secret: it is not shown.
    let sample = template.fill(|_| "x".into());
    let Ok(parsed) = Url::parse(&sample) else {
        return error("this is no address", "write https://host/path");
    };
    if stays_in_its_path(&sample).is_err() {
        return error(
            "the path holds // or ..",
            "is there a / too much at the end of a variable?",
        );
    }
    if !["http", "https"].contains(&parsed.scheme()) || !parsed.has_host() {
        return error(
            "the address must begin with https:// or http://",
            "write https://host/path",
        );
    }
    let after_scheme = template
        .beginning()
        .split_once("://")
        .map_or("", |(_, rest)| rest);
    if template.arguments().next().is_some() && !after_scheme.contains('/') {
        return error(
            "an argument must not say which host is asked",
            "write the host out, with a / behind it",
        );
    }
    Ok(template)
}

fn body(
    source: &Source<'_>,
    raw: &Spanned<toml::Value>,
    arguments: &[String],
    environment: Environment<'_>,
) -> Result<Body, DomainError> {
    let at = raw.span().start;
    let body = Body::parse(raw.get_ref(), environment).map_err(|wrong| source.error(at, wrong))?;
    for name in body.arguments() {
        known(source, name, at, arguments)?;
    }
    Ok(body)
}

fn auth(
    source: &Source<'_>,
    raw: &Spanned<RawAuth>,
    environment: Environment<'_>,
) -> Result<(HeaderName, HeaderValue), DomainError> {
    let at = raw.span().start;
    let secret = |name: &str| variable(name, environment).map_err(|wrong| source.error(at, wrong));
    let auth = raw.get_ref();
    let (name, value) = match (
        &auth.bearer_env,
        &auth.header,
        &auth.env,
        &auth.user_env,
        &auth.password_env,
    ) {
        (Some(token), None, None, None, None) => {
            (AUTHORIZATION, format!("Bearer {}", secret(token)?))
        }
        (None, Some(header), Some(env), None, None) => {
            let header = Spanned::new(raw.span(), header.clone());
            (header_name(source, &header)?, secret(env)?)
        }
        (None, None, None, Some(user), Some(password)) => {
            let pair = format!("{}:{}", secret(user)?, secret(password)?);
            (AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)))
        }
        _ => {
            let hint = "write { bearer_env = \"NAME\" }, { header = \"X-Key\", env = \"NAME\" } or \
                        { user_env = \"NAME\", password_env = \"NAME\" }";
            return Err(source.error(at, Wrong::new("this is no way to authenticate", hint)));
        }
    };
    let mut value = HeaderValue::from_str(value.trim()).map_err(|_| {
        let wrong = Wrong::new(
            "the credential holds a character that no header can",
            "copy it again, without line ends",
        );
        source.error(at, wrong)
    })?;
    value.set_sensitive(true);
    Ok((name, value))
}

fn header_name(source: &Source<'_>, raw: &Spanned<String>) -> Result<HeaderName, DomainError> {
    HeaderName::from_bytes(raw.get_ref().as_bytes()).map_err(|_| {
        let wrong = Wrong::new(
            format!("{:?} is no header", raw.get_ref()),
            "write letters, digits and -",
        );
        source.error(raw.span().start, wrong)
    })
}

fn status_code(source: &Source<'_>, raw: &Spanned<u16>) -> Result<u16, DomainError> {
    if (400..500).contains(raw.get_ref()) {
        return Ok(*raw.get_ref());
    }
    let wrong = Wrong::new(
        "only a status from 400 to 499 can mean \"no rows\"",
        "for example 404 or 409",
    );
    Err(source.error(raw.span().start, wrong))
}

fn pointer(source: &Source<'_>, raw: Option<&Spanned<String>>) -> Result<String, DomainError> {
    let Some(raw) = raw else {
        return Ok(String::new());
    };
    if raw.get_ref().is_empty() || raw.get_ref().starts_with('/') {
        return Ok(raw.get_ref().clone());
    }
    let wrong = Wrong::new(
        "a JSON pointer begins with /",
        "for example \"/result/items\"",
    );
    Err(source.error(raw.span().start, wrong))
}

fn number<T: Copy + Into<u64>>(
    source: &Source<'_>,
    raw: Option<&Spanned<T>>,
    default: u64,
    range: std::ops::RangeInclusive<u64>,
) -> Result<u64, DomainError> {
    let Some(raw) = raw else {
        return Ok(default);
    };
    let value: u64 = (*raw.get_ref()).into();
    if range.contains(&value) {
        return Ok(value);
    }
    let what = format!("{value} is out of bounds");
    let hint = format!("it may be {} to {}", range.start(), range.end());
    Err(source.error(raw.span().start, Wrong::new(what, hint)))
}

/// Whether the address is this machine's, to which no proxy leads.
fn loopback(beginning: &str) -> bool {
    let Ok(url) = Url::parse(beginning) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
