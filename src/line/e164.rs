//! Telephone numbers as carriers dial them (ITU-T E.164). Decides whether a text is one; who may be
//! dialled is the configuration's business.

use std::fmt;
use std::str::FromStr;

/// Most digits in a number, country code included (ITU-T E.164 § 6.2.1).
const MAX_DIGITS: usize = 15;
/// The shortest full international numbers in use; less is a short code or a slip.
const MIN_DIGITS: usize = 7;

/// A number in international form, `+15551230000`. Prints as `…` in logs: it names a person.
#[derive(Clone, PartialEq, Eq)]
pub struct E164(String);

impl E164 {
    /// The number with its leading `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("E164(…)")
    }
}

/// Why a text is no E.164 number. Does not repeat the text: it may be somebody's number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotE164 {
    #[error(
        "a number in international form starts with `+`\nhint: write the country code first, like +15551230000"
    )]
    NoPlus,
    #[error(
        "a number holds digits only after the `+`\nhint: remove spaces, dashes and brackets, like +15551230000"
    )]
    NotADigit,
    #[error(
        "no country code starts with 0\nhint: leave out the national prefix, like +442079460000"
    )]
    LeadingZero,
    #[error(
        "a number has 7 to 15 digits, this one has {0}\nhint: write country code and number, like +15551230000"
    )]
    Length(usize),
}

impl FromStr for E164 {
    type Err = NotE164;

    fn from_str(text: &str) -> Result<Self, NotE164> {
        let digits = text.strip_prefix('+').ok_or(NotE164::NoPlus)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotE164::NotADigit);
        }
        if digits.starts_with('0') {
            return Err(NotE164::LeadingZero);
        }
        if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) {
            return Err(NotE164::Length(digits.len()));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_international_numbers_only() {
        for good in [
            "+15551230000",
            "+442079460000",
            "+2908123",
            "+123456789012345",
        ] {
            assert_eq!(good.parse::<E164>().expect(good).as_str(), good);
        }
        for (bad, why) in [
            ("", NotE164::NoPlus),
            ("15551230000", NotE164::NoPlus),
            ("anonymous", NotE164::NoPlus),
            ("+1 555 123", NotE164::NotADigit),
            ("+1555١230000", NotE164::NotADigit),
            ("+04420794600", NotE164::LeadingZero),
            ("+911", NotE164::Length(3)),
            ("+1234567890123456", NotE164::Length(16)),
        ] {
            assert_eq!(bad.parse::<E164>(), Err(why), "{bad}");
        }
    }

    #[test]
    fn does_not_print_the_number() {
        assert!(!format!("{:?}", "+15551230000".parse::<E164>()).contains("555"));
    }
}
