//! Orders to Telnyx's Voice API (v2). Decides what counts as done; what is ordered is decided in `legs`.

use crate::line::carrier::CarrierError;
use crate::line::server::Shared;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

/// The API, where nothing else is set.
pub const API: &str = "https://api.telnyx.com";
/// Telnyx's code for a command to a call that has ended.
const ENDED: &str = "90018";

/// An order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The leg that it is about; none: a new leg is dialled.
    pub leg: Option<String>,
    /// `answer`, `transfer` and the like.
    pub action: &'static str,
    pub body: Value,
}

/// The API with an account's key.
pub struct Api {
    base: String,
    key: Option<String>,
}

impl Api {
    pub fn new(base: &str, key: Option<&str>) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            key: key.filter(|key| !key.is_empty()).map(str::to_owned),
        }
    }

    /// Gives the order and returns the answer's `data`. A call that has ended already is hung up.
    ///
    /// # Errors
    /// When Telnyx cannot be reached or does not take it.
    pub async fn give(&self, order: &Order, shared: &Shared) -> Result<Value, CarrierError> {
        let path = match &order.leg {
            Some(leg) => format!("/v2/calls/{leg}/actions/{}", order.action),
            None => "/v2/calls".into(),
        };
        let mut request = shared
            .http
            .post(format!("{}{path}", self.base))
            .header(CONTENT_TYPE, "application/json")
            .body(order.body.to_string());
        match &self.key {
            Some(key) => request = request.bearer_auth(key),
            // On this machine only, for tests.
            None if self.base == API => {
                return Err(CarrierError::NotSet("telnyx.api_key is not set"));
            }
            None => {}
        }
        let response = request.send().await?;
        if response.status().is_success() {
            let text = response.text().await?;
            let mut answer: Value = serde_json::from_str(&text).unwrap_or_default();
            return Ok(answer["data"].take());
        }
        let refused = CarrierError::refused(response).await;
        match &refused {
            CarrierError::Refused {
                status: 404 | 422,
                text,
            } if order.action == "hangup" && (text.contains(ENDED) || text.is_empty()) => {
                Ok(Value::Null)
            }
            CarrierError::Refused { status: 404, .. } if order.action == "hangup" => {
                Ok(Value::Null)
            }
            _ => Err(refused),
        }
    }
}
