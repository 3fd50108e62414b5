//! The confirmation code of a data deletion.
//!
//! Meta requires an alphanumeric confirmation code and a page that explains the status of the request (Meta, "Data
//! Deletion Request Callback"). The code itself is the record. It is signed, so it cannot be forged, and it contains
//! neither an id nor a name.

use time::OffsetDateTime;

use crate::signing::SigningKeys;

const PURPOSE: &str = "deletion";

/// A completed data deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// When the data was deleted, to the second.
    pub at: OffsetDateTime,
    /// What was deleted.
    pub what: Deleted,
}

/// What was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// The account documents, including the tokens.
    Account,
    /// Nothing, because nothing was stored about this person.
    Nothing,
}

impl Deletion {
    /// The confirmation code: 82 hexadecimal digits.
    pub fn code(&self, keys: &SigningKeys) -> String {
        let what: u8 = match self.what {
            Deleted::Account => 1,
            Deleted::Nothing => 0,
        };
        let text = format!("{:016x}{what:02x}", self.at.unix_timestamp());
        let tag = keys.hex_tag(PURPOSE, &text);
        format!("{text}{tag}")
    }

    /// Parses and verifies a code.
    pub fn read(code: &str, keys: &SigningKeys) -> Option<Self> {
        let (text, tag) = code.split_at_checked(18)?;
        if !keys.holds_hex(PURPOSE, text, tag) {
            return None;
        }
        let (seconds, what) = text.split_at_checked(16)?;
        let at = OffsetDateTime::from_unix_timestamp(i64::from_str_radix(seconds, 16).ok()?).ok()?;
        let what = match what {
            "01" => Deleted::Account,
            "00" => Deleted::Nothing,
            _ => return None,
        };
        Some(Self { at, what })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    fn keys() -> SigningKeys {
        SigningKeys::parse("k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k").unwrap()
    }

    fn code(what: Deleted) -> String {
        Deletion { at: datetime!(2026-11-22 05:00 UTC), what }.code(&keys())
    }

    #[test]
    fn a_code_is_alphanumeric_and_records_what_was_deleted_and_when() {
        for what in [Deleted::Account, Deleted::Nothing] {
            let code = code(what);
            assert!(code.bytes().all(|b| b.is_ascii_alphanumeric()), "{code}");
            assert_eq!(Deletion::read(&code, &keys()), Some(Deletion { at: datetime!(2026-11-22 05:00 UTC), what }));
        }
    }

    #[test]
    fn a_code_signed_with_an_older_key_is_accepted() {
        let rotated = r#"{"keys":["n-n-n-n-n-n-n-n-n-n-n-n-n-n-n-n-n-n-n","k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k-k"]}"#;
        let rotated = SigningKeys::parse(rotated).unwrap();
        assert!(Deletion::read(&code(Deleted::Account), &rotated).is_some());
    }

    proptest! {
        #[test]
        fn a_code_with_an_altered_byte_is_rejected(at in 0usize..82, byte in 0u8..128) {
            let mut altered = code(Deleted::Account).into_bytes();
            prop_assume!(altered[at] != byte);
            altered[at] = byte;
            prop_assert_eq!(Deletion::read(&String::from_utf8(altered).unwrap(), &keys()), None);
        }

        #[test]
        fn arbitrary_text_is_rejected_without_a_panic(text in ".{0,120}") {
            prop_assert_eq!(Deletion::read(&text, &keys()), None);
        }
    }
}
