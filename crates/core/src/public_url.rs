//! URLs below the service's public URL.

use url::Url;

/// Appends `path` to `base`, whether or not `base` ends in a slash.
pub fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_makes_no_difference() {
        for base in ["https://example.com/instagram", "https://example.com/instagram/"] {
            assert_eq!(join(&base.parse().unwrap(), "login").as_str(), "https://example.com/instagram/login");
        }
    }
}
