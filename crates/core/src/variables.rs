//! Environment variables, parsed into types. Errors name the variable, its value and what was expected.

use std::collections::BTreeMap;
use std::str::FromStr;

use time::Duration;
use url::Url;

use crate::policy::Policy;
use crate::refresh::Limits;
use crate::scopes::Scopes;

/// Environment variables. An empty variable counts as not set, because a template cannot leave a variable out.
#[derive(Clone, Debug, Default)]
pub struct Variables(BTreeMap<String, String>);

/// A variable is missing or invalid.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum VariableError {
    /// The variable is required and not set.
    #[error("{name} is not set; expected {expected}")]
    Missing {
        /// The variable's name.
        name: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// The variable has an invalid value.
    #[error("{name} is {value:?}; expected {expected}")]
    Invalid {
        /// The variable's name.
        name: &'static str,
        /// The value.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The variable has an invalid value that may be a secret.
    #[error("{name} is invalid; expected {expected}")]
    InvalidSecret {
        /// The variable's name.
        name: &'static str,
        /// What was expected.
        expected: &'static str,
    },
}

impl Variables {
    /// The variables of this process.
    pub fn of_process() -> Self {
        // No variable of ours has a name or value that is not Unicode.
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable's value without surrounding whitespace, or `None` if it is not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a variable's value has surrounding whitespace, such as a pasted line break.
    pub fn was_trimmed(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.trim() != value)
    }

    /// Sets a variable if it is not set.
    #[must_use]
    pub fn or(mut self, name: &str, default: &str) -> Self {
        if self.get(name).is_none() {
            self.0.insert(name.to_owned(), default.to_owned());
        }
        self
    }

    /// Removes a variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// Adds the variables of `others` that are not set here.
    #[must_use]
    pub fn over(self, others: Self) -> Self {
        Self(others.0.into_iter().chain(self.0).collect())
    }

    /// A required variable's value.
    pub fn require(&self, name: &'static str, expected: &'static str) -> Result<&str, VariableError> {
        self.get(name).ok_or(VariableError::Missing { name, expected })
    }

    /// Parses a variable, if it is set.
    pub fn parse<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, VariableError> {
        self.get(name)
            .map(|value| parse(value).ok_or_else(|| VariableError::Invalid { name, value: value.to_owned(), expected }))
            .transpose()
    }

    /// Parses a variable as an integer within bounds, if it is set.
    pub fn number<T: FromStr + PartialOrd>(
        &self,
        name: &'static str,
        expected: &'static str,
        bounds: std::ops::RangeInclusive<T>,
    ) -> Result<Option<T>, VariableError> {
        self.parse(name, expected, |value| value.parse().ok().filter(|number| bounds.contains(number)))
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

/// Parses an absolute `https` URL without query and fragment. Plain `http` is accepted on loopback only, because codes,
/// tokens and cookies travel over the connection.
pub fn parse_secure_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain_is_fine = is_loopback(&url);
    let valid = match url.scheme() {
        "https" => url.has_host(),
        "http" => plain_is_fine,
        _ => false,
    };
    let bare =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    (valid && bare).then_some(url)
}

/// Whether a URL points to this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The public base URL of the pages: `EVERTOKEN_PUBLIC_URL`. The redirect URI is built from it and never from a request's
/// `Host` header.
pub fn public_url(variables: &Variables) -> Result<Url, VariableError> {
    const NAME: &str = "EVERTOKEN_PUBLIC_URL";
    const EXPECTED: &str =
        "the https URL of this service, such as https://login.example.com (plain http on loopback only)";
    variables.require(NAME, EXPECTED)?;
    let url = variables.parse(NAME, EXPECTED, parse_secure_url)?;
    url.ok_or(VariableError::Missing { name: NAME, expected: EXPECTED })
}

/// The scopes to request with Instagram Login: `EVERTOKEN_SCOPES`. The default permits reading.
pub fn scopes(variables: &Variables) -> Result<Scopes, VariableError> {
    let scopes =
        read_scopes(variables, "EVERTOKEN_SCOPES", "scopes separated by commas, such as instagram_business_basic")?;
    Ok(scopes.unwrap_or_else(|| std::iter::once("instagram_business_basic").collect()))
}

/// The scopes to request with Facebook Login: `EVERTOKEN_FACEBOOK_SCOPES`. The default permits reading, and finds the pages of a
/// business portfolio too. With a configuration (`EVERTOKEN_FACEBOOK_CONFIG_ID`), which has scopes of its own, the default is
/// what Evertoken needs. Empty, and not read, unless `EVERTOKEN_PROVIDER` offers Facebook Login.
pub fn facebook_scopes(variables: &Variables) -> Result<Scopes, VariableError> {
    const NEEDED: [&str; 2] = ["instagram_basic", "pages_show_list"];
    const USUAL: [&str; 4] = ["instagram_basic", "pages_show_list", "pages_read_engagement", "business_management"];
    if !matches!(variables.get("EVERTOKEN_PROVIDER"), Some("facebook" | "both")) {
        return Ok(Scopes::default());
    }
    let expected = "scopes separated by commas, such as instagram_basic,pages_show_list";
    let scopes = read_scopes(variables, "EVERTOKEN_FACEBOOK_SCOPES", expected)?;
    let has_configuration = variables.get("EVERTOKEN_FACEBOOK_CONFIG_ID").is_some();
    Ok(scopes.unwrap_or_else(|| if has_configuration { Scopes::from_iter(NEEDED) } else { Scopes::from_iter(USUAL) }))
}

fn read_scopes(
    variables: &Variables,
    name: &'static str,
    expected: &'static str,
) -> Result<Option<Scopes>, VariableError> {
    variables.parse(name, expected, |value| value.parse::<Scopes>().ok().filter(|scopes| !scopes.is_empty()))
}

/// When tokens are due and when they are checked: `EVERTOKEN_REFRESH_AFTER_DAYS`, `EVERTOKEN_REFRESH_EVERY_HOURS` and
/// `EVERTOKEN_CHECK_EVERY_HOURS`.
pub fn policy(variables: &Variables) -> Result<Policy, VariableError> {
    let days = variables.number("EVERTOKEN_REFRESH_AFTER_DAYS", "a number of days from 1 to 50", 1..=50)?;
    let hours = variables.number("EVERTOKEN_REFRESH_EVERY_HOURS", "a number of hours from 1 to 12", 1..=12)?;
    let check = "a number of hours from 1 to 168, or 0 for no checks";
    let check: Option<i64> = variables.number("EVERTOKEN_CHECK_EVERY_HOURS", check, 0..=168)?;
    let default = Policy::default();
    Ok(Policy {
        refresh_after: days.map_or(default.refresh_after, Duration::days),
        run_every: hours.map_or(default.run_every, Duration::hours),
        check_every: check.map_or(default.check_every, |hours| (hours > 0).then(|| Duration::hours(hours))),
        ..default
    })
}

/// The limits of a run: `EVERTOKEN_CONCURRENCY` and `EVERTOKEN_WRITES_PER_SECOND`.
///
/// Secrets Manager accepts 50 writes per second from an AWS account (AWS, "Secrets Manager quotas").
pub fn limits(variables: &Variables) -> Result<Limits, VariableError> {
    let concurrency = variables.number("EVERTOKEN_CONCURRENCY", "a number of accounts from 1 to 64", 1..=64)?;
    let writes = variables.number("EVERTOKEN_WRITES_PER_SECOND", "a number of writes from 1 to 50", 1..=50)?;
    let default = Limits::default();
    Ok(Limits {
        concurrency: concurrency.unwrap_or(default.concurrency),
        writes_per_second: writes.or(default.writes_per_second),
        ..default
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Variables {
        std::iter::once((name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn an_error_names_the_variable_its_value_and_what_was_expected() {
        let error = policy(&with("EVERTOKEN_REFRESH_AFTER_DAYS", "0")).unwrap_err();
        assert_eq!(error.to_string(), r#"EVERTOKEN_REFRESH_AFTER_DAYS is "0"; expected a number of days from 1 to 50"#);
        let error = policy(&with("EVERTOKEN_REFRESH_EVERY_HOURS", "24")).unwrap_err();
        assert!(error.to_string().ends_with("expected a number of hours from 1 to 12"), "{error}");
        assert_eq!(policy(&with("EVERTOKEN_REFRESH_EVERY_HOURS", "3")).unwrap().run_every, Duration::hours(3));
        let checks = |value| policy(&with("EVERTOKEN_CHECK_EVERY_HOURS", value)).map(|policy| policy.check_every);
        assert_eq!(checks("12").unwrap(), Some(Duration::hours(12)));
        assert_eq!(checks("0").unwrap(), None);
        let error = checks("daily").unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"EVERTOKEN_CHECK_EVERY_HOURS is "daily"; expected a number of hours from 1 to 168, or 0 for no checks"#
        );
        let error = public_url(&with("EVERTOKEN_PUBLIC_URL", " ")).unwrap_err();
        assert!(error.to_string().starts_with("EVERTOKEN_PUBLIC_URL is not set; expected"), "{error}");
    }

    #[test]
    fn accepts_https_urls_and_loopback_urls_only() {
        for good in [
            "https://a.example",
            "https://a.example/sub/",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:1",
            "http://login.localhost:8080",
        ] {
            assert!(parse_secure_url(good).is_some(), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://localhost.a.example",
            "http://127.0.0.1.a.example",
            "a.example",
            "ftp://localhost",
            "https://a.example/?q",
            "https://a.example/#f",
            "https://u:p@a.example",
        ] {
            assert!(parse_secure_url(bad).is_none(), "{bad}");
        }
    }
}
