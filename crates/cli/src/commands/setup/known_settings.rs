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
        let settings = |word: &str, provider, config_id: &str| ServiceSettings {
            public_url: Some(format!("https://{word}.example/").parse().unwrap()),
            scopes: Some(word.parse().unwrap()),
            name: Some(word.to_owned()),
            provider: Some(provider),
            facebook_config_id: Some(config_id.to_owned()),
        };
        let earlier = settings("earlier", OfferedLogins::Both, "1");
        let set = settings("variable", OfferedLogins::Facebook, "2");
        let answered = settings("answer", OfferedLogins::Instagram, "3");
        let variables = set.fill(Variables::default());
        let answers = Answers {
            public_url: answered.public_url.clone(),
            scopes: answered.scopes.clone(),
            name: answered.name.clone(),
            provider: answered.provider,
            config_id: answered.facebook_config_id.clone(),
            ..Answers::default()
        };
        assert_eq!(gather(&answers, &variables, &earlier), Ok(answered));
        assert_eq!(gather(&Answers::default(), &variables, &earlier), Ok(set));
        assert_eq!(gather(&Answers::default(), &Variables::default(), &earlier).as_ref(), Ok(&earlier));
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
