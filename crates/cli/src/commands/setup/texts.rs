//! What the guide says.

use evertoken_core::document::ProviderName;

use super::progress::Step;
use crate::credentials::offered_logins::OfferedLogins;
use crate::vault::vault_option::VaultOption;

pub(super) const ADDRESS: &str = "Address of the service";
pub(super) const LOGIN: &str = "What a login asks for";
pub(super) const NAME: &str = "Your name on the login pages";
pub(super) const PERMISSIONS: &str = "Permissions of a login through Facebook";

/// The number of steps.
pub(super) fn steps(offered: OfferedLogins) -> usize {
    const ADDRESS_AND_LOGIN: usize = 2;
    let of = |login: ProviderName| if offered.includes(login) { LoginTexts::of(login).steps } else { 0 };
    ADDRESS_AND_LOGIN + of(ProviderName::Instagram) + of(ProviderName::Facebook)
}

pub(super) fn introduction(vault: &VaultOption, offered: OfferedLogins) -> String {
    let app = match offered {
        OfferedLogins::Instagram => "People log in to Instagram through a Meta app of your own.",
        OfferedLogins::Facebook => "People log in to Facebook through a Meta app of your own, and select their pages.",
        OfferedLogins::Both => "People log in to Instagram, or to Facebook, through a Meta app of your own.",
    };
    let page = match offered {
        OfferedLogins::Instagram => "",
        _ => " For a login through Facebook, the account must be linked to a Facebook Page.",
    };
    let (steps, minutes) = match offered {
        OfferedLogins::Both => (steps(offered), "twenty"),
        _ => (steps(offered), "ten"),
    };
    format!(
        "Evertoken setup\n\n\
         {app} This guide creates it with you in {steps} steps, which take about {minutes} minutes. You need a Facebook \
         account for Meta's dashboard, and a professional Instagram account (Business or Creator) to connect.{page}\n\n\
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

pub(super) const PERMISSIONS_TEXT: &str = "   \
   Without a configuration, a login requests what reading the posts needs: instagram_basic, pages_show_list, \
   pages_read_engagement and business_management. A configuration replaces this list. To use one, open Facebook Login for \
   Business > Configurations, create one with these permissions, and paste its ID. Press Enter for none.";

/// What the guide says about the app of one login.
pub(super) struct LoginTexts {
    pub(super) login: ProviderName,
    /// The number of steps.
    pub(super) steps: usize,
    pub(super) app: Section,
    pub(super) credentials: (&'static str, &'static str),
    pub(super) id_question: &'static str,
    pub(super) secret_question: &'static str,
    pub(super) urls: Section,
    pub(super) people: Section,
}

/// A step that only the operator can confirm.
pub(super) struct Section {
    pub(super) step: Step,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) question: &'static str,
}

impl LoginTexts {
    pub(super) fn of(login: ProviderName) -> &'static Self {
        match login {
            ProviderName::Instagram => &INSTAGRAM,
            ProviderName::Facebook => &FACEBOOK,
        }
    }
}

const INSTAGRAM: LoginTexts = LoginTexts {
    login: ProviderName::Instagram,
    steps: 4,
    app: Section {
        step: Step::App,
        title: "Meta app",
        text: "   \
   Open https://developers.facebook.com/apps, create an app, and add the product \"Instagram\" to it. Then open Instagram > \
   API setup with Instagram login.",
        question: "Press Enter when you are there. ",
    },
    credentials: (
        "ID and secret of the app",
        "   \
   A Meta app has two pairs of ID and secret. Only one of them works here:\n     \
     right: Instagram app ID and Instagram app secret, under Instagram > API setup with Instagram login\n     \
     wrong: App ID and App secret, under App settings > Basic",
    ),
    id_question: "Instagram app ID",
    secret_question: "Instagram app secret (not shown)",
    urls: Section {
        step: Step::Addresses,
        title: "URLs in Meta's dashboard",
        text: "   \
   Open Instagram > API setup with Instagram login > Set up Instagram business login > Business login settings. Paste these \
   URLs and save. Then open the settings again: the dashboard may append a slash to a URL, which you have to remove.",
        question: "Press Enter when all three are saved. ",
    },
    people: Section {
        step: Step::Testers,
        title: "Testers",
        text: "   \
   Until Meta has reviewed the app, only accounts with a role in it can log in. For each account:\n   \
   a. Add its username under App roles > Roles > Instagram testers. Check the spelling: Meta accepts names that do not \
   exist.\n   \
   b. Its owner logs in to Instagram in a desktop browser and accepts the invitation under \
   https://www.instagram.com/accounts/manage_access (Tester invites).",
        question: "Press Enter when you are done. ",
    },
};

const FACEBOOK: LoginTexts = LoginTexts {
    login: ProviderName::Facebook,
    steps: 5,
    app: Section {
        step: Step::FacebookApp,
        title: "Facebook Login in the Meta app",
        text: "   \
   Open https://developers.facebook.com/apps. Open your app, or create one with the use case \"Manage messaging & content on \
   Instagram\". Its type must be Business. Under the use case, choose \"API setup with Facebook login\", which adds the \
   product Facebook Login for Business.",
        question: "Press Enter when the app has Facebook Login for Business. ",
    },
    credentials: (
        "ID and secret of the Meta app",
        "   \
   A Meta app has two pairs of ID and secret. Only one of them works for a login through Facebook:\n     \
     right: App ID and App secret, under App settings > Basic\n     \
     wrong: Instagram app ID and Instagram app secret, under Instagram > API setup with Instagram login",
    ),
    id_question: "App ID",
    secret_question: "App secret (not shown)",
    urls: Section {
        step: Step::FacebookAddresses,
        title: "URLs for Facebook in Meta's dashboard",
        text: "   \
   Open Facebook Login for Business > Settings. Switch on Client OAuth login and Web OAuth login, paste these URLs, and \
   save. If the dashboard shows the field for the data deletion request under App settings > Basic, paste it there.\n   \
   The redirect URI must match exactly. If it does not, Facebook shows \"URL Blocked\" on its own page and never returns to \
   this service, so neither its pages nor its logs can report it.",
        question: "Press Enter when all three are saved. ",
    },
    people: Section {
        step: Step::FacebookPeople,
        title: "People who can log in through Facebook",
        text: "   \
   While the app is in development mode, only people with a role in it can log in. Add each person's Facebook account under \
   App roles > Roles as a tester, developer or administrator. The person accepts at https://developers.facebook.com/requests. \
   Instagram testers and their invitations do not matter for this login.\n   \
   For everybody else, each permission needs Advanced Access, and so does public_profile: App Review and Business \
   Verification. Then switch the app to live mode.\n   \
   The person needs full control of the Facebook Page that the Instagram account is linked to.",
        question: "Press Enter when you are done. ",
    },
};

#[cfg(test)]
mod tests {
    use evertoken_core::variables::{self, Variables};

    use super::*;
    use crate::credentials::offered_logins::PROVIDER;

    #[test]
    fn the_guide_names_every_permission_that_a_login_through_facebook_requests() {
        let variables = Variables::default().or(PROVIDER, OfferedLogins::Facebook.as_str());
        let scopes = variables::facebook_scopes(&variables).unwrap();
        let words: Vec<&str> = PERMISSIONS_TEXT.split([' ', ',', '.']).collect();
        let missing: Vec<&str> = scopes.iter().filter(|scope| !words.contains(scope)).collect();
        assert!(!scopes.is_empty() && missing.is_empty(), "{missing:?}");
    }
}
