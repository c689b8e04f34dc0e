//! A webhook's fields, of a form or of a query. Decides nothing: who sent them is checked elsewhere.

use super::e164::E164;

/// Decoded names and values, in the order of the request.
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// From a query, a form's body, or both.
    pub fn new(query: &str, body: &[u8]) -> Self {
        let query = form_urlencoded::parse(query.as_bytes());
        let body = form_urlencoded::parse(body);
        Self(query.into_owned().chain(body.into_owned()).collect())
    }

    /// The field's first value; empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }

    /// The first of these fields that has a value.
    pub fn any(&self, names: &[&str]) -> &str {
        let values = names.iter().map(|name| self.get(name));
        values
            .into_iter()
            .find(|value| !value.is_empty())
            .unwrap_or("")
    }

    /// A number that the provider may write without its `+`.
    pub fn number(&self, names: &[&str]) -> Option<E164> {
        let text = self.any(names);
        text.parse().or_else(|_| format!("+{text}").parse()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_query_and_body() {
        let form = Form::new("a=1&b=%20x", b"c=%2B1555&a=2&From=15551230000&To=12345");
        assert_eq!(
            (form.get("a"), form.get("b"), form.get("c"), form.get("d")),
            ("1", " x", "+1555", "")
        );
        assert_eq!(form.any(&["d", "c"]), "+1555");
        let from = form.number(&["From"]);
        assert_eq!(from.as_ref().map(E164::as_str), Some("+15551230000"));
        assert_eq!(form.number(&["To"]), None);
    }
}
