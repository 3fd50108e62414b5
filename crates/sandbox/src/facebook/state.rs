//! The state of Facebook's side.

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};

use crate::facebook::app::MetaApp;
use crate::facebook::authorization_code::FacebookCode;
use crate::facebook::granted::Granted;
use crate::facebook::id::FacebookId;
use crate::facebook::person::Person;
use crate::facebook::persons::Persons;
use crate::facebook::shapes::{ExpiresIn, FacebookShapes};
use crate::facebook::token::{FacebookInvalidation, FacebookToken, TokenOwner};
use crate::random_id::{new_code, new_facebook_token};
use crate::settings::Settings;

pub(crate) struct FacebookState {
    pub(crate) app: MetaApp,
    pub(crate) shapes: FacebookShapes,
    pub(crate) persons: Persons,
    pub(crate) granted: HashMap<FacebookId, Granted>,
    pub(crate) codes: HashMap<String, FacebookCode>,
    pub(crate) tokens: HashMap<String, FacebookToken>,
    /// Page tokens by the token that they were obtained with. As on Facebook, the same request gives the same token.
    page_tokens: HashMap<(String, FacebookId), String>,
    serial: u64,
}

impl FacebookState {
    pub(crate) fn new(settings: &Settings) -> Self {
        let facebook = &settings.facebook;
        Self {
            app: MetaApp::new(&settings.meta_app_id, &settings.meta_app_secret, facebook),
            shapes: facebook.shapes,
            persons: facebook.persons.iter().cloned().collect(),
            granted: HashMap::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            page_tokens: HashMap::new(),
            serial: 0,
        }
    }

    pub(crate) fn issue_code(&mut self, code: FacebookCode) -> String {
        let text = new_code(self.next_serial());
        self.codes.insert(text.clone(), code);
        text
    }

    pub(crate) fn issue_token(&mut self, token: FacebookToken) -> String {
        let text = self.new_token_text();
        self.tokens.insert(text.clone(), token);
        text
    }

    /// The text of a token that is not issued.
    pub(crate) fn new_token_text(&mut self) -> String {
        new_facebook_token(self.next_serial())
    }

    /// The person's user token as of now. A short-lived one if a code gives it.
    pub(crate) fn user_token(&self, person: FacebookId, is_short_lived: bool, now: OffsetDateTime) -> FacebookToken {
        let expires_at = match (is_short_lived, self.shapes.expires_in) {
            (true, _) => Some(after(now, self.shapes.short_lived_seconds)),
            (false, ExpiresIn::Never) => None,
            (false, _) => Some(after(now, self.shapes.long_lived_seconds)),
        };
        FacebookToken {
            app_id: self.app.id.clone(),
            person,
            owner: TokenOwner::User,
            scopes: self.granted.get(&person).map(|granted| granted.scopes.clone()).unwrap_or_default(),
            is_system_users: false,
            pages: None,
            issued_at: now,
            expires_at,
            is_short_lived,
            invalidation: None,
        }
    }

    /// The page's token for the holder of a user or system-user token. One from a short-lived user token, or from a dated
    /// system-user token, expires with it; that from a long-lived user token does not expire (Meta, "Get long-lived tokens").
    pub(crate) fn page_token(&mut self, with: &str, page: FacebookId, now: OffsetDateTime) -> Option<String> {
        if let Some(known) = self.page_tokens.get(&(with.to_owned(), page)) {
            return Some(known.clone());
        }
        let token = self.tokens.get(with)?.clone();
        let expires_at = token.expires_at.filter(|_| token.is_short_lived || token.is_system_users);
        let text =
            self.issue_token(FacebookToken { owner: TokenOwner::Page(page), issued_at: now, expires_at, ..token });
        self.page_tokens.insert((with.to_owned(), page), text.clone());
        Some(text)
    }

    /// When the app's access to the data of a person ends. `None` if the person has not logged in.
    pub(crate) fn data_access_expires_at(&self, person: FacebookId) -> Option<OffsetDateTime> {
        Some(after(self.granted.get(&person)?.at?, self.shapes.data_access_seconds))
    }

    /// Replaces `before` by `after`, and invalidates or restores the tokens.
    pub(crate) fn replace_person(&mut self, before: &Person, after: Person) {
        let id = after.id;
        if id != before.id {
            if let Some(granted) = self.granted.remove(&before.id) {
                self.granted.insert(id, granted);
            }
            let of_tokens = self.tokens.values_mut().map(|token| &mut token.person);
            let of_codes = self.codes.values_mut().map(|code| &mut code.person);
            of_tokens.chain(of_codes).filter(|person| **person == before.id).for_each(|person| *person = id);
        }
        let flags = [
            (before.revoked, after.revoked, FacebookInvalidation::Revoked),
            (before.password_changed, after.password_changed, FacebookInvalidation::PasswordChanged),
        ];
        self.persons.replace(before.id, after);
        for token in self.tokens.values_mut().filter(|token| token.person == id) {
            for (was, is, cause) in flags {
                // A system user has no password.
                if token.is_system_users && cause == FacebookInvalidation::PasswordChanged {
                    continue;
                }
                if was && !is && token.invalidation == Some(cause) {
                    token.invalidation = None;
                }
                if is {
                    token.invalidation = token.invalidation.or(Some(cause));
                }
            }
        }
    }

    /// Removes a person with codes and tokens.
    pub(crate) fn remove_person(&mut self, id: FacebookId) {
        self.persons.remove(id);
        self.granted.remove(&id);
        self.codes.retain(|_, code| code.person != id);
        self.tokens.retain(|_, token| token.person != id);
    }

    fn next_serial(&mut self) -> u64 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }
}

pub(crate) fn after(start: OffsetDateTime, seconds: u32) -> OffsetDateTime {
    start.saturating_add(Duration::seconds(seconds.into()))
}
