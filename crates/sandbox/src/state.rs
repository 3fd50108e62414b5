//! Everything a sandbox knows.

use std::collections::{BTreeMap, HashMap};

use time::{Duration, OffsetDateTime};

use crate::account::{Account, InstagramId};
use crate::clock::Clock;
use crate::counters::Counters;
use crate::faults::Faults;
use crate::grants::{self, Code, Fate, Kind, SHORT_LIVED, Token};
use crate::settings::Settings;

pub(crate) struct State {
    /// What a reset goes back to.
    initial: Settings,
    /// The app and the shapes as they are now. Its list of accounts is not looked at: `accounts` is.
    pub(crate) app: Settings,
    pub(crate) accounts: BTreeMap<InstagramId, Account>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) counters: Counters,
    serial: u64,
}

impl State {
    pub(crate) fn new(settings: Settings, clock: &Clock) -> Self {
        Self {
            accounts: settings.accounts.iter().map(|one| (one.app_scoped_id, one.clone())).collect(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            clock: clock.starting_at(settings.start),
            faults: Faults::default(),
            counters: Counters::default(),
            serial: 0,
            app: Settings { accounts: Vec::new(), ..settings.clone() },
            initial: settings,
        }
    }

    /// Forgets all that happened.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.initial.clone(), &self.clock);
    }

    /// Registers a redirect URI for now and after a reset.
    pub(crate) fn register_redirect_uri(&mut self, uri: &str) {
        for settings in [&mut self.initial, &mut self.app] {
            if !settings.redirect_uris.iter().any(|known| known == uri) {
                settings.redirect_uris.push(uri.to_owned());
            }
        }
    }

    /// The account with this user name or either of these ids.
    pub(crate) fn find_account(&self, name: &str) -> Option<&Account> {
        let by_key = name.parse().ok().and_then(|id| self.accounts.get(&id));
        by_key.or_else(|| {
            let id = name.parse().ok();
            self.accounts.values().find(|one| one.username == name || Some(one.account_id) == id)
        })
    }

    pub(crate) fn issue_code(
        &mut self,
        account: InstagramId,
        redirect_uri: &str,
        scopes: Vec<String>,
        issued_at: OffsetDateTime,
    ) -> String {
        let code = grants::new_code(self.next_serial());
        let redirect_uri = redirect_uri.to_owned();
        self.codes.insert(code.clone(), Code { account, redirect_uri, scopes, issued_at, used: false });
        code
    }

    /// Issues a token with the life that its kind has.
    pub(crate) fn issue_token(
        &mut self,
        account: InstagramId,
        kind: Kind,
        scopes: Vec<String>,
        issued_at: OffsetDateTime,
    ) -> String {
        let expires_at = issued_at.saturating_add(self.life(kind));
        let text = self.new_token_text();
        self.tokens.insert(text.clone(), Token { account, kind, scopes, issued_at, expires_at, fate: None });
        text
    }

    /// A string that looks like a token. It is none until it is put among the tokens.
    pub(crate) fn new_token_text(&mut self) -> String {
        grants::new_token(self.next_serial())
    }

    pub(crate) fn life(&self, kind: Kind) -> Duration {
        match kind {
            Kind::Short => SHORT_LIVED,
            Kind::Long => Duration::seconds(self.app.shapes.long_lived_seconds.into()),
        }
    }

    /// Ends all tokens that the account has now.
    pub(crate) fn end_tokens(&mut self, account: InstagramId, fate: Fate) {
        for token in self.tokens.values_mut().filter(|token| token.account == account) {
            token.fate.get_or_insert(fate);
        }
    }

    /// Takes back what ended the account's tokens.
    pub(crate) fn revive_tokens(&mut self, account: InstagramId, fate: Fate) {
        for token in self.tokens.values_mut().filter(|token| token.account == account) {
            token.fate = token.fate.filter(|ended_by| *ended_by != fate);
        }
    }

    fn next_serial(&mut self) -> u64 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }
}
