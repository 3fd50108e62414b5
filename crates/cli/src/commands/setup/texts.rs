//! What the guide says.

use crate::vault::vault_option::VaultOption;

/// The number of steps.
pub(super) const STEPS: usize = 6;

pub(super) const ADDRESS: &str = "Address of the service";
pub(super) const LOGIN: &str = "What a login asks for";
pub(super) const APP: &str = "Meta app";
pub(super) const CREDENTIALS: &str = "ID and secret of the app";
pub(super) const URLS: &str = "URLs in Meta's dashboard";
pub(super) const TESTERS: &str = "Testers";

pub(super) fn introduction(vault: &VaultOption) -> String {
    format!(
        "Evertoken setup\n\n\
         People log in to Instagram through a Meta app of your own. This guide creates it with you in {STEPS} steps, which \
         take about ten minutes. You need a Facebook account for Meta's dashboard, and a professional Instagram account \
         (Business or Creator) to connect.\n\n\
         Each answer is checked. You can stop at any time with Ctrl-C and continue later with:\n  {}",
        vault.command("setup")
    )
}

pub(super) const ADDRESS_TEXT: &str = "   \
   The public https address at which browsers reach the login pages. It becomes part of URLs that you register with Meta.";

pub(super) const SCOPES_TEXT: &str = "   \
   Scopes are the permissions that a login requests. The default allows reading the profile and posts. Press Enter for it.";

pub(super) const NAME_TEXT: &str = "   \
   The name of your company or site, which the login pages show to the owners of the accounts. Press Enter for none.";

pub(super) const APP_TEXT: &str = "   \
   Open https://developers.facebook.com/apps, create an app, and add the product \"Instagram\" to it. Then open Instagram > \
   API setup with Instagram login.";

pub(super) const CREDENTIALS_TEXT: &str = "   \
   A Meta app has two pairs of ID and secret. Only one of them works here:\n     \
     right: Instagram app ID and Instagram app secret, under Instagram > API setup with Instagram login\n     \
     wrong: App ID and App secret, under App settings > Basic";

pub(super) const URLS_TEXT: &str = "   \
   Open Instagram > API setup with Instagram login > Set up Instagram business login > Business login settings. Paste these \
   URLs and save. Then open the settings again: the dashboard may append a slash to a URL, which you have to remove.";

pub(super) const TESTERS_TEXT: &str = "   \
   Until Meta has reviewed the app, only accounts with a role in it can log in. For each account:\n   \
   a. Add its username under App roles > Roles > Instagram testers. Check the spelling: Meta accepts names that do not \
   exist.\n   \
   b. Its owner logs in to Instagram in a desktop browser and accepts the invitation under \
   https://www.instagram.com/accounts/manage_access (Tester invites).";
