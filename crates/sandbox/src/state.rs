//! The state of a sandbox.

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};

use crate::account::{Account, InstagramId};
use crate::accounts::Accounts;
use crate::activity_log::ActivityLog;
use crate::app::App;
use crate::authorization_code::AuthorizationCode;
use crate::clock::Clock;
use crate::counters::Counters;
use crate::facebook::state::FacebookState;
use crate::fault_queue::FaultQueue;
use crate::media_library::MediaLibrary;
use crate::random_id::{new_code, new_token};
use crate::settings::Settings;
use crate::shapes::Shapes;
use crate::token::{Invalidation, SHORT_LIVED_LIFETIME, Token, TokenKind};

pub(crate) struct SandboxState {
    /// Restored by a reset.
    initial: Settings,
    pub(crate) app: App,
    pub(crate) shapes: Shapes,
    pub(crate) accounts: Accounts,
    pub(crate) codes: HashMap<String, AuthorizationCode>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) media: MediaLibrary,
    pub(crate) clock: Clock,
    pub(crate) faults: FaultQueue,
    pub(crate) counters: Counters,
    pub(crate) activities: ActivityLog,
    pub(crate) facebook: FacebookState,
    serial: u64,
}

impl SandboxState {
    pub(crate) fn new(settings: Settings, clock: &Clock) -> Self {
        let clock = clock.starting_at(settings.start);
        Self {
            app: App::from(&settings),
            shapes: settings.shapes,
            accounts: settings.facebook.accounts.iter().chain(&settings.accounts).cloned().collect(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            media: MediaLibrary::new(clock.now()),
            clock,
            faults: FaultQueue::default(),
            counters: Counters::default(),
            activities: ActivityLog::default(),
            facebook: FacebookState::new(&settings),
            serial: 0,
            initial: settings,
        }
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.initial.clone(), &self.clock);
    }

    /// Registers a redirect URI. A reset keeps it.
    pub(crate) fn register_redirect_uri(&mut self, uri: &str) {
        for registered in [&mut self.initial.redirect_uris, &mut self.app.redirect_uris] {
            if !registered.iter().any(|known| known == uri) {
                registered.push(uri.to_owned());
            }
        }
    }

    pub(crate) fn issue_code(
        &mut self,
        account: InstagramId,
        redirect_uri: &str,
        scopes: Vec<String>,
        issued_at: OffsetDateTime,
    ) -> String {
        let code = new_code(self.next_serial());
        let redirect_uri = redirect_uri.to_owned();
        self.codes.insert(code.clone(), AuthorizationCode { account, redirect_uri, scopes, issued_at, used: false });
        code
    }

    pub(crate) fn issue_token(
        &mut self,
        account: InstagramId,
        kind: TokenKind,
        scopes: Vec<String>,
        issued_at: OffsetDateTime,
    ) -> String {
        let expires_at = issued_at.saturating_add(self.lifetime(kind));
        let text = self.new_token_text();
        let owner = self.accounts.get(account);
        let dies = kind == TokenKind::Long && owner.is_some_and(|owner| owner.password_changes_during_login);
        let invalidation = dies.then_some(Invalidation::PasswordChanged);
        self.tokens.insert(text.clone(), Token { account, kind, scopes, issued_at, expires_at, invalidation });
        text
    }

    /// The text of a token that is not issued.
    pub(crate) fn new_token_text(&mut self) -> String {
        new_token(self.next_serial())
    }

    pub(crate) fn lifetime(&self, kind: TokenKind) -> Duration {
        match kind {
            TokenKind::Short => SHORT_LIVED_LIFETIME,
            TokenKind::Long => Duration::seconds(self.shapes.long_lived_seconds.into()),
        }
    }

    /// Replaces `before` by `after`, updates its codes and tokens, and invalidates or restores the tokens.
    pub(crate) fn replace_account(&mut self, before: &Account, after: Account) {
        let id = after.app_scoped_id;
        if id != before.app_scoped_id {
            self.accounts.remove(before.app_scoped_id);
            self.media.change_account_id(before.app_scoped_id, id);
            let of_tokens = self.tokens.values_mut().map(|token| &mut token.account);
            let of_codes = self.codes.values_mut().map(|code| &mut code.account);
            of_tokens
                .chain(of_codes)
                .filter(|account| **account == before.app_scoped_id)
                .for_each(|account| *account = id);
        }
        if after.sample_posts != before.sample_posts {
            self.media.forget(id);
        }
        let flags = [
            (before.revoked, after.revoked, Invalidation::Revoked),
            (before.password_changed, after.password_changed, Invalidation::PasswordChanged),
        ];
        let was_reset = |cause| flags.iter().any(|(was, is, flag)| *was && !is && *flag == cause);
        let current = flags.iter().find(|(_, is, _)| *is).map(|(_, _, flag)| *flag);
        self.accounts.insert(after);
        for token in self.tokens.values_mut().filter(|token| token.account == id) {
            token.invalidation = token.invalidation.filter(|cause| !was_reset(*cause)).or(current);
        }
    }

    /// Removes an account with its codes and tokens.
    pub(crate) fn remove_account(&mut self, id: InstagramId) {
        self.accounts.remove(id);
        self.media.forget(id);
        self.codes.retain(|_, code| code.account != id);
        self.tokens.retain(|_, token| token.account != id);
    }

    fn next_serial(&mut self) -> u64 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }
}
