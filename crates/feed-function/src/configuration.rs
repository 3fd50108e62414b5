//! The function's configuration, read from environment variables and validated before anything else happens.

use evertoken_aws::secret_names::app_secret;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::variables::{VariableError, Variables, parse_secure_url};
use evertoken_instagram::LoginSettings;
use evertoken_packed_aws::PackedLayout;
use url::Url;

/// Where the accounts are, and where their feeds go.
#[derive(Debug)]
pub struct Configuration {
    /// The secrets of the accounts.
    pub vault: VaultSettings,
    /// Many accounts in one secret, if the installation asks for it.
    pub layout: Option<PackedLayout>,
    /// The logins whose accounts have feeds.
    pub logins: LoginSettings,
    /// The app secret, for Facebook Login only.
    pub app_secret: Option<String>,
    /// The name of the bucket.
    pub bucket: String,
    /// The ID of the CloudFront distribution in front of the bucket.
    pub distribution: String,
    /// The public URL of the bucket's root.
    pub feed_url: Url,
}

impl Configuration {
    /// Reads `EVERTOKEN_FEED_BUCKET`, `EVERTOKEN_FEED_DISTRIBUTION` and `EVERTOKEN_FEED_URL`, which are required, and the
    /// variables of the vault and of the logins.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        let bucket = required(variables, "EVERTOKEN_FEED_BUCKET", "the name of an S3 bucket", |text| {
            is_bucket(text).then(|| text.to_owned())
        })?;
        let expected = "the ID of a CloudFront distribution such as EDFDVBD6EXAMPLE";
        let distribution = required(variables, "EVERTOKEN_FEED_DISTRIBUTION", expected, |text| {
            let valid = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric());
            valid.then(|| text.to_owned())
        })?;
        let expected = "the https URL of the feeds, such as https://feeds.example.com (plain http on loopback only)";
        let feed_url = required(variables, "EVERTOKEN_FEED_URL", expected, parse_secure_url)?;
        let (vault, logins) = (VaultSettings::read(variables)?, LoginSettings::read(variables)?);
        let app_secret = logins.facebook.as_ref().map(|_| app_secret(variables)).transpose()?;
        let layout = PackedLayout::read(variables)?.map(PackedLayout::read_only);
        Ok(Self { vault, layout, logins, app_secret, bucket, distribution, feed_url })
    }
}

fn required<T>(
    variables: &Variables,
    name: &'static str,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, VariableError> {
    variables.parse(name, expected, parse)?.ok_or(VariableError::Missing { name, expected })
}

/// AWS, "General purpose bucket naming rules".
fn is_bucket(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (3..=63).contains(&text.len())
        && text.bytes().all(|b| is_plain(b) || b == b'-' || b == b'.')
        && text.bytes().next().is_some_and(is_plain)
        && text.bytes().next_back().is_some_and(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: [(&str, &str); 4] = [
        ("EVERTOKEN_VAULT_PREFIX", "evertoken"),
        ("EVERTOKEN_FEED_BUCKET", "evertoken-feeds-1a2b"),
        ("EVERTOKEN_FEED_DISTRIBUTION", "EDFDVBD6EXAMPLE"),
        ("EVERTOKEN_FEED_URL", "https://feeds.example.com"),
    ];

    fn read(changed: &str, value: &str) -> Result<Configuration, String> {
        let variables = VALID.map(|(name, valid)| (name, if name == changed { value } else { valid }));
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Configuration::read(&variables).map_err(|error| error.to_string())
    }

    #[test]
    fn accepts_what_the_template_sets() {
        let configuration = read("", "").unwrap();
        assert_eq!(configuration.bucket, "evertoken-feeds-1a2b");
        assert_eq!(configuration.feed_url.as_str(), "https://feeds.example.com/");
        assert!(read("EVERTOKEN_FEED_URL", "http://127.0.0.1:8080").is_ok());
    }

    /// The function's role may write nothing, so it must leave an unfinished rollover of a pack to the other functions.
    #[test]
    fn packs_are_only_read() {
        let packed = [("EVERTOKEN_LAYOUT", "packed"), ("EVERTOKEN_INDEX_TABLE", "evertoken-index")];
        let variables = VALID.into_iter().chain(packed);
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let packed = PackedLayout::read(&variables).unwrap().unwrap();
        assert_eq!(Configuration::read(&variables).unwrap().layout, Some(packed.read_only()));
    }

    #[test]
    fn an_error_names_the_variable_its_value_and_what_was_expected() {
        for (name, value, expected) in [
            ("EVERTOKEN_FEED_BUCKET", "Feeds", "the name of an S3 bucket"),
            ("EVERTOKEN_FEED_BUCKET", "-feeds", "the name of an S3 bucket"),
            ("EVERTOKEN_FEED_DISTRIBUTION", "d/1", "the ID of a CloudFront distribution"),
            ("EVERTOKEN_FEED_URL", "http://feeds.example.com", "the https URL of the feeds"),
        ] {
            let error = read(name, value).unwrap_err();
            assert!(error.starts_with(&format!("{name} is {value:?}; expected {expected}")), "{error}");
            assert!(read(name, "").unwrap_err().starts_with(&format!("{name} is not set")));
        }
    }
}
