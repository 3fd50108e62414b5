//! Environment variables that name secrets, and the difference between a secret's name and its value.
//!
//! On one machine, `EVERTOKEN_APP_SECRET` and `EVERTOKEN_SIGNING_SECRET` hold the secrets themselves, while in AWS they
//! used to hold their names. A value in place of a name would be sent to AWS and shown in errors, so a text that may be a
//! value is refused and never shown (docs/decisions/0041).

use evertoken_core::signing::MINIMUM_KEY_LENGTH;
use evertoken_core::variables::{VariableError, Variables};

/// The name or ARN of the secret that holds the app's credentials.
pub const APP_SECRET_NAME: &str = "EVERTOKEN_APP_SECRET_NAME";

/// The name or ARN of the secret that holds the signing keys.
pub const SIGNING_SECRET_NAME: &str = "EVERTOKEN_SIGNING_SECRET_NAME";

const APP_EXPECTED: &str = "the name or ARN of the Secrets Manager secret that holds the app's credentials, not the \
     credentials themselves; of a name that could be one, the ARN";

const SIGNING_EXPECTED: &str = "the name or ARN of the Secrets Manager secret that holds the signing keys, not a key itself; \
     of a name that could be one, the ARN";

/// Reads the app secret's name from `EVERTOKEN_APP_SECRET_NAME` or, as in earlier versions, `EVERTOKEN_APP_SECRET`.
pub fn app_secret(variables: &Variables) -> Result<String, VariableError> {
    secret(variables, app_variable(variables), APP_EXPECTED)
}

/// Like [`app_secret`], but `None` if neither variable is set.
pub fn optional_app_secret(variables: &Variables) -> Result<Option<String>, VariableError> {
    variables.get(app_variable(variables)).map(|_| app_secret(variables)).transpose()
}

/// Reads the signing secret's name from `EVERTOKEN_SIGNING_SECRET_NAME` or, as in earlier versions,
/// `EVERTOKEN_SIGNING_SECRET`.
pub fn signing_secret(variables: &Variables) -> Result<String, VariableError> {
    secret(variables, signing_variable(variables), SIGNING_EXPECTED)
}

/// Like [`signing_secret`], but `None` if neither variable is set.
pub fn optional_signing_secret(variables: &Variables) -> Result<Option<String>, VariableError> {
    variables.get(signing_variable(variables)).map(|_| signing_secret(variables)).transpose()
}

/// The variable that names the app's secret.
pub fn app_variable(variables: &Variables) -> &'static str {
    first_set(variables, APP_SECRET_NAME, "EVERTOKEN_APP_SECRET")
}

/// The variable that names the signing secret.
pub fn signing_variable(variables: &Variables) -> &'static str {
    first_set(variables, SIGNING_SECRET_NAME, "EVERTOKEN_SIGNING_SECRET")
}

/// The earlier variable if only that one is set.
fn first_set(variables: &Variables, name: &'static str, earlier: &'static str) -> &'static str {
    if variables.get(name).is_none() && variables.get(earlier).is_some() { earlier } else { name }
}

fn secret(variables: &Variables, name: &'static str, expected: &'static str) -> Result<String, VariableError> {
    let text = variables.require(name, expected)?;
    // The error never shows the text, because it may be the secret itself.
    if names_a_secret(text) { Ok(text.to_owned()) } else { Err(VariableError::InvalidSecret { name, expected }) }
}

/// The rules for a secret's name (AWS, `CreateSecret`).
pub(crate) fn is_name(text: &str) -> bool {
    (1..=512).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b))
}

/// Whether a text is the ARN of a secret.
pub fn is_arn(text: &str) -> bool {
    match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _partition, "secretsmanager", _region, _account, "secret", name] => is_name(name),
        _ => false,
    }
}

/// Whether a text is the name or ARN of a secret, and not a secret's value in its place.
pub fn names_a_secret(text: &str) -> bool {
    is_arn(text) || (is_name(text) && !may_be_a_value(text))
}

/// Whether a text may be a signing key or an app secret. Both have 32 characters or more. Of such texts, only paths are
/// names beyond doubt: those that end as the template's names do, and those of short segments in lower case, which Base64
/// is not.
fn may_be_a_value(text: &str) -> bool {
    let is_of_template = text.ends_with("/app") || text.ends_with("/signing");
    let is_plain =
        |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
    let is_path = text.contains('/') && text.split('/').all(|part| part.len() < MINIMUM_KEY_LENGTH && is_plain(part));
    text.len() >= MINIMUM_KEY_LENGTH && !is_of_template && !is_path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Variables {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const NAMES: [&str; 8] = [
        "evertoken/app",
        "evertoken/signing",
        "prod-evertoken-signing-key",
        "company/production/evertoken/eu-west-1/signing-key",
        "MyCompanyProduction/Evertoken/Europe/signing",
        "MyCompanyProduction/Evertoken/Europe/app",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:evertoken/app-AbCdEf",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:company-production-evertoken-signing-key-AbCdEf",
    ];

    const VALUES: [&str; 13] = [
        // An app secret, and keys as `openssl rand` and `evertoken serve` generate them.
        "0123456789abcdef0123456789abcdef",
        "6f1ed002ab5595859014ebf0951522d9aa5c9c5e8f6d5c8a8e0f2d9c6b7a1e3f",
        "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
        "q83/EjRWeJCrze8SNFZ4kKvN7xI0VniQq83+EjRWeJA=",
        "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRW_-A",
        "q83vEjRWeJCrze8SNFZ4/kKvN7xI0VniQq83+EjRWeJA",
        // A path whose last part is as long as the shortest key.
        "evertoken/0123456789abcdef0123456789abcdef",
        // GenerateSecretString in the template, a UUID, and keys that a person writes.
        "Zb1kq0RkYFvN2sM8tQ4xLd7uGh3jWc6eAo9pIi5nTySrKlJmHgBfVdUwXzPqEe1T",
        "550e8400-e29b-41d4-a716-446655440000",
        "a-signing-key-of-at-least-32-characters",
        "hunter2, a signing key of 32 letters and more",
        r#"{"app_id":"1"}"#,
        "arn:aws:ssm:eu-west-1:1:parameter/app",
    ];

    #[test]
    fn accepts_names_and_arns() {
        for name in NAMES {
            for variable in ["EVERTOKEN_APP_SECRET_NAME", "EVERTOKEN_APP_SECRET"] {
                assert_eq!(app_secret(&with(&[(variable, name)])).unwrap(), name);
            }
            for variable in ["EVERTOKEN_SIGNING_SECRET_NAME", "EVERTOKEN_SIGNING_SECRET"] {
                assert_eq!(signing_secret(&with(&[(variable, name)])).unwrap(), name);
            }
        }
    }

    #[test]
    fn refuses_a_value_in_place_of_a_name_and_never_shows_it() {
        let assert_hidden = |error: VariableError, name: &str, value: &str| {
            let error = error.to_string();
            assert!(error.starts_with(&format!("{name} is invalid; expected the name or ARN")), "{error}");
            assert!(!error.contains(value), "{error}");
        };
        for value in VALUES {
            for variable in ["EVERTOKEN_APP_SECRET_NAME", "EVERTOKEN_APP_SECRET"] {
                let variables = with(&[(variable, value)]);
                assert_hidden(app_secret(&variables).unwrap_err(), variable, value);
                assert_hidden(optional_app_secret(&variables).unwrap_err(), variable, value);
            }
            for variable in ["EVERTOKEN_SIGNING_SECRET_NAME", "EVERTOKEN_SIGNING_SECRET"] {
                let variables = with(&[(variable, value)]);
                assert_hidden(signing_secret(&variables).unwrap_err(), variable, value);
                assert_hidden(optional_signing_secret(&variables).unwrap_err(), variable, value);
            }
            assert!(!names_a_secret(value), "{value}");
        }
    }

    #[test]
    fn the_variable_for_the_name_takes_precedence_over_the_earlier_one() {
        let both = with(&[("EVERTOKEN_SIGNING_SECRET_NAME", "e/signing"), ("EVERTOKEN_SIGNING_SECRET", VALUES[1])]);
        assert_eq!(signing_secret(&both).unwrap(), "e/signing");
        assert_eq!(optional_signing_secret(&with(&[])).unwrap(), None);
        let missing = app_secret(&with(&[])).unwrap_err().to_string();
        assert!(missing.starts_with("EVERTOKEN_APP_SECRET_NAME is not set; expected"), "{missing}");
    }
}
