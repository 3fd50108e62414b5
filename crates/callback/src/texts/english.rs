//! English.

use super::{Explanation, Phrases, explain};
use crate::topic::Topic;

pub(super) const PHRASES: Phrases = Phrases {
    code: "en",
    home_title: "Instagram access that lasts",
    home_what: "This service keeps the access to an Instagram account alive: you allow it once, and it is renewed before it runs out.",
    home_connect: "Connect an account",
    home_professional: "It works with professional accounts (Business or Creator).",
    home_invited: "To connect an account you need an invitation link. Ask the person who runs this service for one.",
    note_title: "Connect your Instagram account",
    note_lead: "The person who invited you writes:",
    note_next: "Next, Instagram asks you whether you allow it. You can take it back there at any time.",
    note_continue: "Continue to Instagram",
    connected_title: "Connected",
    connected_heading: "@{username} is connected",
    connected_done: "There is nothing left for you to do. The access is renewed by itself, long before it runs out.",
    connected_account: "Account",
    connected_until: "The present access lasts until",
    connected_location: "Where it is kept",
    connected_command: "Whoever runs this service reads it with:",
    deletion_title: "Your data was deleted",
    deletion_account: "All that was stored about your Instagram account was deleted for good: the access to it, its ids, its user name, and when it was connected.",
    deletion_nothing: "Nothing was stored about your Instagram account when the request came.",
    deletion_when: "Date of the request (UTC)",
    deletion_left: "Nothing is left to do for you.",
    problem_start: "Start again",
    problem_operator: "For the person who runs this service",
    problem_reference: "Reference, also in the log:",
};

const AGAIN: &str = "Start again from the link that you were given.";
const NEW_INVITE: &str = "Ask the person who sent it to you for a new link.";
const LATER: &str =
    "Start again in a minute. If it lasts, tell the person who runs this service, with the reference below.";
const TELL: &str = "You have done nothing wrong. Tell the person who runs this service, with the reference below.";

#[expect(clippy::too_many_lines, reason = "a table, one row a page")]
pub(super) fn explanation(topic: Topic) -> Explanation {
    match topic {
        Topic::InviteMissing => explain(
            "You need an invitation",
            "Accounts are connected here through an invitation link only.",
            "Ask the person who sent you here for a link.",
        ),
        Topic::InviteForged => explain(
            "This invitation is not valid",
            "The link was changed or cut off on its way, or it was made for another service.",
            "Open the whole link again; if that does not help, ask for a new one.",
        ),
        Topic::InviteExpired => explain(
            "This invitation has expired",
            "Invitation links hold for a limited time.",
            NEW_INVITE,
        ),
        Topic::InviteUsed => explain(
            "This invitation was used already",
            "It was made for one login, and an account was connected with it.",
            "If that was you, nothing is left to do. If not, ask the person who sent it to you for a new link.",
        ),
        Topic::ReturnNotAllowed => explain(
            "This link leads to a place that is not allowed",
            "After the login it would send you to an address that this service does not know.",
            NEW_INVITE,
        )
        .operator("Add the address to EVERTOKEN_RETURN_URLS (ReturnUrls in the template), or make a link without it."),
        Topic::Cancelled => explain(
            "You have not connected the account",
            "You chose Cancel on Instagram's page. Nothing was stored.",
            "Start again if that was not what you wanted.",
        ),
        Topic::StateMissing => explain(
            "This page cannot be opened by itself",
            "It belongs to a login, and no login was begun.",
            AGAIN,
        ),
        Topic::StateForged => explain(
            "This login cannot be continued",
            "Its address was changed or cut off on the way back from Instagram.",
            AGAIN,
        ),
        Topic::StateExpired => explain(
            "This login took too long",
            "A login has to be finished within ten minutes.",
            AGAIN,
        ),
        Topic::StateUsed => explain(
            "This login is over",
            "It was tried before and did not succeed; going back or reloading cannot repeat it.",
            AGAIN,
        ),
        Topic::OtherBrowser => explain(
            "This login was not started in this browser",
            "It began in another browser or app (the Instagram app opens its own), or your browser refuses cookies.",
            "Copy the link that you were given, open it in one browser, and stay there until the end.",
        ),
        Topic::CodeMissing => explain(
            "Instagram's answer is incomplete",
            "Instagram sent you back without an authorization code.",
            AGAIN,
        ),
        Topic::CodeUsed => explain(
            "Instagram's answer was used already",
            "An answer of Instagram's is good for one use within an hour, and this one is used up.",
            AGAIN,
        ),
        Topic::ScopesMissing => explain(
            "A permission is missing",
            "These permissions were not granted: {scopes}.",
            "Start again and leave every permission ticked. Nothing was stored.",
        )
        .operator("EVERTOKEN_SCOPES (Scopes in the template) says what is asked for."),
        Topic::PersonalAccount => explain(
            "This is a personal account",
            "@{username} is a personal account, and Instagram serves professional accounts only.",
            "In the Instagram app open Settings > Account type and tools > Switch to professional account; it is free. Then start again.",
        ),
        Topic::OtherAccount => explain(
            "This is another account than expected",
            "You logged in as @{username}, but this link is for {expected}.",
            "Open https://www.instagram.com/ and switch to the right account, then start again. Nothing was stored.",
        )
        .operator("If the new account is to take the place of the old one, make an invite that allows it (evertoken invite --replace)."),
        Topic::TesterNotAccepted => explain(
            "Instagram does not let this account in yet",
            "This account has not accepted the tester invitation, or the app lacks Advanced Access.",
            "In a desktop browser, logged in as this account, open https://www.instagram.com/accounts/manage_access/ and accept under Tester invites. Then start again.",
        )
        .operator("Instagram said \"Unsupported request - method type: get\" (code 100). For accounts of your own: App roles > Roles > Instagram Testers in Meta's dashboard; check the spelling, and that the invitation (30 days) is accepted. For everybody else's: App Review for Advanced Access, Business Verification, and the yearly data use checkup."),
        Topic::InsufficientRole => explain(
            "This account has no part in the app yet",
            "The app is still in development, and Instagram lets in only accounts that have a role in it.",
            "Ask the person who runs this service to add you as an Instagram tester, accept at https://www.instagram.com/accounts/manage_access/, and start again. Check which account your browser is logged in to.",
        )
        .operator("Add the account under App roles > Roles > Instagram Testers in Meta's dashboard, or bring the app through App Review (Instagram said \"Insufficient developer role\")."),
        Topic::AppCredentials => explain(
            "This service is not set up right",
            "Instagram does not accept the app's id or secret.",
            TELL,
        )
        .operator("Copy Instagram app ID and Instagram app secret from Instagram > API setup with Instagram login > Business login settings; those under App settings > Basic are another pair (\"Invalid platform app\"). Look for white space around the secret."),
        Topic::RedirectMismatch => explain(
            "This service's address is not registered",
            "Instagram does not know the address that it is to send you back to.",
            TELL,
        )
        .operator("Register the address of /callback in Business login settings > OAuth redirect URIs, the same to the letter: https, host, no slash at the end (the dashboard may add one when it saves; read it again)."),
        Topic::InvalidScope => explain(
            "This service asks for a permission that does not exist",
            "Instagram does not know one of the permissions.",
            TELL,
        )
        .operator("EVERTOKEN_SCOPES takes instagram_business_... permissions. user_profile and user_media ended with the Basic Display API in December 2024, business_basic and its kin in January 2025."),
        Topic::CapabilityMissing => explain(
            "The app lacks a capability",
            "Instagram says that the app may not do this (code 3).",
            TELL,
        )
        .operator("Add the Instagram product and its permissions to the app in Meta's dashboard."),
        Topic::RequestRefused => explain(
            "Instagram refused the request",
            "Instagram calls it malformed or not allowed.",
            TELL,
        )
        .operator("The log has step, code and trace id. A Graph version that has ended does this too: see EVERTOKEN_GRAPH_VERSION."),
        Topic::InstagramUnavailable => explain(
            "Instagram cannot be reached at the moment",
            "Instagram did not answer, or said that it has a passing fault. Nothing was stored.",
            LATER,
        ),
        Topic::InstagramUnclear => explain(
            "Instagram did not answer properly",
            "Its answer could not be understood. Nothing was stored.",
            LATER,
        ),
        Topic::Throttled => explain(
            "Instagram asks us to wait",
            "It allows no more logins for now. Nothing was stored.",
            "Start again in an hour.",
        )
        .operator("The app's limit is used up (codes 4, 17, 32, 613 or 800xx). Meta's dashboard shows the usage; further tries lengthen the wait."),
        Topic::PolicyBlock => explain(
            "Instagram has blocked this for a while",
            "It has blocked the app or the account for reasons of policy (code 368).",
            "Look into the Instagram app for a message to you, and start again later.",
        )
        .operator("Look at the app's alerts in Meta's dashboard."),
        Topic::ActionBlocked => explain(
            "Instagram has blocked this account's actions",
            "Instagram does not let this account do what was asked.",
            "Open Instagram, follow what it asks for, then start again.",
        ),
        Topic::Checkpoint => explain(
            "Instagram wants you to confirm something first",
            "It asks this account to log in on its own site and to follow the instructions there.",
            "Open https://www.instagram.com/ in a browser, do what it asks for, then start again.",
        ),
        Topic::Unconfirmed => explain(
            "This Instagram account is not confirmed",
            "Instagram waits for its e-mail address or telephone number to be confirmed.",
            "Confirm it in the Instagram app, then start again.",
        ),
        Topic::AppRemoved => explain(
            "The app was removed while you logged in",
            "Instagram says that this account has taken the access back.",
            "Start again and choose Allow.",
        ),
        Topic::PasswordChanged => explain(
            "Instagram has ended the session",
            "The password was changed, or Instagram ended all sessions for security reasons.",
            "Log in to Instagram again, then start again here.",
        ),
        Topic::TokenRefused => explain(
            "Instagram does not accept its own answer",
            "It issued an access and refused it when it was tried. Nothing was stored.",
            LATER,
        )
        .operator("Code 190. If it lasts, the hosts may not fit the kind of login (EVERTOKEN_PROVIDER, EVERTOKEN_GRAPH_URL)."),
        Topic::PermissionMissing => explain(
            "A permission was not granted",
            "Instagram says that a permission is missing or was taken back.",
            "Start again and leave every permission ticked.",
        )
        .operator("Code 10 or 200 to 299. The permission may need Advanced Access as well."),
        Topic::VaultUnavailable => explain(
            "The account could not be stored",
            "The place where access is kept did not answer.",
            LATER,
        ),
        Topic::VaultDenied => explain(
            "This service may not store the account",
            "The place where access is kept refuses this service.",
            TELL,
        )
        .operator("Compare the function's role with the template's, and the KMS key's policy if you use one. The log has AWS's error code."),
        Topic::VaultUnreadable => explain(
            "Something else is stored under this name",
            "What is there cannot be read, so it was left alone.",
            TELL,
        )
        .operator("Look at the secret of this name: it is not an account document, or of a later version of Evertoken. Move it away or choose another name."),
        Topic::AppNotSetUp => explain(
            "This service is not set up yet",
            "The Instagram app's id and secret are not filled in.",
            TELL,
        )
        .operator("Fill in the app secret: {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}. The log names the secret and what is wrong with it."),
        Topic::CredentialsUnavailable => explain(
            "This service cannot log you in at the moment",
            "Its own credentials could not be read.",
            LATER,
        )
        .operator("The log names the secret and AWS's error code."),
        Topic::Internal => explain(
            "Something went wrong here",
            "The machine that serves this page has a fault.",
            LATER,
        ),
        Topic::ReceiptInvalid => explain(
            "There is nothing to show",
            "This page shows a login for an hour after it is done.",
            "Nothing need be done: what was connected stays connected.",
        ),
        Topic::SignedRequestMalformed => explain(
            "There is no signed_request",
            "The request has no field signed_request that could be read.",
            "This address is for Instagram's servers. Nothing was changed.",
        ),
        Topic::SignedRequestForged => explain(
            "The signed_request is not valid",
            "It is not signed with this app's secret.",
            "This address is for Instagram's servers. Nothing was changed.",
        )
        .operator("If it came from Meta: add the app's other or earlier secret to previous_app_secrets."),
        Topic::BodyTooLarge => explain(
            "The request is too large",
            "It is larger than 64 KiB.",
            "This address is for Instagram's servers. Nothing was changed.",
        ),
        Topic::DeletionUnknown => explain(
            "This confirmation code is not known",
            "It was changed or cut off, or it was made by another service.",
            "Open the whole address again, as Instagram shows it.",
        ),
        Topic::NotFound => explain(
            "There is no such page",
            "The address leads nowhere.",
            "Open the link that you were given once more.",
        ),
        Topic::WrongMethod => explain(
            "This page is opened in another way",
            "The request's method does not fit the address.",
            "Open the link that you were given once more.",
        ),
    }
}
