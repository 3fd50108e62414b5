//! Which secrets are ours: environment variables, checked against Secrets Manager's own rules.

use evertoken_core::account::AccountName;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::variables::{VariableError, Variables};
use evertoken_core::vault::DocumentLocator;

/// Longest prefix: a secret's name has 512 characters at most (AWS, `CreateSecret`), and `/accounts/` with the longest
/// account name takes 73 of them.
const LONGEST_PREFIX: usize = 439;

/// Where the account documents are, and what marks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultSettings {
    prefix: String,
    stack: String,
    kms_key: Option<String>,
}

impl VaultSettings {
    /// Reads `EVERTOKEN_VAULT_PREFIX` (needed), `EVERTOKEN_STACK` (by default `evertoken`) and `EVERTOKEN_KMS_KEY` (by
    /// default AWS's own key for Secrets Manager).
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        const PREFIX: &str = "EVERTOKEN_VAULT_PREFIX";
        const PREFIX_EXPECTED: &str = "the first part of the secrets' names, as evertoken: \
             letters, digits and /_+=.@-, no slash at either end, 439 characters at most";
        const KEY_EXPECTED: &str = "the ARN of a KMS key, as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-...";
        const STACK_EXPECTED: &str = "the stack's name, as evertoken: letters, digits and +-=._:/@, 256 at most";
        variables.require(PREFIX, PREFIX_EXPECTED)?;
        let prefix = variables.parse(PREFIX, PREFIX_EXPECTED, |text| is_prefix(text).then(|| text.to_owned()))?;
        let stack = variables.parse("EVERTOKEN_STACK", STACK_EXPECTED, |text| {
            let valid =
                text.len() <= 256 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-=._:/@".contains(&b));
            valid.then(|| text.to_owned())
        })?;
        let kms_key =
            variables.parse("EVERTOKEN_KMS_KEY", KEY_EXPECTED, |text| is_key(text).then(|| text.to_owned()))?;
        Ok(Self {
            kms_key,
            prefix: prefix.ok_or(VariableError::Missing { name: PREFIX, expected: PREFIX_EXPECTED })?,
            stack: stack.unwrap_or_else(|| "evertoken".to_owned()),
        })
    }

    /// The first part of every secret's name.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Where people find account documents.
    pub fn locator(&self) -> DocumentLocator {
        DocumentLocator::SecretsManager { prefix: self.prefix.clone() }
    }

    /// What the tag `evertoken:stack` says.
    pub fn stack(&self) -> &str {
        &self.stack
    }

    /// The key that encrypts the secrets made here; none for AWS's own.
    pub(crate) fn kms_key(&self) -> Option<String> {
        self.kms_key.clone()
    }

    /// What the names of all accounts' secrets begin with.
    pub(crate) fn accounts(&self) -> String {
        format!("{}/accounts/", self.prefix)
    }

    /// The name of an account's secret.
    pub(crate) fn secret(&self, name: &AccountName) -> String {
        format!("{}/accounts/{name}", self.prefix)
    }

    /// The name of the secret that marks an invite as used.
    pub(crate) fn claim(&self, invite: &InviteId) -> String {
        format!("{}/invites/{}", self.prefix, invite.as_str())
    }

    /// The name of the secret that notes what a login has stored.
    pub(crate) fn login(&self, login: &LoginId) -> String {
        format!("{}/logins/{}", self.prefix, login.as_str())
    }

    /// What stands after the prefix in the name of an account's secret; none for another secret.
    pub(crate) fn account<'a>(&self, secret: &'a str) -> Option<&'a str> {
        secret.strip_prefix(&self.prefix)?.strip_prefix("/accounts/")
    }
}

/// Reads `EVERTOKEN_APP_SECRET`: the name or ARN of the secret with the app's credentials.
pub fn app_secret(variables: &Variables) -> Result<String, VariableError> {
    secret(
        variables,
        "EVERTOKEN_APP_SECRET",
        "the name or ARN of the Secrets Manager secret with the app's credentials, not the credentials",
    )
}

/// Reads `EVERTOKEN_SIGNING_SECRET`: the name or ARN of the secret with the signing keys.
pub fn signing_secret(variables: &Variables) -> Result<String, VariableError> {
    secret(variables, SIGNING, SIGNING_EXPECTED)
}

/// Like [`signing_secret`], but `None` if the variable is not set.
pub fn optional_signing_secret(variables: &Variables) -> Result<Option<String>, VariableError> {
    variables.get(SIGNING).map(|_| signing_secret(variables)).transpose()
}

const SIGNING: &str = "EVERTOKEN_SIGNING_SECRET";

const SIGNING_EXPECTED: &str = "the name or ARN of the Secrets Manager secret with the signing keys, not a key";

fn secret(variables: &Variables, name: &'static str, expected: &'static str) -> Result<String, VariableError> {
    let text = variables.require(name, expected)?;
    // Somebody may have put the secret itself here: it is never shown.
    if names_a_secret(text) { Ok(text.to_owned()) } else { Err(VariableError::InvalidSecret { name, expected }) }
}

/// Secrets Manager's alphabet for names (AWS, `CreateSecret`).
fn is_name(text: &str) -> bool {
    (1..=512).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b))
}

fn is_prefix(text: &str) -> bool {
    is_name(text)
        && text.len() <= LONGEST_PREFIX
        && !text.starts_with('/')
        && !text.ends_with('/')
        && !text.contains("//")
}

/// A key itself: through an alias, a policy could not name it (AWS, "Using aliases to control access to KMS keys").
fn is_key(text: &str) -> bool {
    match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _partition, "kms", _region, _account, key] => key
            .strip_prefix("key/")
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')),
        _ => false,
    }
}

/// A name or an ARN, and not Meta's app secret (32 hexadecimal digits) pasted in the wrong place.
fn names_a_secret(text: &str) -> bool {
    let app_secret = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let name = match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _partition, "secretsmanager", _region, _account, "secret", name] => name,
        _ => text,
    };
    is_name(name) && !app_secret
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Variables {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_prefix_is_what_secrets_manager_takes_as_a_name() {
        let longest = "a".repeat(439);
        for good in ["evertoken", "shop/evertoken", "a.b_c+d=e@f-g", longest.as_str()] {
            let settings = VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", good)])).unwrap();
            assert_eq!((settings.prefix(), settings.stack()), (good, "evertoken"));
        }
        let too_long = "a".repeat(440);
        for bad in ["/evertoken", "evertoken/", "a//b", "a b", "ä", "!evertoken", too_long.as_str()] {
            let error = VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", bad)])).unwrap_err();
            assert!(error.to_string().starts_with("EVERTOKEN_VAULT_PREFIX is"), "{error}");
        }
        assert!(VaultSettings::read(&with(&[])).unwrap_err().to_string().contains("is not set"));
    }

    #[test]
    fn a_stack_is_what_a_tag_can_hold() {
        let read = |stack| VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", "e"), ("EVERTOKEN_STACK", stack)]));
        assert_eq!(read("my-stack").unwrap().stack(), "my-stack");
        assert!(read("my*stack").unwrap_err().to_string().starts_with(r#"EVERTOKEN_STACK is "my*stack""#));
    }

    #[test]
    fn a_key_is_an_arn_and_no_alias() {
        let read = |key| VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", "e"), ("EVERTOKEN_KMS_KEY", key)]));
        let arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab";
        assert_eq!(read(arn).unwrap().kms_key().as_deref(), Some(arn));
        assert_eq!(read("").unwrap().kms_key(), None);
        for bad in ["alias/mine", "arn:aws:kms:eu-west-1:123456789012:alias/mine", "arn:aws:kms:eu-west-1:1:key/", "k"]
        {
            assert!(read(bad).unwrap_err().to_string().starts_with("EVERTOKEN_KMS_KEY is"), "{bad}");
        }
    }

    #[test]
    fn a_secret_of_another_prefix_is_none_of_ours() {
        let settings = VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", "evertoken")])).unwrap();
        let name: AccountName = "shop-de".parse().unwrap();
        assert_eq!(settings.account(&settings.secret(&name)), Some("shop-de"));
        for foreign in ["Evertoken/accounts/shop-de", "evertoken2/accounts/shop-de", "evertoken/app", "shop-de"] {
            assert_eq!(settings.account(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn a_secret_pasted_where_its_name_belongs_is_refused_and_never_shown() {
        let read = |app| app_secret(&with(&[("EVERTOKEN_APP_SECRET", app)]));
        for good in ["evertoken/app", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:evertoken/app-AbCdEf"] {
            assert_eq!(read(good).unwrap(), good);
        }
        for bad in ["0123456789abcdef0123456789abcdef", r#"{"app_id":"1"}"#, "arn:aws:ssm:eu-west-1:1:parameter/app"] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.starts_with("EVERTOKEN_APP_SECRET cannot be used") && !error.contains(bad), "{error}");
        }
    }
}
