//! The answers that setup needs, parsed the same way from a file and from a terminal.

use evertoken_callback::Brand;
use evertoken_core::document::ProviderName;
use evertoken_core::scopes::Scopes;
use evertoken_core::variables::{is_loopback, parse_secure_url};
use evertoken_core::visible_text::is_hidden;
use secrecy::SecretString;
use url::Url;

use super::invalid_answer::InvalidAnswer;
use crate::credentials::offered_logins::OfferedLogins;
use crate::terminal::pasted_input::PastedInput;
use crate::vault::service_settings::is_config_id;

pub(super) const APP_ID: &str = "app_id";
pub(super) const APP_SECRET: &str = "app_secret";
pub(super) const META_APP_ID: &str = "meta_app_id";
pub(super) const META_APP_SECRET: &str = "meta_app_secret";
pub(super) const PUBLIC_URL: &str = "public_url";
pub(super) const PROVIDER: &str = "provider";
pub(super) const CONFIG_ID: &str = "facebook_config_id";
pub(super) const SCOPES: &str = "scopes";
pub(super) const NAME: &str = "name";

/// The scope without which no token can be refreshed.
pub(super) const BASIC_SCOPE: &str = "instagram_business_basic";

/// Longer than any ID of Meta's.
const LONGEST_ID: usize = 20;

/// Shorter than any app secret.
const SHORTEST_SECRET: usize = 8;

/// The Instagram app ID, or for Facebook Login the ID of the Meta app.
pub(super) fn app_id(login: ProviderName, text: &str) -> Result<String, InvalidAnswer> {
    let (field, expected) = match login {
        ProviderName::Instagram => (APP_ID, "it must be the Instagram app ID, which has digits only"),
        ProviderName::Facebook => {
            (META_APP_ID, "it must be the app ID under App settings > Basic, which has digits only")
        }
    };
    let invalid = |reason| Err(InvalidAnswer { field, reason });
    let pasted = PastedInput::clean(without_control_characters(field, text)?);
    let id = pasted.expose();
    let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
    match id {
        "" => invalid("it is empty"),
        _ if is_number && id.len() > LONGEST_ID => invalid("it is too long for an app ID"),
        _ if is_number => Ok(id.to_owned()),
        _ if looks_like_a_secret(id) => invalid("this looks like the app secret; the app ID has digits only"),
        _ => invalid(expected),
    }
}

/// The Instagram app secret, or for Facebook Login that of the Meta app, and what pasting has added to it, in words.
pub(super) fn app_secret(login: ProviderName, text: &str) -> Result<(SecretString, Option<String>), InvalidAnswer> {
    let (field, expected) = match login {
        ProviderName::Instagram => (APP_SECRET, "it must be the Instagram app secret from Meta's dashboard"),
        ProviderName::Facebook => (META_APP_SECRET, "it must be the app secret under App settings > Basic"),
    };
    let invalid = |reason| Err(InvalidAnswer { field, reason });
    let pasted = PastedInput::clean(without_control_characters(field, text)?);
    match pasted.expose() {
        "" => invalid("it is empty"),
        secret if is_id(secret) => invalid("this looks like the app ID; the app secret has letters, too"),
        secret if ["IGAA", "IGQ", "EAA"].iter().any(|start| secret.starts_with(start)) => {
            invalid("this looks like an access token, not like the app secret")
        }
        secret if secret.len() < SHORTEST_SECRET || !secret.is_ascii() => invalid(expected),
        secret => Ok((SecretString::from(secret), pasted.remark("app secret"))),
    }
}

/// The public base URL of the service.
pub(super) fn public_url(text: &str) -> Result<Url, InvalidAnswer> {
    let invalid = |reason| Err(InvalidAnswer { field: PUBLIC_URL, reason });
    let text = trim(text);
    if text.is_empty() {
        return invalid("it is empty");
    }
    if text.chars().any(|c| is_hidden(c) || c.is_whitespace()) {
        return invalid("it contains a space or an invisible character");
    }
    if !text.contains("://") {
        return invalid("it must begin with https://");
    }
    match (parse_secure_url(text), Url::parse(text)) {
        (Some(url), _) if url.path().trim_end_matches('/').ends_with("/callback") => {
            invalid("leave out /callback, which is added")
        }
        (Some(url), _) => Ok(url),
        (None, Ok(url)) if url.scheme() == "http" && !is_loopback(&url) => {
            invalid("it must begin with https://, since Instagram accepts nothing else")
        }
        (None, Ok(url)) if url.query().is_some() || url.fragment().is_some() => {
            invalid("leave out the question mark or # and all that follows")
        }
        (None, Ok(url)) if !url.username().is_empty() || url.password().is_some() => {
            invalid("leave out the user name and the password")
        }
        _ => invalid("it is not an https URL, such as https://connect.example.com"),
    }
}

/// The scopes that a login requests.
pub(super) fn scopes(text: &str) -> Result<Scopes, InvalidAnswer> {
    let invalid = |reason| Err(InvalidAnswer { field: SCOPES, reason });
    match trim(text).parse::<Scopes>() {
        Err(_) => invalid("they must be lower-case words with underscores, separated by commas"),
        Ok(scopes) if scopes.iter().any(|scope| scope == BASIC_SCOPE) => Ok(scopes),
        Ok(_) => invalid("they must include instagram_business_basic, without which no token can be refreshed"),
    }
}

/// The logins that the service offers.
pub(super) fn provider(text: &str) -> Result<OfferedLogins, InvalidAnswer> {
    let invalid = InvalidAnswer { field: PROVIDER, reason: "it must be instagram, facebook or both" };
    OfferedLogins::parse(trim(text)).ok_or(invalid)
}

/// The ID of a configuration of Facebook Login for Business. May be empty.
pub(super) fn config_id(text: &str) -> Result<String, InvalidAnswer> {
    let text = trim(text);
    if is_config_id(text) {
        return Ok(text.to_owned());
    }
    Err(InvalidAnswer { field: CONFIG_ID, reason: "it must be the ID of a configuration, which has digits only" })
}

/// The operator's name on the pages. May be empty.
pub(super) fn name(text: &str) -> Result<String, InvalidAnswer> {
    let text = trim(text);
    if Brand::is_name(text) {
        return Ok(text.to_owned());
    }
    Err(InvalidAnswer { field: NAME, reason: "it must have at most 60 characters, all of them visible" })
}

/// Without what pasting adds around a text.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\u{feff}' | '\u{200b}'))
}

/// Rejects what a terminal sends for keys such as the arrows.
fn without_control_characters<'a>(field: &'static str, text: &'a str) -> Result<&'a str, InvalidAnswer> {
    if text.chars().any(|c| (c.is_control() && !c.is_whitespace()) || c == char::REPLACEMENT_CHARACTER) {
        return Err(InvalidAnswer { field, reason: "it contains control characters; paste it again" });
    }
    Ok(text)
}

fn is_id(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= LONGEST_ID
}

fn looks_like_a_secret(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use ProviderName::{Facebook, Instagram};

    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn reason<T: std::fmt::Debug>(answer: Result<T, InvalidAnswer>) -> &'static str {
        answer.unwrap_err().reason
    }

    #[test]
    fn repairs_what_pasting_adds() {
        for text in ["1234567890123456", " 1234567890123456\r\n", "\u{feff}1234567890123456", "\"1234567890123456\""] {
            assert_eq!(app_id(Instagram, text).unwrap(), "1234567890123456");
        }
        let (secret, remark) = app_secret(Instagram, &format!("\u{feff}{SECRET} \n")).unwrap();
        assert!(
            secret.expose_secret() == SECRET && remark.is_some_and(|remark| remark.contains("invisible characters"))
        );
        assert_eq!(
            public_url("\u{feff}https://connect.example.com/ ").unwrap().as_str(),
            "https://connect.example.com/"
        );
        assert_eq!(public_url("http://127.0.0.1:8080").unwrap().port(), Some(8080));
        assert_eq!(name(" Café Blau ").unwrap(), "Café Blau");
        assert_eq!(scopes("instagram_business_basic, a_b").unwrap().to_string(), "instagram_business_basic,a_b");
    }

    #[test]
    fn a_reason_says_what_is_wrong_with_an_id_or_a_secret() {
        assert_eq!(reason(app_id(Instagram, " ")), "it is empty");
        assert!(reason(app_id(Instagram, SECRET)).starts_with("this looks like the app secret"));
        for text in ["my app", "12a", "-1", "１２３"] {
            assert!(reason(app_id(Instagram, text)).contains("digits only"), "{text}");
        }
        assert!(reason(app_id(Instagram, &"1".repeat(21))).starts_with("it is too long"));
        assert_eq!(reason(app_secret(Instagram, "")), "it is empty");
        assert!(reason(app_secret(Instagram, "1234567890123456")).starts_with("this looks like the app ID"));
        assert!(reason(app_secret(Instagram, "IGAAabcdefgh")).starts_with("this looks like an access token"));
        for text in ["short", "pässwörter-sind-keine-secrets"] {
            assert!(reason(app_secret(Instagram, text)).contains("Meta's dashboard"), "{text}");
        }
        for text in ["\u{1b}[D123", "12\u{0}3", "12\u{8}3", "12\u{fffd}3"] {
            assert!(reason(app_id(Instagram, text)).starts_with("it contains control characters"));
            assert!(reason(app_secret(Instagram, text)).starts_with("it contains control characters"));
        }
    }

    #[test]
    fn a_reason_says_what_is_wrong_with_an_address_scopes_or_a_name() {
        for (text, expected) in [
            ("", "it is empty"),
            ("connect.example.com", "it must begin with https://"),
            ("http://connect.example.com", "it must begin with https://, since"),
            ("https://connect.example.com/?a=b", "leave out the question mark"),
            ("https://connect.example.com/#a", "leave out the question mark"),
            ("https://jo:pw@connect.example.com", "leave out the user name"),
            ("https://connect.example.com/callback", "leave out /callback"),
            ("https://connect.exam\u{200b}ple.com", "it contains a space or an invisible character"),
            ("https://connect example.com", "it contains a space or an invisible character"),
            ("https://connect.example.com\u{1b}[A", "it contains a space or an invisible character"),
            ("ftp://connect.example.com", "it is not an https URL"),
            ("javascript://alert", "it is not an https URL"),
            ("https://", "it is not an https URL"),
        ] {
            assert!(reason(public_url(text)).starts_with(expected), "{text}: {}", reason(public_url(text)));
        }
        assert!(reason(scopes("Basic")).starts_with("they must be lower-case"));
        assert!(reason(scopes("instagram_business_manage_comments")).starts_with("they must include"));
        assert!(reason(scopes("")).starts_with("they must include"));
        assert!(reason(name(&"a".repeat(61))).starts_with("it must have at most 60"));
        assert!(reason(name("a\u{202e}b")).starts_with("it must have at most 60"));
        assert_eq!(name("").unwrap(), "");
    }

    #[test]
    fn the_pair_of_facebook_login_has_its_own_place_in_the_dashboard() {
        for text in ["my app", "12a"] {
            let error = app_id(Facebook, text).unwrap_err();
            assert!(error.field == META_APP_ID && error.reason.contains("App settings > Basic"), "{error}");
        }
        let error = app_secret(Facebook, "short").unwrap_err();
        assert!(error.field == META_APP_SECRET && error.reason.contains("App settings > Basic"), "{error}");
        assert_eq!(app_id(Facebook, " 9876543210987654 ").unwrap(), "9876543210987654");
        assert_eq!(config_id(" 1122334455667788\n").unwrap(), "1122334455667788");
        assert_eq!(config_id("").unwrap(), "");
        assert!(reason(config_id("my config")).contains("digits only"));
        assert_eq!(provider("both").unwrap(), OfferedLogins::Both);
        assert!(reason(provider("google")).contains("facebook or both"));
    }
}
