//! The operator's own tags for secrets.

use std::collections::BTreeSet;

/// The largest number of tags. A secret can have 50 (AWS, "Secrets Manager quotas"), some of which are Evertoken's own.
const MAX_TAGS: usize = 20;

/// The maximum lengths of a key and a value (AWS, "Tag").
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;

/// Parses `key=value,key=value`. Returns `None` unless AWS accepts every tag on a secret that already has Evertoken's tags.
pub(crate) fn parse(text: &str) -> Option<Vec<(String, String)>> {
    let tags: Vec<(String, String)> =
        text.split(',').map(|tag| tag.split_once('=').map(to_owned)).collect::<Option<_>>()?;
    let keys: BTreeSet<&str> = tags.iter().map(|(key, _)| key.as_str()).collect();
    let valid = tags.iter().all(|(key, value)| is_key(key) && value.len() <= MAX_VALUE && is_text(value));
    (valid && keys.len() == tags.len() && tags.len() <= MAX_TAGS).then_some(tags)
}

fn to_owned((key, value): (&str, &str)) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

fn is_key(key: &str) -> bool {
    let reserved = key.starts_with("evertoken:") || key.to_ascii_lowercase().starts_with("aws:");
    (1..=MAX_KEY).contains(&key.len()) && is_text(key) && !reserved
}

/// The characters that AWS allows in tags (AWS, "Tagging your resources"), except `=` and letters outside ASCII.
fn is_text(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _.:/+@-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_pairs_that_aws_accepts_next_to_our_own_tags() {
        let tags = parse("team=web,acme:cost-center=4711,empty=").unwrap();
        let pairs: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("team", "web"), ("acme:cost-center", "4711"), ("empty", "")]);
        let many = |count: usize| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
        assert!(parse(&many(20)).is_some() && parse(&many(21)).is_none());
        let long_key = format!("{}=v", "k".repeat(129));
        let long_value = format!("k={}", "v".repeat(257));
        let bad = ["team", "=web", "a=1,", "a=1,a=2", "aws:x=1", "AWS:x=1", "evertoken:stack=x", "a=b=c", "a=\u{e4}"];
        for bad in bad.into_iter().chain([long_key.as_str(), long_value.as_str()]) {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
