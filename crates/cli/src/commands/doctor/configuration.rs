//! Checks the variables.

use evertoken_aws::settings::VaultSettings;
use evertoken_core::variables::{self, VariableError, Variables};
use evertoken_instagram::LoginSettings;

use super::finding::Finding;
use crate::error::CliError;
use crate::vault::vault_option::VaultOption;

/// One finding per invalid variable, or one that says that all are valid.
pub(super) fn check(variables: &Variables, vault: &VaultOption) -> Vec<Finding> {
    let results = [
        LoginSettings::read(variables).map(drop),
        variables::scopes(variables).map(drop),
        variables::facebook_scopes(variables).map(drop),
        variables::policy(variables).map(drop),
        variables::limits(variables).map(drop),
        variables.get("EVERTOKEN_PUBLIC_URL").map_or(Ok(()), |_| variables::public_url(variables).map(drop)),
    ];
    let bad: Vec<Finding> = results.into_iter().filter_map(Result::err).map(|error| of(error, vault)).collect();
    if bad.is_empty() { vec![Finding::ok("configuration", "all variables are valid")] } else { bad }
}

/// Checks the variables of the vault in Secrets Manager.
pub(super) fn check_aws(variables: &Variables, vault: &VaultOption) -> Vec<Finding> {
    match VaultSettings::read(variables) {
        Err(error) => vec![of(error, vault)],
        Ok(vault) => vault.enclosing_prefix().map(|outer| enclosed(vault.prefix(), outer)).into_iter().collect(),
    }
}

fn enclosed(prefix: &str, outer: &str) -> Finding {
    let text =
        format!("the prefix {prefix} lies within {outer}: a stack with that prefix can use all secrets of this one");
    Finding::warning(
        "vault prefix",
        text,
        "Move the accounts to a stack whose prefix has no slash (docs/upgrade.md, \"A vault prefix with a slash\").",
    )
}

pub(super) fn of(error: VariableError, vault: &VaultOption) -> Finding {
    const SUBJECT: &str = "configuration";
    match error {
        VariableError::Missing { .. } => Finding::failure(SUBJECT, &CliError::Variable(error), vault),
        VariableError::Invalid { name, .. } | VariableError::InvalidSecret { name, .. } => {
            Finding::problem(SUBJECT, error.to_string(), format!("Correct {name}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Severity;
    use super::*;

    #[test]
    fn a_prefix_within_that_of_another_stack_is_a_warning() {
        let check = |prefix: &str| {
            let variables = std::iter::once(("EVERTOKEN_VAULT_PREFIX".to_owned(), prefix.to_owned())).collect();
            check_aws(&variables, &VaultOption::default())
        };
        let [finding] = &check("evertoken/packs/shop")[..] else { panic!("one finding") };
        let text = "the prefix evertoken/packs/shop lies within evertoken: a stack with that prefix";
        assert!(finding.state == Severity::Warning && finding.text.starts_with(text), "{finding:?}");
        assert!(check("shop/evertoken").is_empty());
    }
}
