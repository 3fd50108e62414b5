//! What Instagram may do with tokens at a refresh.
//!
//! Meta documents neither whether a refresh returns the same token or a new one, nor whether the older token then stays
//! valid (crates/sandbox/README.md, "Response formats"). Evertoken must work either way, so tests of the refresh run once
//! for each combination.

use evertoken_sandbox::{OlderToken, RefreshedToken, Settings};

/// The token that a refresh returns, and the fate of the older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshSemantics {
    refreshed_token: RefreshedToken,
    older_token: OlderToken,
}

impl RefreshSemantics {
    /// A new token. The older one stays valid.
    pub const NEW_TOKEN_OLDER_STAYS: Self = Self::new(RefreshedToken::New, OlderToken::Valid);
    /// A new token. The older one dies.
    pub const NEW_TOKEN_OLDER_DIES: Self = Self::new(RefreshedToken::New, OlderToken::Dies);
    /// The same token with a later expiry.
    pub const SAME_TOKEN_OLDER_STAYS: Self = Self::new(RefreshedToken::Same, OlderToken::Valid);
    /// The same token with a later expiry, where a replaced token would die. There is none, so it must not die.
    pub const SAME_TOKEN_OLDER_DIES: Self = Self::new(RefreshedToken::Same, OlderToken::Dies);

    const fn new(refreshed_token: RefreshedToken, older_token: OlderToken) -> Self {
        Self { refreshed_token, older_token }
    }

    /// Returns the settings of a sandbox that does this.
    pub fn settings(self) -> Settings {
        let mut settings = Settings::default();
        settings.shapes.refreshed_token = self.refreshed_token;
        settings.shapes.older_token = self.older_token;
        settings
    }

    /// Whether a refresh returns another token.
    pub fn replaces_token(self) -> bool {
        self.refreshed_token == RefreshedToken::New
    }

    /// Whether a refresh ends the token that it was called with.
    pub fn ends_older_token(self) -> bool {
        self.replaces_token() && self.older_token == OlderToken::Dies
    }
}

/// Defines four tests of each function, one for each [`RefreshSemantics`].
#[macro_export]
macro_rules! test_refresh_semantics {
    ($($test:ident),+ $(,)?) => {
        $(
            mod $test {
                use $crate::refresh_semantics::RefreshSemantics;

                #[tokio::test(flavor = "multi_thread")]
                async fn new_token_older_stays() {
                    super::$test(RefreshSemantics::NEW_TOKEN_OLDER_STAYS).await;
                }

                #[tokio::test(flavor = "multi_thread")]
                async fn new_token_older_dies() {
                    super::$test(RefreshSemantics::NEW_TOKEN_OLDER_DIES).await;
                }

                #[tokio::test(flavor = "multi_thread")]
                async fn same_token_older_stays() {
                    super::$test(RefreshSemantics::SAME_TOKEN_OLDER_STAYS).await;
                }

                #[tokio::test(flavor = "multi_thread")]
                async fn same_token_older_dies() {
                    super::$test(RefreshSemantics::SAME_TOKEN_OLDER_DIES).await;
                }
            }
        )+
    };
}
