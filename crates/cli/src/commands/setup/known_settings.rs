//! The settings that are known before a question is asked: from the answers, from variables, or from an earlier setup.

use evertoken_callback::Brand;
use evertoken_core::scopes::Scopes;
use evertoken_core::variables::{self, VariableError, Variables};
use url::Url;

use super::answers::Answers;
use crate::credentials::offered_logins::OfferedLogins;
use crate::vault::service_settings::{CONFIG_ID, ServiceSettings, is_config_id};

const PUBLIC_URL: &str = "EVERTOKEN_PUBLIC_URL";
const SCOPES: &str = "EVERTOKEN_SCOPES";
const NAME: &str = "EVERTOKEN_BRAND_NAME";

/// Answers take precedence over variables, and variables over earlier answers.
pub(super) fn gather(
    answers: &Answers,
    variables: &Variables,
    earlier: &ServiceSettings,
) -> Result<ServiceSettings, VariableError> {
    let public_url: Option<Url> = variables.get(PUBLIC_URL).map(|_| variables::public_url(variables)).transpose()?;
    let scopes: Option<Scopes> = variables.get(SCOPES).map(|_| variables::scopes(variables)).transpose()?;
    let name = variables
        .parse(NAME, "a name of up to 60 visible characters", |name| Brand::is_name(name).then(|| name.to_owned()))?;
    let provider = OfferedLogins::read(variables)?;
    let config_id = variables.parse(CONFIG_ID, "the ID of a configuration of Facebook Login for Business", |id| {
        is_config_id(id).then(|| id.to_owned())
    })?;
    Ok(ServiceSettings {
        public_url: answers.public_url.clone().or(public_url).or_else(|| earlier.public_url.clone()),
        scopes: answers.scopes.clone().or(scopes).or_else(|| earlier.scopes.clone()),
        name: answers.name.clone().or(name).or_else(|| earlier.name.clone()),
        provider: answers.provider.or(provider).or(earlier.provider),
        facebook_config_id: answers.config_id.clone().or(config_id).or_else(|| earlier.facebook_config_id.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_first_then_variables_then_earlier_answers() {
        let url = |host: &str| Some(format!("https://{host}.example/").parse::<Url>().unwrap());
        let earlier = ServiceSettings {
            public_url: url("earlier"),
            name: Some("Earlier".to_owned()),
            ..ServiceSettings::default()
        };
        let variables = Variables::default().or(PUBLIC_URL, "https://variable.example");
        let answers = Answers { public_url: url("answer"), ..Answers::default() };
        let known = gather(&answers, &variables, &earlier).unwrap();
        assert_eq!((known.public_url, known.name.as_deref()), (url("answer"), Some("Earlier")));
        assert_eq!(gather(&Answers::default(), &variables, &earlier).unwrap().public_url, url("variable"));
        assert_eq!(gather(&Answers::default(), &Variables::default(), &earlier).unwrap().public_url, url("earlier"));
        for (name, value) in [
            (PUBLIC_URL, "http://shop.example"),
            (SCOPES, "A b"),
            (NAME, "a\u{1b}b"),
            (CONFIG_ID, "my config"),
            ("EVERTOKEN_PROVIDER", "google"),
        ] {
            let error = gather(&Answers::default(), &Variables::default().or(name, value), &earlier).unwrap_err();
            assert!(error.to_string().starts_with(name), "{error}");
        }
    }
}
