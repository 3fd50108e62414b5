//! The texts of tokens. Each names its account, its number and when it was issued, so that the model of Instagram needs to
//! remember only the number of the last one.

use evertoken_core::secrets::AccessToken;

use crate::seeded_rng::{Stream, seeded};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What all tokens begin with.
const PREFIX: &str = "IGAA";

/// The length of the random part. Tokens of Instagram Login have 180 to 220 characters in all.
const RANDOM: usize = 172;

/// A token as Instagram knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) account: u32,
    /// 1 for the first token of an account.
    pub(crate) number: u32,
    /// In seconds since the start.
    pub(crate) issued_at: u32,
}

impl Token {
    pub(crate) fn text(self, seed: u64) -> AccessToken {
        let Self { account, number, issued_at } = self;
        let mut text = format!("{PREFIX}{account:08x}{number:08x}{issued_at:08x}");
        let mut rng = seeded(seed ^ u64::from(account) << 32 ^ u64::from(number), Stream::Tokens);
        text.extend((0..RANDOM).filter_map(|_| rng.choice(ALPHABET)).map(|byte| char::from(*byte)));
        AccessToken::new(text)
    }

    /// The token with this text; `None` if it was never issued.
    pub(crate) fn parse(text: &AccessToken, seed: u64) -> Option<Self> {
        let rest = text.expose().strip_prefix(PREFIX)?;
        let number = |from: usize| u32::from_str_radix(rest.get(from..from + 8)?, 16).ok();
        let token = Self { account: number(0)?, number: number(8)?, issued_at: number(16)? };
        (token.text(seed) == *text).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_issued_tokens_are_known() {
        let token = Token { account: 7, number: 3, issued_at: 86_400 };
        let text = token.text(1);
        assert_eq!(Token::parse(&text, 1), Some(token));
        assert_eq!(text.expose().len(), 200);
        let changed = AccessToken::new(text.expose().replace("IGAA00000007", "IGAA00000008"));
        for other in [changed, AccessToken::new("IGAA"), AccessToken::new("")] {
            assert_eq!(Token::parse(&other, 1), None);
        }
        assert_eq!(Token::parse(&text, 2), None);
    }
}
