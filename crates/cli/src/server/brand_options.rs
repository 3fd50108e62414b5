//! How the pages look.

use std::fs::File;
use std::io::Read;

use clap::Args;
use evertoken_callback::{Brand, InvalidLogo, Logo, Settings};
use evertoken_core::variables::{VariableError, Variables};

use crate::error::{CliError, Result};

const NAME: &str = "EVERTOKEN_BRAND_NAME";
const LOGO: &str = "EVERTOKEN_BRAND_LOGO";
const COLOR: &str = "EVERTOKEN_BRAND_COLOR";
const CONTACT: &str = "EVERTOKEN_CONTACT_URL";
const PRIVACY: &str = "EVERTOKEN_PRIVACY_URL";

/// Larger than any logo, so that a wrong path does not fill the memory.
const LONGEST_READ: u64 = 1024 * 1024;

#[derive(Debug, Args)]
pub(crate) struct BrandOptions {
    /// Name to show on the pages. Defaults to `EVERTOKEN_BRAND_NAME`.
    #[arg(long, value_name = "NAME", value_parser = valid(NAME))]
    brand_name: Option<String>,
    /// Logo to show on the pages: an https URL, or a PNG, JPEG, WebP or SVG file. Defaults to `EVERTOKEN_BRAND_LOGO`.
    #[arg(long, value_name = "URL_OR_FILE")]
    brand_logo: Option<String>,
    /// Color of buttons and links, for example #1d4ed8. Defaults to `EVERTOKEN_BRAND_COLOR`.
    #[arg(long, value_name = "COLOR", value_parser = valid(COLOR))]
    brand_color: Option<String>,
    /// Contact link on the pages: an https URL, or mailto: and an address. Defaults to `EVERTOKEN_CONTACT_URL`.
    #[arg(long, value_name = "URL", value_parser = valid(CONTACT))]
    contact_url: Option<String>,
    /// Link to your privacy policy. Defaults to `EVERTOKEN_PRIVACY_URL`.
    #[arg(long, value_name = "URL", value_parser = valid(PRIVACY))]
    privacy_url: Option<String>,
}

/// Accepts what the variable accepts, so that an error names the option.
fn valid(variable: &'static str) -> impl Fn(&str) -> Result<String, String> + Clone {
    move |value: &str| {
        let alone: Variables = std::iter::once((variable.to_owned(), value.to_owned())).collect();
        match Brand::read(&alone) {
            Ok(_) => Ok(value.to_owned()),
            Err(VariableError::Invalid { expected, .. }) => Err(format!("expected {expected}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl BrandOptions {
    /// The settings of the pages, with a logo that may be a file.
    pub(super) fn settings(&self, variables: &Variables) -> Result<Settings> {
        let options = [
            (NAME, &self.brand_name),
            (LOGO, &self.brand_logo),
            (COLOR, &self.brand_color),
            (CONTACT, &self.contact_url),
            (PRIVACY, &self.privacy_url),
        ];
        let given: Variables =
            options.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect();
        let variables = given.over(variables.clone());
        let Some(path) = variables.get(LOGO).filter(|logo| !logo.contains("://")) else {
            return Ok(Settings::read(&variables)?);
        };
        let logo = read_logo(path)?;
        let mut settings = Settings::read(&variables.clone().without(LOGO))?;
        settings.brand.logo = Some(logo);
        Ok(settings)
    }
}

fn read_logo(path: &str) -> Result<Logo> {
    let mut content = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_READ).read_to_end(&mut content));
    read.map_err(|source| CliError::LogoFile { path: path.into(), source })?;
    Logo::from_file(&content).map_err(|reason: InvalidLogo| CliError::Logo { path: path.into(), reason })
}
