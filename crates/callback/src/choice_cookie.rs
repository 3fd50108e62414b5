//! The token of a login that waits for the person's choice. It travels sealed in a cookie, so that nothing is stored and no
//! open token reaches the browser.

use evertoken_core::entropy::{Entropy, EntropyError};
use evertoken_core::login_state::{LIFETIME, LoginState};
use evertoken_core::secrets::AccessToken;
use evertoken_core::signing::SigningKeys;
use evertoken_core::token::LongLivedToken;
use secrecy::zeroize::Zeroizing;
use time::OffsetDateTime;

const PURPOSE: &str = "choice";

/// Seals the token for this login and as long as a login may take.
pub(crate) fn seal(
    token: &AccessToken,
    state: &LoginState,
    now: OffsetDateTime,
    keys: &SigningKeys,
    entropy: &dyn Entropy,
) -> Result<String, EntropyError> {
    let text = Zeroizing::new(format!("{} {}", (now + LIFETIME).unix_timestamp(), token.expose()));
    keys.seal(PURPOSE, state.login_id().as_str(), &text, entropy)
}

/// The token, if the cookie belongs to this login and has not expired.
pub(crate) fn open(
    sealed: &str,
    state: &LoginState,
    now: OffsetDateTime,
    keys: &SigningKeys,
) -> Option<LongLivedToken> {
    let opened = keys.open_sealed(PURPOSE, state.login_id().as_str(), sealed)?;
    let (expires_at, token) = opened.split_once(' ')?;
    let is_valid = expires_at.parse::<i64>().is_ok_and(|expires_at| now.unix_timestamp() < expires_at);
    is_valid.then(|| LongLivedToken::without_lifetime(AccessToken::new(token)))
}

#[cfg(test)]
mod tests {
    use evertoken_core::entropy::SystemEntropy;
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-26 05:00 UTC);

    fn keys() -> SigningKeys {
        SigningKeys::parse("a-signing-key-0123456789-abcdefghijk").unwrap()
    }

    fn login() -> LoginState {
        LoginState::start(None, NOW, &SystemEntropy).unwrap()
    }

    #[test]
    fn a_cookie_opens_for_its_own_login_for_ten_minutes() {
        let (state, token) = (login(), AccessToken::new("EAAsecret"));
        let sealed = seal(&token, &state, NOW, &keys(), &SystemEntropy).unwrap();
        assert!(!sealed.contains("EAA"));
        let at = |now| open(&sealed, &state, now, &keys()).map(|opened| opened.token);
        assert_eq!(at(NOW + LIFETIME - Duration::SECOND), Some(token));
        assert_eq!(at(NOW + LIFETIME), None);
        assert!(open(&sealed, &login(), NOW, &keys()).is_none());
    }

    /// RFC 6265, section 6.1: browsers store at least 4,096 bytes of name, value and attributes.
    #[test]
    fn a_cookie_with_a_long_token_fits_into_a_browser() {
        let sealed = seal(&AccessToken::new("E".repeat(500)), &login(), NOW, &keys(), &SystemEntropy).unwrap();
        assert!(sealed.len() < 1024, "{}", sealed.len());
    }
}
