//! Where an account is to be stored, in a vault that stores accounts together.

use serde::{Deserialize, Serialize};

use super::Document;
use crate::group::Group;

/// The key of the placement. Other releases and layouts keep it, as any key that they do not know.
const KEY: &str = "evertoken_placement";

/// Where a vault that stores accounts together is to store one. In other vaults, every account is stored alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// With any others that have no placement.
    #[default]
    Anywhere,
    /// In a secret of its own, for applications that read a secret.
    OwnSecret,
    /// Only with others of its group.
    Group(Group),
}

impl Placement {
    /// Whether nothing was chosen.
    pub fn is_anywhere(&self) -> bool {
        *self == Self::Anywhere
    }
}

impl Document {
    /// Where the account is to be stored. [`Placement::Anywhere`] if the document has none, or one of another form.
    pub fn placement(&self) -> Placement {
        self.unknown.get(KEY).and_then(|value| Placement::deserialize(value).ok()).unwrap_or_default()
    }

    /// The document with another placement. [`Placement::Anywhere`] leaves the present one.
    #[must_use]
    pub fn with_placement(mut self, placement: &Placement) -> Self {
        if !placement.is_anywhere() {
            // A slug is always valid JSON.
            self.unknown.insert(KEY.to_owned(), serde_json::to_value(placement).unwrap_or_default());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;
    use time::macros::datetime;

    use super::*;
    use crate::sample;

    #[test]
    fn a_placement_is_kept_until_another_one_is_chosen() {
        let document = sample::document("shop-de", datetime!(2026-11-27 12:00 UTC));
        assert_eq!(document.placement(), Placement::Anywhere);
        assert_eq!(document.clone().with_placement(&Placement::Anywhere), document);
        for (placement, key) in [
            (Placement::OwnSecret, r#""evertoken_placement":"own_secret"}"#),
            (Placement::Group("client-a".parse().unwrap()), r#""evertoken_placement":{"group":"client-a"}}"#),
        ] {
            let placed = document.clone().with_placement(&placement);
            let json = placed.encode().expose_secret().to_owned();
            assert!(json.ends_with(key), "{json}");
            let read = Document::decode(&document.name, &json).unwrap().with_placement(&Placement::Anywhere);
            assert_eq!((read.placement(), read), (placement, placed));
        }
    }

    #[test]
    fn a_key_of_another_form_is_no_placement() {
        for value in [json!("elsewhere"), json!({"group": "Client A"}), json!(1)] {
            let mut document = sample::document("shop-de", datetime!(2026-11-27 12:00 UTC));
            document.unknown.insert(KEY.to_owned(), value);
            assert_eq!(document.placement(), Placement::Anywhere);
        }
    }
}
