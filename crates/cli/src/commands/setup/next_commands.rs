//! The commands to run after the setup, as they are typed in a shell.

use evertoken_core::variables::{Variables, is_loopback};
use url::Url;

use crate::credentials::offered_logins::PROVIDER;
use crate::terminal::output;
use crate::vault::location::VaultLocation;
use crate::vault::service_settings::{CONFIG_ID, ServiceSettings};

/// A command, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NextCommand {
    pub(super) purpose: &'static str,
    pub(super) command: String,
}

/// `deployed` are the variables of the stack, if there is one.
pub(super) fn next(
    location: &VaultLocation,
    public_url: &Url,
    settings: &ServiceSettings,
    deployed: &Variables,
) -> Vec<NextCommand> {
    let (evertoken, vault) = (shell_words::quote(&output::invocation()).into_owned(), location.option());
    let first = if location.local.is_some() {
        let listen = listen_options(public_url);
        let command = format!("{evertoken} serve{listen}{vault}");
        Some(NextCommand { purpose: "Start the service, and keep it running:", command })
    } else {
        deploy_command(location.stack_name(), settings, deployed).map(|command| NextCommand {
            purpose: "Deploy the new settings. Change them in samconfig.toml too, if it has parameter_overrides:",
            command,
        })
    };
    let others = [
        ("Create a link for the owner of the first account:", "invite --name my-shop"),
        ("Check everything:", "doctor"),
    ];
    let others = others.map(|(purpose, words)| NextCommand { purpose, command: format!("{evertoken} {words}{vault}") });
    first.into_iter().chain(others).collect()
}

/// The port and the protocol of an address of this machine. Any other address belongs to a proxy.
fn listen_options(public_url: &Url) -> String {
    if !is_loopback(public_url) {
        return String::new();
    }
    let tls = if public_url.scheme() == "https" { " --tls" } else { "" };
    let port = public_url.port_or_known_default().filter(|port| *port != 8080);
    format!("{tls}{}", port.map(|port| format!(" --port {port}")).unwrap_or_default())
}

/// Sets the parameters that differ from the deployed ones.
fn deploy_command(stack: &str, settings: &ServiceSettings, deployed: &Variables) -> Option<String> {
    let scopes = settings.scopes.as_ref().map(ToString::to_string);
    let provider = settings.provider.map(|logins| logins.as_str().to_owned());
    let wanted = [
        ("PublicUrl", "EVERTOKEN_PUBLIC_URL", settings.public_url.as_ref().map(bare), ""),
        ("Scopes", "EVERTOKEN_SCOPES", scopes, "instagram_business_basic"),
        ("BrandName", "EVERTOKEN_BRAND_NAME", settings.name.clone(), ""),
        ("Provider", PROVIDER, provider, "instagram"),
        ("FacebookConfigId", CONFIG_ID, settings.facebook_config_id.clone(), ""),
    ];
    let parameters: Vec<_> = wanted
        .into_iter()
        .filter_map(|(parameter, variable, value, default)| {
            let value = value.filter(|value| deployed.get(variable).unwrap_or(default) != value)?;
            Some(parameter_override(parameter, &value))
        })
        .collect();
    let stack = shell_words::quote(stack);
    let command = format!("sam deploy --stack-name {stack} --parameter-overrides {}", parameters.join(" "));
    (!parameters.is_empty()).then_some(command)
}

/// `Key=Value` for the shell. SAM wants quotes around a value with spaces, and around an empty one.
fn parameter_override(parameter: &str, value: &str) -> String {
    let value = if value.is_empty() || value.contains(char::is_whitespace) {
        format!("\"{}\"", value.replace('"', "\\\""))
    } else {
        value.to_owned()
    };
    shell_words::quote(&format!("{parameter}={value}")).into_owned()
}

fn bare(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::offered_logins::OfferedLogins;

    #[test]
    fn serve_listens_where_an_address_of_this_machine_points_to() {
        for (url, expected) in [
            ("https://connect.example.com", ""),
            ("http://127.0.0.1:8080", ""),
            ("http://localhost:3000", " --port 3000"),
            ("https://localhost:8443", " --tls --port 8443"),
            ("https://localhost:8080", " --tls"),
        ] {
            assert_eq!(listen_options(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn deploys_only_what_differs_from_the_stack() {
        let deployed = Variables::default().or("EVERTOKEN_PUBLIC_URL", "https://connect.example.com");
        let mut settings = ServiceSettings {
            public_url: Some("https://connect.example.com/".parse().unwrap()),
            scopes: Some("instagram_business_basic".parse().unwrap()),
            name: Some(String::new()),
            ..ServiceSettings::default()
        };
        assert_eq!(deploy_command("evertoken", &settings, &deployed), None);
        settings.name = Some("Café $(Blau)".to_owned());
        settings.scopes = Some("instagram_business_basic,instagram_business_manage_insights".parse().unwrap());
        assert_eq!(
            deploy_command("evertoken", &settings, &deployed).unwrap(),
            "sam deploy --stack-name evertoken --parameter-overrides \
             'Scopes=instagram_business_basic,instagram_business_manage_insights' 'BrandName=\"Café $(Blau)\"'"
        );
        let settings = ServiceSettings {
            public_url: Some("https://login.example.com/".parse().unwrap()),
            provider: Some(OfferedLogins::Both),
            facebook_config_id: Some("1122334455667788".to_owned()),
            ..ServiceSettings::default()
        };
        let deploy = deploy_command("evertoken", &settings, &deployed).unwrap();
        let parameters = "'PublicUrl=https://login.example.com' 'Provider=both' 'FacebookConfigId=1122334455667788'";
        assert!(deploy.ends_with(&format!("--parameter-overrides {parameters}")), "{deploy}");
        // What was taken back is removed from the stack.
        let deployed = Variables::default().or("EVERTOKEN_BRAND_NAME", "Café Blau").or(CONFIG_ID, "1122334455667788");
        let settings = ServiceSettings {
            name: Some(String::new()),
            facebook_config_id: Some(String::new()),
            ..ServiceSettings::default()
        };
        let deploy = deploy_command("evertoken", &settings, &deployed).unwrap();
        assert!(deploy.ends_with(r#"--parameter-overrides 'BrandName=""' 'FacebookConfigId=""'"#), "{deploy}");
    }
}
