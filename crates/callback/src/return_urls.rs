//! Where a login may send people: below one of the configured URLs.

use evertoken_core::variables::{VariableError, Variables, parse_secure_url};
use url::Url;

/// Reads `EVERTOKEN_RETURN_URLS`; `None` if the variable is not set.
pub fn read_return_urls(variables: &Variables) -> Result<Option<Vec<Url>>, VariableError> {
    variables.parse(
        "EVERTOKEN_RETURN_URLS",
        "https URLs separated by commas, as https://shop.example.com/settings (plain http on loopback only)",
        |value| value.split(',').map(|url| parse_secure_url(url.trim())).collect(),
    )
}

/// Whether a URL is below one of the allowed ones. The comparison uses the parsed URL, so it rejects
/// `https://shop.example.com.evil.example` and `https://shop.example.com@evil.example`.
pub fn may_return_to(allowed: &[Url], url: &Url) -> bool {
    !is_ambiguous(url.path()) && allowed.iter().any(|allowed| is_below(allowed, url))
}

fn is_below(allowed: &Url, url: &Url) -> bool {
    let base = allowed.path().trim_end_matches('/');
    let below_path = url.path().strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    url.origin() == allowed.origin() && url.username().is_empty() && url.password().is_none() && below_path
}

/// Whether a server may read the path as another one. Servers disagree on when and how often to decode it, and some drop
/// what follows a semicolon in a segment.
fn is_ambiguous(path: &str) -> bool {
    let mut path = path.to_ascii_lowercase();
    // An encoded percent sign may be decoded too, so `%252f` counts as `%2f`.
    while path.contains("%25") {
        path = path.replace("%25", "%");
    }
    let escapes = path.split('%').skip(1);
    let mut bytes = escapes.filter_map(|rest| u8::from_str_radix(rest.get(..2)?, 16).ok());
    // Slashes, dots, control characters, and bytes that only an overlong encoding of these contains.
    let is_hidden = |byte: u8| matches!(byte, b'/' | b'\\' | b'.' | 0..0x20 | 0x7f | 0xc0 | 0xc1);
    let is_dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
    bytes.any(is_hidden) || path.contains('\\') || path.split('/').any(is_dots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_only_return_urls_below_a_configured_one() {
        let allowed = ["https://shop.example.com/settings".parse().unwrap()];
        let table = [
            ("https://shop.example.com/settings", true),
            ("https://shop.example.com/settings/instagram?x=1", true),
            ("https://shop.example.com/settings/50%25/gr%C3%BC%C3%9Fe?next=%2F..%2F", true),
            ("https://shop.example.com/settings/a..b/...", true),
            ("https://shop.example.com/settingsevil", false),
            ("https://shop.example.com/settings/../admin", false),
            ("https://shop.example.com/settings/..%2fadmin", false),
            ("https://shop.example.com/settings/%252e%252e%25252fadmin", false),
            ("https://shop.example.com/settings/..;a/admin", false),
            ("https://shop.example.com/settings/%c0%afadmin", false),
            ("https://shop.example.com.evil.example/settings", false),
            ("https://shop.example.com@evil.example/settings", false),
            ("https://u@shop.example.com/settings", false),
            ("http://shop.example.com/settings", false),
            ("https://shop.example.com:8443/settings", false),
            ("javascript:alert(1)", false),
        ];
        for (url, expected) in table {
            assert_eq!(may_return_to(&allowed, &url.parse().unwrap()), expected, "{url}");
        }
    }
}
