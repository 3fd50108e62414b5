//! Environment variables of the packed layout.

use evertoken_core::variables::{VariableError, Variables};
use evertoken_packed_vault::PackSize;

/// Where the index is, and how many accounts a pack takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedSettings {
    table: String,
    size: PackSize,
}

impl PackedSettings {
    /// Reads `EVERTOKEN_LAYOUT` (`single` or `packed`; default: `single`). With `packed`, also reads `EVERTOKEN_INDEX_TABLE`
    /// (required) and `EVERTOKEN_PACK_SIZE` (default: 128). `None` with `single`.
    pub fn read(variables: &Variables) -> Result<Option<Self>, VariableError> {
        const TABLE: &str = "EVERTOKEN_INDEX_TABLE";
        const TABLE_EXPECTED: &str =
            "the name of a DynamoDB table such as evertoken-index: 3 to 255 letters, digits and _.-";
        let is_packed = variables.parse("EVERTOKEN_LAYOUT", "single or packed", |text| match text {
            "single" => Some(false),
            "packed" => Some(true),
            _ => None,
        })?;
        if is_packed != Some(true) {
            return Ok(None);
        }
        let table = variables.parse(TABLE, TABLE_EXPECTED, |text| is_table_name(text).then(|| text.to_owned()))?;
        let size = variables.parse("EVERTOKEN_PACK_SIZE", "a number of accounts from 16 to 200", |text| {
            PackSize::new(text.parse().ok()?)
        })?;
        Ok(Some(Self {
            table: table.ok_or(VariableError::Missing { name: TABLE, expected: TABLE_EXPECTED })?,
            size: size.unwrap_or_default(),
        }))
    }

    /// The name of the index's table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// How many accounts a pack takes.
    pub fn size(&self) -> PackSize {
        self.size
    }
}

/// AWS, DynamoDB, "Naming rules".
fn is_table_name(text: &str) -> bool {
    (3..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<PackedSettings>, String> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        PackedSettings::read(&variables.collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_default_is_one_secret_per_account() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[("EVERTOKEN_LAYOUT", "")]), Ok(None));
        // What the layout does not use is not checked.
        assert_eq!(read(&[("EVERTOKEN_LAYOUT", "single"), ("EVERTOKEN_PACK_SIZE", "0")]), Ok(None));
        let error = read(&[("EVERTOKEN_LAYOUT", "Packed")]).unwrap_err();
        assert_eq!(error, r#"EVERTOKEN_LAYOUT is "Packed"; expected single or packed"#);
    }

    #[test]
    fn the_packed_layout_requires_a_table() {
        let with = |table| read(&[("EVERTOKEN_LAYOUT", "packed"), ("EVERTOKEN_INDEX_TABLE", table)]);
        let longest = "a".repeat(255);
        for good in ["evertoken-index", "a.b", "Stack_1-Index-1ABC", longest.as_str()] {
            let settings = with(good).unwrap().unwrap();
            assert_eq!((settings.table(), settings.size().accounts()), (good, 128));
        }
        let too_long = "a".repeat(256);
        let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/evertoken";
        for bad in ["ab", "a b c", "tabl\u{e9}", arn, too_long.as_str()] {
            let error = with(bad).unwrap_err();
            assert!(error.starts_with("EVERTOKEN_INDEX_TABLE is"), "{error}");
        }
        let error = with("").unwrap_err();
        assert!(
            error.starts_with("EVERTOKEN_INDEX_TABLE is not set; expected the name of a DynamoDB table"),
            "{error}"
        );
    }

    #[test]
    fn a_pack_takes_16_to_200_accounts() {
        let with = |size| {
            read(&[("EVERTOKEN_LAYOUT", "packed"), ("EVERTOKEN_INDEX_TABLE", "index"), ("EVERTOKEN_PACK_SIZE", size)])
        };
        for (size, accounts) in [("16", 16), ("200", 200), ("", 128)] {
            assert_eq!(with(size).unwrap().unwrap().size().accounts(), accounts);
        }
        for bad in ["15", "201", "-16", "100000", "many"] {
            let error = with(bad).unwrap_err();
            assert!(error.ends_with("expected a number of accounts from 16 to 200"), "{error}");
        }
    }
}
