//! The error pages in English. Where a page is about one error of Instagram, core has the cause and the remedy.

use evertoken_core::provider_error::ProviderErrorKind;

use crate::error_page::ErrorPage;
use crate::texts::explanation::Explanation;

const START_AGAIN: &str = "Start again from the link you were given.";
const ASK_FOR_NEW_LINK: &str = "Ask the person who sent you the link for a new one.";
const TRY_LATER: &str = "Wait a minute, then start again. If the problem persists, contact the operator of this service and include the reference below.";
const CONTACT_OPERATOR: &str =
    "You did nothing wrong. Contact the operator of this service and include the reference below.";
const CLOSE_PAGE: &str = "You can close this page. Only Instagram's servers use this address.";

#[expect(clippy::too_many_lines, reason = "a table with one entry per page")]
pub(in crate::texts) fn explanation(page: ErrorPage) -> Explanation {
    match page {
        ErrorPage::InviteMissing => Explanation {
            title: "You need an invite link",
            cause: "Accounts can only be connected here with an invite link.",
            remedy: "Ask the person who sent you here for an invite link.",
            operator: "Run evertoken invite to create an invite. To let anyone connect an account, set EVERTOKEN_LOGIN (LoginMode in the template) to open.",
        },
        ErrorPage::InviteForged => Explanation {
            title: "This invite link is not valid",
            cause: "The link is incomplete, was changed, or belongs to a different service.",
            remedy: "Open the complete link again. If that does not help, ask for a new one.",
            operator: "Invites are signed. After you rotate the signing secret, keep the previous key in it until all open invites have expired.",
        },
        ErrorPage::InviteExpired => Explanation {
            title: "This invite link has expired",
            cause: "Invite links are valid for a limited time.",
            remedy: ASK_FOR_NEW_LINK,
            operator: "Run evertoken invite to create a new one. Use --expires to set how long it is valid.",
        },
        ErrorPage::InviteUsed => Explanation {
            title: "This invite link has already been used",
            cause: "The link was valid for one account, and that account has been connected.",
            remedy: "If you connected it, you are all set. If not, ask the person who sent you the link for a new one.",
            operator: "Run evertoken list to see the connected accounts. Invites created without --once can be used more than once.",
        },
        ErrorPage::ReturnNotAllowed => Explanation {
            title: "This link leads to an address that is not allowed",
            cause: "After the login, it would send you to an address that this service does not trust.",
            remedy: ASK_FOR_NEW_LINK,
            operator: "Add the address to EVERTOKEN_RETURN_URLS (ReturnUrls in the template), or create a link without a return address.",
        },
        ErrorPage::Cancelled => Explanation {
            title: "The account was not connected",
            cause: "You canceled the login. Nothing was saved.",
            remedy: "If you want to connect the account after all, start again.",
            operator: "No action needed. The link can be used again.",
        },
        ErrorPage::StateMissing => Explanation {
            title: "This page cannot be opened directly",
            cause: "It is part of a login, and no login is in progress.",
            remedy: START_AGAIN,
            operator: "Send people to an invite link or to /login. Only Instagram or Facebook should send them to /callback.",
        },
        ErrorPage::StateForged => Explanation {
            title: "This login cannot be continued",
            cause: "The address that you were sent back to is incomplete or was changed.",
            remedy: START_AGAIN,
            operator: "A login in progress is signed. When you rotate the signing secret, keep the previous key in it for at least ten minutes.",
        },
        ErrorPage::StateExpired => Explanation {
            title: "This login took too long",
            cause: "A login must be completed within ten minutes.",
            remedy: START_AGAIN,
            operator: "No action needed. The link can be used again until it expires.",
        },
        ErrorPage::StateUsed => Explanation {
            title: "This login has already ended",
            cause: "It failed earlier. Reloading the page or going back does not repeat it.",
            remedy: START_AGAIN,
            operator: "The log entry of the first attempt shows why it failed.",
        },
        ErrorPage::OtherBrowser => Explanation {
            title: "This login was not started in this browser",
            cause: "It was started in another browser or app (the Instagram app opens its own browser), or your browser blocks cookies.",
            remedy: "Copy the link you were given, open it in one browser, and stay in that browser until you are done.",
            operator: "If this happens to everyone, check that people open the host in EVERTOKEN_PUBLIC_URL. The login cookie is only valid for that host.",
        },
        ErrorPage::CodeMissing => Explanation {
            title: "Instagram's response is incomplete",
            cause: "Instagram sent you back before the login was complete. Nothing was saved.",
            remedy: START_AGAIN,
            operator: "If this happens repeatedly, check whether a proxy or firewall in front of the service removes query parameters.",
        },
        ErrorPage::CodeUsed => Explanation {
            title: "This login has already been used",
            cause: "Instagram accepts each login once and only for a short time. Nothing was saved.",
            remedy: START_AGAIN,
            operator: "If this happens repeatedly, check whether a proxy or link scanner opens /callback before the browser does.",
        },
        ErrorPage::ScopesMissing => Explanation {
            title: "Some permissions are missing",
            cause: "These permissions were not granted: {scopes}. Nothing was saved.",
            remedy: "Start again and leave all permissions selected.",
            operator: "Not granted: {scope_names}. EVERTOKEN_SCOPES (Scopes in the template) lists the permissions that the service asks for.",
        },
        ErrorPage::PersonalAccount => Explanation {
            title: "This is a personal account",
            cause: "@{username} is a personal account, but Instagram only allows professional accounts to connect.",
            remedy: "In the Instagram app, open Settings > Account type and tools > Switch to professional account. It is free. Then start again.",
            operator: "No action needed. Instagram's API only supports Business and Creator accounts.",
        },
        ErrorPage::OtherAccount => Explanation {
            title: "This link is for a different account",
            cause: "You logged in as @{username}, but this link is for {expected}. Nothing was saved.",
            remedy: "Open [Instagram](https://www.instagram.com/) and switch to the right account. Then start again.",
            operator: "To replace the stored account with a different one, run evertoken invite --replace and send the new link.",
        },
        ErrorPage::TesterNotAccepted => Explanation {
            title: "This account does not have access yet",
            cause: "Instagram does not let this account connect yet. Usually, an invitation on Instagram has not been accepted.",
            remedy: "On a computer, log in to Instagram with this account, open [Apps and websites](https://www.instagram.com/accounts/manage_access/) and accept the invitation under Tester invites. Then start again.",
            operator: ProviderErrorKind::TesterNotAccepted.remedy(),
        },
        ErrorPage::LoginNotOffered => Explanation {
            title: "This login is not offered here",
            cause: "The link asks for a login that this service does not offer.",
            remedy: ASK_FOR_NEW_LINK,
            operator: "Set EVERTOKEN_PROVIDER (Provider in the template) to both, or create an invite without --provider.",
        },
        ErrorPage::ChoiceExpired => Explanation {
            title: "The selection has expired",
            cause: "An account must be selected within ten minutes after the login, in the same browser.",
            remedy: "Start again.",
            operator: "No action needed. The selection is kept in a cookie of the browser and nowhere else.",
        },
        ErrorPage::ChoiceNotOffered => Explanation {
            title: "This account cannot be selected",
            cause: "The selected account is not among those that your Facebook login gives access to, or you selected more accounts than the link allows.",
            remedy: "Go back and select again, or start again.",
            operator: "To let one login connect several accounts, create the invite with --accounts many.",
        },
        ErrorPage::NoPages => Explanation {
            title: "No Facebook Page was found",
            cause: "Instagram accounts are reached through a Facebook Page here. Your Facebook account manages none, or you selected none on Facebook.",
            remedy: "Start again and select the page on Facebook, with the Facebook account that has full control of it. If there is no page yet, create one on Facebook and link your Instagram account to it.",
            operator: ProviderErrorKind::NoPages.remedy(),
        },
        ErrorPage::NoLinkedAccount => Explanation {
            title: "No Instagram account is linked to your page",
            cause: "None of your Facebook Pages has a linked professional Instagram account.",
            remedy: "On Facebook, open the settings of the page, then Linked accounts, and link the Instagram account. If it is linked already, unlink it and link it again. Then start again.",
            operator: ProviderErrorKind::NoLinkedAccount.remedy(),
        },
        ErrorPage::PagesNotGranted => Explanation {
            title: "Access to your page was not granted",
            cause: "Your Facebook Page or its Instagram account was not selected on Facebook, or you do not have full control of the page.",
            remedy: "Start again. On Facebook, choose to edit the previous settings, and select the page and the Instagram account.",
            operator: ProviderErrorKind::PagesNotGranted.remedy(),
        },
        ErrorPage::PagesUnreadable => Explanation {
            title: "Facebook did not list your pages",
            cause: "Facebook refused to say which Facebook Pages you manage.",
            remedy: "Start again. If the problem persists, contact the operator of this service and include the reference below.",
            operator: ProviderErrorKind::PagesUnreadable.remedy(),
        },
        ErrorPage::PageTokenExpires => Explanation {
            title: "The connection would end within hours",
            cause: "Facebook gave access for a short time only. Nothing was saved.",
            remedy: "Start again. If the problem persists, contact the operator of this service and include the reference below.",
            operator: ProviderErrorKind::PageTokenExpires.remedy(),
        },
        ErrorPage::PageRoleLost => Explanation {
            title: "You have no role on this Facebook Page",
            cause: "Facebook reports that you no longer manage the page that the Instagram account is linked to.",
            remedy: "Ask somebody who has full control of the page to connect the account, or to give you full control.",
            operator: ProviderErrorKind::PageRoleLost.remedy(),
        },
        ErrorPage::DataAccessExpired => Explanation {
            title: "The access has ended",
            cause: "Nobody has confirmed the connection on Facebook for 90 days.",
            remedy: "Start again and confirm the connection on Facebook.",
            operator: ProviderErrorKind::DataAccessExpired.remedy(),
        },
        ErrorPage::AccountUnlinked => Explanation {
            title: "The Instagram account cannot be reached",
            cause: "The account is no longer linked to the Facebook Page, or it was not selected on Facebook.",
            remedy: "On Facebook, open the settings of the page, then Linked accounts, and check the Instagram account. Then start again, and select the page and the account.",
            operator: ProviderErrorKind::AccountUnlinked.remedy(),
        },
        ErrorPage::ProofRejected => Explanation {
            title: "Facebook does not accept this service",
            cause: "Facebook refused a request of this service. Nothing was saved.",
            remedy: CONTACT_OPERATOR,
            operator: ProviderErrorKind::ProofRejected.remedy(),
        },
        ErrorPage::FacebookNotSetUp => Explanation {
            title: "The login with Facebook is not set up",
            cause: "This service cannot use the login with Facebook yet.",
            remedy: CONTACT_OPERATOR,
            operator: ProviderErrorKind::NotConfigured.remedy(),
        },
        ErrorPage::InsufficientRole => Explanation {
            title: "This account has not been invited on Instagram",
            cause: "Instagram only lets invited accounts connect to this service.",
            remedy: "Ask the operator of this service to invite your account. Then accept the invitation on Instagram under [Apps and websites](https://www.instagram.com/accounts/manage_access/), and start again. Also check which account your browser is logged in to.",
            operator: ProviderErrorKind::InsufficientRole.remedy(),
        },
        ErrorPage::AppCredentials => Explanation {
            title: "This service is not set up correctly",
            cause: "Instagram did not accept a setting of this service. Nothing was saved.",
            remedy: CONTACT_OPERATOR,
            operator: ProviderErrorKind::WrongAppCredentials.remedy(),
        },
        ErrorPage::RedirectMismatch => Explanation {
            title: "Instagram does not know this service yet",
            cause: "A setting at Instagram is missing, so Instagram could not continue the login. Nothing was saved.",
            remedy: CONTACT_OPERATOR,
            operator: ProviderErrorKind::RedirectMismatch.remedy(),
        },
        ErrorPage::InvalidScope => Explanation {
            title: "This service asks for an unknown permission",
            cause: "Instagram does not recognize one of the permissions that this service asks for. Nothing was saved.",
            remedy: CONTACT_OPERATOR,
            operator: "EVERTOKEN_SCOPES takes permissions that start with instagram_business_. Instagram retired user_profile and user_media in December 2024, and business_basic and similar names in January 2025.",
        },
        ErrorPage::CapabilityMissing => Explanation {
            title: "Instagram does not allow this yet",
            cause: "A setting at Instagram is missing. Nothing was saved.",
            remedy: CONTACT_OPERATOR,
            operator: ProviderErrorKind::CapabilityMissing.remedy(),
        },
        ErrorPage::RequestRefused => Explanation {
            title: "Instagram did not accept the login",
            cause: "The login could not be completed. Nothing was saved.",
            remedy: CONTACT_OPERATOR,
            operator: "Check EVERTOKEN_GRAPH_VERSION, because a retired version of the Graph API causes this error. If the version is current, report the problem with the code and trace ID from the log.",
        },
        ErrorPage::InstagramUnavailable => Explanation {
            title: "Instagram is currently unavailable",
            cause: "Instagram did not respond, or reported a temporary error. Nothing was saved.",
            remedy: TRY_LATER,
            operator: "Check metastatus.com for outages. The log shows the step and the error.",
        },
        ErrorPage::InstagramUnclear => Explanation {
            title: "Unexpected response from Instagram",
            cause: "The service could not understand Instagram's response. Nothing was saved.",
            remedy: TRY_LATER,
            operator: "The log shows the step, code and trace ID. If the problem persists, report it to the Evertoken project.",
        },
        ErrorPage::Throttled => Explanation {
            title: "Too many requests to Instagram",
            cause: "Instagram is not accepting more logins right now. Nothing was saved.",
            remedy: "Wait an hour, then start again.",
            operator: "The app has reached its rate limit (code 4, 17, 32, 613 or 800xx). Meta's dashboard shows the usage. More attempts make the wait longer.",
        },
        ErrorPage::PolicyBlock => Explanation {
            title: "Temporarily blocked by Instagram",
            cause: "Instagram has temporarily blocked this service or your account. Nothing was saved.",
            remedy: "Check the Instagram app for a message, and start again later.",
            operator: ProviderErrorKind::PolicyBlock.remedy(),
        },
        ErrorPage::ActionBlocked => Explanation {
            title: "Instagram has restricted this account",
            cause: ProviderErrorKind::ActionBlocked.cause(),
            remedy: "Open Instagram and follow the instructions there. Then start again.",
            operator: ProviderErrorKind::ActionBlocked.remedy(),
        },
        ErrorPage::Checkpoint => Explanation {
            title: "Instagram needs your confirmation",
            cause: ProviderErrorKind::Checkpoint.cause(),
            remedy: "Open [Instagram](https://www.instagram.com/) in a browser and follow the instructions. Then start again.",
            operator: ProviderErrorKind::Checkpoint.remedy(),
        },
        ErrorPage::Unconfirmed => Explanation {
            title: "This Instagram account is not confirmed",
            cause: ProviderErrorKind::Unconfirmed.cause(),
            remedy: "Confirm it in the Instagram app. Then start again.",
            operator: ProviderErrorKind::Unconfirmed.remedy(),
        },
        ErrorPage::AppRemoved => Explanation {
            title: "The permission was withdrawn during the login",
            cause: "The connection was removed from this account, or Instagram withdrew it. Nothing was saved.",
            remedy: "Start again and choose Allow.",
            operator: ProviderErrorKind::AppRemoved.remedy(),
        },
        ErrorPage::PasswordChanged => Explanation {
            title: "Instagram ended your session",
            cause: "The password was changed, or Instagram ended the session for security reasons. Nothing was saved.",
            remedy: "Log in to Instagram again. Then start again here.",
            operator: ProviderErrorKind::PasswordChanged.remedy(),
        },
        ErrorPage::TokenRefused => Explanation {
            title: "The connection test failed",
            cause: "Instagram granted access, but rejected it when the service tested it. Nothing was saved.",
            remedy: TRY_LATER,
            operator: "Code 190. If the problem persists, check that EVERTOKEN_GRAPH_URL and EVERTOKEN_FACEBOOK_GRAPH_URL are not set, unless you test against the sandbox.",
        },
        ErrorPage::PermissionMissing => Explanation {
            title: "A permission was not granted",
            cause: "A permission that this service needs was not granted or was withdrawn.",
            remedy: "Start again and leave all permissions selected.",
            operator: ProviderErrorKind::PermissionMissing.remedy(),
        },
        ErrorPage::VaultUnavailable => Explanation {
            title: "The account could not be saved",
            cause: "The storage of this service did not respond.",
            remedy: TRY_LATER,
            operator: "The log shows the error code of the vault.",
        },
        ErrorPage::VaultDenied => Explanation {
            title: "This service is not allowed to save the account",
            cause: "Access to the storage of this service was denied.",
            remedy: CONTACT_OPERATOR,
            operator: "Compare the function's role with the template. If you use your own KMS key, check its key policy. The log shows the AWS error code.",
        },
        ErrorPage::VaultUnreadable => Explanation {
            title: "The account could not be saved here",
            cause: "This service already keeps something else in this place, and left it unchanged.",
            remedy: CONTACT_OPERATOR,
            operator: "The secret with this name is not an account document, or a later version of Evertoken wrote it. Move the secret or choose a different account name.",
        },
        ErrorPage::AppNotSetUp => Explanation {
            title: "This service is not set up yet",
            cause: "The operator has not finished the setup.",
            remedy: CONTACT_OPERATOR,
            operator: "Fill in the app secret: {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}. The log names the secret and what is wrong with it.",
        },
        ErrorPage::CredentialsUnavailable => Explanation {
            title: "You cannot log in right now",
            cause: "The service could not read its own settings.",
            remedy: TRY_LATER,
            operator: "The log shows the name of the secret and the AWS error code.",
        },
        ErrorPage::Internal => Explanation {
            title: "Something went wrong",
            cause: "An internal error occurred in this service.",
            remedy: TRY_LATER,
            operator: "The operating system did not provide random numbers. If the problem persists, restart the service.",
        },
        ErrorPage::ReceiptInvalid => Explanation {
            title: "There is nothing to show",
            cause: "This page shows the result of a login for one hour.",
            remedy: "You do not need to do anything. Connected accounts stay connected.",
            operator: "Run evertoken list to see the connected accounts.",
        },
        ErrorPage::RevealRefused => Explanation {
            title: "This can no longer be shown",
            cause: "The text to copy is shown in the browser that connected the account, for ten minutes after the login.",
            remedy: "If you still need it, ask the person who sent you the link for a new one.",
            operator: "Create another invite with evertoken invite --reveal, or pass the token on yourself: evertoken token prints it.",
        },
        ErrorPage::RevealUsed => Explanation {
            title: "This has already been shown",
            cause: "The text to copy is shown once. Reloading the page does not show it again.",
            remedy: "If you could not copy it, ask the person who sent you the link for a new one.",
            operator: "Create another invite with evertoken invite --reveal. If the owner did not see the token, somebody else did: ask them to remove the app on Instagram and to connect again.",
        },
        ErrorPage::SignedRequestMalformed => Explanation {
            title: "This request is incomplete",
            cause: "A part of the request is missing. Nothing was changed.",
            remedy: CLOSE_PAGE,
            operator: "Meta sends this field. Check the deauthorize callback URL and the data deletion request URL in Meta's dashboard.",
        },
        ErrorPage::SignedRequestForged => Explanation {
            title: "This request does not come from Instagram",
            cause: "It could not be verified. Nothing was changed.",
            remedy: CLOSE_PAGE,
            operator: "If Meta sent the request, add the app's other or previous secret to previous_app_secrets.",
        },
        ErrorPage::SignedRequestOutdated => Explanation {
            title: "This request is outdated",
            cause: "It was made before the account was last connected. Nothing was changed.",
            remedy: CLOSE_PAGE,
            operator: "To remove the present connection, the account's owner removes the app on Instagram again.",
        },
        ErrorPage::BodyTooLarge => Explanation {
            title: "The request is too large",
            cause: "It is larger than any request that Instagram sends. Nothing was changed.",
            remedy: CLOSE_PAGE,
            operator: "Meta's requests are much smaller, so Meta probably did not send this one.",
        },
        ErrorPage::DeletionUnknown => Explanation {
            title: "Unknown confirmation code",
            cause: "The code is incomplete, was changed, or belongs to a different service.",
            remedy: "Open the complete address again, as Instagram shows it.",
            operator: "Confirmation codes are signed. A code is no longer recognized once its key has been removed from the signing secret.",
        },
        ErrorPage::NotFound => Explanation {
            title: "Page not found",
            cause: "There is no page at this address.",
            remedy: "Open the link you were given again.",
            operator: "Check the link that you sent. Invite links start with the address in EVERTOKEN_PUBLIC_URL.",
        },
        ErrorPage::WrongMethod => Explanation {
            title: "This page cannot be opened this way",
            cause: "The address does not accept this type of request.",
            remedy: "Open the link you were given again.",
            operator: "Pages are opened with GET. Meta calls /deauthorize and /data-deletion with POST.",
        },
    }
}
