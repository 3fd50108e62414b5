//! Who the pages speak for: the operator's name, logo, color and links. All of them are optional.

mod color;
mod logo;

use evertoken_core::variables::{VariableError, Variables};
use evertoken_core::visible_text::is_hidden;
use url::Url;

pub use color::BrandColor;
pub use logo::{InvalidLogo, Logo};

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

/// What the operator's pages look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// The operator's name: `EVERTOKEN_BRAND_NAME`.
    pub name: Option<String>,
    /// The picture beside the name: `EVERTOKEN_BRAND_LOGO`.
    pub logo: Option<Logo>,
    /// The color of buttons and links: `EVERTOKEN_BRAND_COLOR`.
    pub color: Option<BrandColor>,
    /// Where people reach the operator: `EVERTOKEN_CONTACT_URL`.
    pub contact_url: Option<Url>,
    /// The operator's privacy policy: `EVERTOKEN_PRIVACY_URL`.
    pub privacy_url: Option<Url>,
}

impl Brand {
    /// Reads and checks the variables.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        Ok(Self {
            name: variables.parse("EVERTOKEN_BRAND_NAME", "a name of up to 60 visible characters", |text| {
                Self::is_name(text).then(|| text.to_owned())
            })?,
            logo: variables.parse("EVERTOKEN_BRAND_LOGO", "the https URL of a picture", Logo::parse)?,
            color: variables.parse("EVERTOKEN_BRAND_COLOR", "a color such as #1d4ed8", BrandColor::parse)?,
            contact_url: variables.parse(
                "EVERTOKEN_CONTACT_URL",
                "an https URL, or mailto: and an email address",
                |value| parse_web_page(value).or_else(|| parse_mail_address(value)),
            )?,
            privacy_url: variables.parse("EVERTOKEN_PRIVACY_URL", "an https URL", parse_web_page)?,
        })
    }

    /// Whether the pages can show this name.
    pub fn is_name(text: &str) -> bool {
        text.chars().count() <= LONGEST_NAME && !text.chars().any(is_hidden)
    }

    /// The contact link of an error page. An email gets the reference as its subject.
    pub(crate) fn contact_about(&self, reference: &str) -> Option<Url> {
        let mut url = self.contact_url.clone()?;
        if url.scheme() == "mailto" {
            url.set_query(Some(&format!("subject=Instagram%20{reference}")));
        }
        Some(url)
    }
}

/// A link that a page shows. Unlike a URL that receives credentials, it may have a query and a fragment.
fn parse_web_page(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| !text.contains(['\\', ' ']))?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    (url.scheme() == "https" && url.has_host() && is_plain).then_some(url)
}

/// An address and nothing else, so that the link cannot fill in a message.
fn parse_mail_address(text: &str) -> Option<Url> {
    let (user, host) = text.strip_prefix("mailto:")?.split_once('@')?;
    let is_valid = |part: &str, others: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    };
    (is_valid(user, ".+_-") && is_valid(host, ".-")).then(|| Url::parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Brand, VariableError> {
        Brand::read(&std::iter::once((name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn nothing_is_set_by_default() {
        assert_eq!(Brand::read(&Variables::default()), Ok(Brand::default()));
        for name in ["EVERTOKEN_BRAND_NAME", "EVERTOKEN_BRAND_LOGO", "EVERTOKEN_BRAND_COLOR", "EVERTOKEN_CONTACT_URL"] {
            assert_eq!(read(name, ""), Ok(Brand::default()), "an empty {name} is not set");
        }
    }

    #[test]
    fn reads_every_part_of_a_brand() {
        assert_eq!(read("EVERTOKEN_BRAND_NAME", " Müller & Söhne ").unwrap().name.unwrap(), "Müller & Söhne");
        for link in ["https://agency.example/imprint?lang=de#contact", "mailto:help+insta@agency.example"] {
            assert_eq!(read("EVERTOKEN_CONTACT_URL", link).unwrap().contact_url.unwrap().as_str(), link);
        }
        let privacy = read("EVERTOKEN_PRIVACY_URL", "https://agency.example/@privacy").unwrap().privacy_url;
        assert_eq!(privacy.unwrap().as_str(), "https://agency.example/@privacy");
    }

    #[test]
    fn malformed_and_hostile_values_are_refused_by_name() {
        let long = "a".repeat(61);
        for (name, value) in [
            ("EVERTOKEN_BRAND_NAME", long.as_str()),
            ("EVERTOKEN_BRAND_NAME", "Agency\u{202e}ycnega"),
            ("EVERTOKEN_BRAND_NAME", "Agency\u{7}"),
            ("EVERTOKEN_BRAND_LOGO", "http://agency.example/logo.png"),
            ("EVERTOKEN_BRAND_LOGO", "logo.png"),
            ("EVERTOKEN_BRAND_LOGO", "data:text/html,<script>alert(1)</script>"),
            ("EVERTOKEN_BRAND_LOGO", "https://me:password@agency.example/logo.png"),
            ("EVERTOKEN_BRAND_LOGO", "https://*/logo.png"),
            ("EVERTOKEN_BRAND_COLOR", "blue"),
            ("EVERTOKEN_BRAND_COLOR", "#12345"),
            ("EVERTOKEN_BRAND_COLOR", "#12345é"),
            ("EVERTOKEN_BRAND_COLOR", "#000;}*{display:none"),
            ("EVERTOKEN_CONTACT_URL", "agency.example"),
            ("EVERTOKEN_CONTACT_URL", "http://agency.example"),
            ("EVERTOKEN_CONTACT_URL", "javascript:alert(1)"),
            ("EVERTOKEN_CONTACT_URL", "https://instagram.com@evil.example"),
            ("EVERTOKEN_CONTACT_URL", "mailto:"),
            ("EVERTOKEN_CONTACT_URL", "mailto:me@agency.example?body=x"),
            ("EVERTOKEN_CONTACT_URL", "mailto:me@agency.example,you@agency.example"),
            ("EVERTOKEN_PRIVACY_URL", "mailto:me@agency.example"),
            ("EVERTOKEN_PRIVACY_URL", "javascript:alert(1)"),
        ] {
            let error = read(name, value).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} is {value:?}; expected ")), "{error}");
        }
    }

    #[test]
    fn an_email_about_an_error_has_its_reference_as_subject() {
        let mail = read("EVERTOKEN_CONTACT_URL", "mailto:help@agency.example").unwrap();
        assert_eq!(
            mail.contact_about("ABC0123456").unwrap().as_str(),
            "mailto:help@agency.example?subject=Instagram%20ABC0123456"
        );
        let page = read("EVERTOKEN_CONTACT_URL", "https://agency.example/help?a=b").unwrap();
        assert_eq!(page.contact_about("ABC0123456"), page.contact_url);
    }
}
