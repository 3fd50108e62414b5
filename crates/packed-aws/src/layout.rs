//! Which layout the vault has: one secret for each account, or many accounts in one secret.

use std::time::Duration;

use evertoken_core::variables::{VariableError, Variables};
use evertoken_packed_vault::{Access, NewAccounts, PackSettings, PackSize};

/// The settings of the layout that keeps many accounts in one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedLayout {
    /// The name of the index's table.
    pub table: String,
    /// How packs are filled and written.
    pub packs: PackSettings,
}

impl PackedLayout {
    /// Reads `EVERTOKEN_LAYOUT` (default: `single`) and, if it is `packed`, `EVERTOKEN_INDEX_TABLE` (required) and
    /// `EVERTOKEN_PACK_SIZE` (default: 128). `None` if each account has a secret of its own.
    pub fn read(variables: &Variables) -> Result<Option<Self>, VariableError> {
        const TABLE: &str = "EVERTOKEN_INDEX_TABLE";
        const TABLE_EXPECTED: &str = "the name of a DynamoDB table, which EVERTOKEN_LAYOUT=packed requires: 3 to 255 \
             letters, digits and _.-";
        let layout = variables.parse("EVERTOKEN_LAYOUT", "single or packed", |text| match text {
            "single" => Some(Layout::Single),
            "packed" => Some(Layout::Packed),
            _ => None,
        })?;
        if layout.unwrap_or(Layout::Single) == Layout::Single {
            return Ok(None);
        }
        let table = variables.parse(TABLE, TABLE_EXPECTED, |text| is_table(text).then(|| text.to_owned()))?;
        let size = variables.parse("EVERTOKEN_PACK_SIZE", "a number of accounts from 16 to 200", |text| {
            PackSize::new(text.parse().ok()?)
        })?;
        Ok(Some(Self {
            table: table.ok_or(VariableError::Missing { name: TABLE, expected: TABLE_EXPECTED })?,
            packs: PackSettings { size: size.unwrap_or_default(), ..PackSettings::default() },
        }))
    }

    /// For a process in which people wait: no write waits for others.
    #[must_use]
    pub fn without_waiting(mut self) -> Self {
        self.packs.commit_window = Duration::ZERO;
        self
    }

    /// For a process that stores many new accounts: one write stores many of them, and a pack is filled in one day.
    #[must_use]
    pub fn for_many_new_accounts(mut self) -> Self {
        self.packs.new_accounts = NewAccounts::Together;
        self.packs.logins_per_day = self.packs.size.accounts();
        self
    }

    /// For a process that writes much: at most this many writes per second.
    #[must_use]
    pub fn limited_to(mut self, writes_per_second: Option<u32>) -> Self {
        self.packs.writes_per_second = writes_per_second;
        self
    }

    /// For a process that only reads.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.packs.access = Access::Read;
        self
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Single,
    Packed,
}

/// The rules for a table's name (AWS, DynamoDB, "Naming rules").
fn is_table(text: &str) -> bool {
    (3..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<PackedLayout>, VariableError> {
        PackedLayout::read(&variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn one_secret_per_account_is_the_default() {
        for variables in [&[][..], &[("EVERTOKEN_LAYOUT", "single"), ("EVERTOKEN_PACK_SIZE", "?")]] {
            assert_eq!(read(variables), Ok(None));
        }
    }

    #[test]
    fn the_packed_layout_has_a_table_and_a_size() {
        let packed = ("EVERTOKEN_LAYOUT", "packed");
        let table = ("EVERTOKEN_INDEX_TABLE", "evertoken-Index-1A2B");
        let layout = read(&[packed, table]).unwrap().unwrap();
        assert_eq!((layout.table.as_str(), layout.packs.size.accounts()), ("evertoken-Index-1A2B", 128));
        let layout = read(&[packed, table, ("EVERTOKEN_PACK_SIZE", "16")]).unwrap().unwrap();
        assert_eq!(layout.packs.size.accounts(), 16);
    }

    #[test]
    fn a_process_sets_how_it_writes() {
        let layout = || read(&[("EVERTOKEN_LAYOUT", "packed"), ("EVERTOKEN_INDEX_TABLE", "index")]).unwrap().unwrap();
        assert_eq!(layout().packs, PackSettings::default());
        for writes_per_second in [Some(3), None] {
            let limited = PackSettings { writes_per_second, ..PackSettings::default() };
            assert_eq!(layout().limited_to(writes_per_second).packs, limited);
        }
        assert_eq!(layout().without_waiting().packs.commit_window, Duration::ZERO);
        assert_eq!(layout().read_only().packs.access, Access::Read);
        let many = layout().for_many_new_accounts().packs;
        assert_eq!((many.new_accounts, many.logins_per_day), (NewAccounts::Together, 128));
    }

    #[test]
    fn an_error_names_the_variable_and_its_value() {
        let packed = ("EVERTOKEN_LAYOUT", "packed");
        let table = ("EVERTOKEN_INDEX_TABLE", "evertoken-Index-1A2B");
        for (variables, expected) in [
            (&[("EVERTOKEN_LAYOUT", "many")][..], r#"EVERTOKEN_LAYOUT is "many"; expected single or packed"#),
            (&[packed], "EVERTOKEN_INDEX_TABLE is not set; expected the name of a DynamoDB table"),
            (&[packed, ("EVERTOKEN_INDEX_TABLE", "a/b")], r#"EVERTOKEN_INDEX_TABLE is "a/b"; expected"#),
            (&[packed, table, ("EVERTOKEN_PACK_SIZE", "8")], r#"EVERTOKEN_PACK_SIZE is "8"; expected a number of"#),
        ] {
            let error = read(variables).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
