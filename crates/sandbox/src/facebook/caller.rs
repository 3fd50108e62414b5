//! Who makes a call: the token, its person, and the pages that it reaches.

use time::OffsetDateTime;

use crate::account::{Account, AccountType, InstagramId};
use crate::facebook::id::FacebookId;
use crate::facebook::page::Page;
use crate::facebook::person::{Person, PersonKind};
use crate::facebook::proof;
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::token::{FacebookToken, TokenOwner};
use crate::facebook::token_rejection::FacebookTokenRejection;
use crate::graph_request::GraphRequest;
use crate::state::SandboxState;

/// The id of a business integration system user differs from that of the person whose login created it by this number.
const SYSTEM_USER_OFFSET: u64 = 7_000_000_000;

/// The holder of a valid token.
pub(crate) struct Caller {
    /// The token's text.
    pub(crate) text: String,
    pub(crate) token: FacebookToken,
    pub(crate) person: Person,
    pub(crate) scopes: Vec<String>,
    /// The pages that were granted, and on which the person still has a role. For a page token, the page alone.
    pub(crate) pages: Vec<Page>,
}

impl SandboxState {
    /// Checks version, token and proof of a call.
    pub(crate) fn caller(&self, request: &GraphRequest, now: OffsetDateTime) -> Result<Caller, FacebookRejection> {
        request.require_version(now)?;
        let facebook = &self.facebook;
        let text = request.token().ok_or_else(|| no_token(&request.path))?;
        let known = facebook.tokens.get(text).ok_or(FacebookTokenRejection::Unknown)?;
        proof::check(&facebook.app, text, Some(known), request.params.get("appsecret_proof"))?;
        let (token, person) = facebook.check_token(Some(text), now)?;
        Ok(self.holder(text, token, person))
    }

    /// What a token reaches.
    pub(crate) fn holder(&self, text: &str, token: &FacebookToken, person: &Person) -> Caller {
        let granted = self.facebook.granted.get(&person.id);
        let is_granted = |page: &Page| match (&token.pages, token.is_system_users) {
            (Some(pages), _) => pages.contains(&page.id),
            (None, true) => true,
            (None, false) => granted.is_some_and(|granted| granted.pages.contains(&page.id)),
        };
        let is_reached = |page: &&Page| match token.owner {
            TokenOwner::Page(own) => page.id == own,
            TokenOwner::User | TokenOwner::SystemUser => true,
        };
        let has_scope =
            |scope: &&String| token.is_system_users || granted.is_some_and(|granted| granted.scopes.contains(scope));
        Caller {
            text: text.to_owned(),
            scopes: token.scopes.iter().filter(has_scope).cloned().collect(),
            pages: person.offered_pages().filter(is_reached).filter(|page| is_granted(page)).cloned().collect(),
            token: token.clone(),
            person: person.clone(),
        }
    }

    /// The professional account with this id, if one of the caller's pages is linked to it.
    pub(crate) fn reached_account(&self, caller: &Caller, id: &str) -> Result<&Account, FacebookRejection> {
        let known = id.parse().ok().filter(|id| caller.pages.iter().any(|page| page.account() == Some(*id)));
        let account = known.and_then(|id| self.professional_account(id));
        account.ok_or_else(|| FacebookRejection::UnknownObject(id.to_owned()))
    }

    /// Only a professional account can be linked to a page.
    pub(crate) fn professional_account(&self, id: InstagramId) -> Option<&Account> {
        let is_wanted = |account: &&Account| account.account_id == id && account.account_type != AccountType::Personal;
        self.accounts.iter().find(is_wanted)
    }
}

fn no_token(path: &str) -> FacebookRejection {
    if path.split('/').any(|segment| segment == "me") {
        return FacebookRejection::NoActiveToken;
    }
    FacebookTokenRejection::Missing.into()
}

impl Caller {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// Code 10 without a permission.
    pub(crate) fn require(&self, scope: &'static str) -> Result<(), FacebookRejection> {
        if self.has(scope) { Ok(()) } else { Err(FacebookRejection::MissingPermission(scope)) }
    }

    /// Code 200 without a permission.
    pub(crate) fn require_for_list(&self, scope: &'static str) -> Result<(), FacebookRejection> {
        if self.has(scope) { Ok(()) } else { Err(FacebookRejection::RequiredPermission(scope)) }
    }

    /// The id of the user: the person, or the system user.
    pub(crate) fn user_id(&self) -> FacebookId {
        user_id(&self.token, &self.person)
    }

    /// Rejects a page token where Facebook has the edge for users only.
    pub(crate) fn require_user(&self, edge: &str) -> Result<(), FacebookRejection> {
        match self.token.owner {
            TokenOwner::Page(_) => Err(FacebookRejection::UnknownField { field: edge.to_owned(), node: "Page" }),
            TokenOwner::User | TokenOwner::SystemUser => Ok(()),
        }
    }
}

/// The id of a token's user.
pub(crate) fn user_id(token: &FacebookToken, person: &Person) -> FacebookId {
    match person.kind {
        PersonKind::Person if token.is_system_users => FacebookId(person.id.0.saturating_add(SYSTEM_USER_OFFSET)),
        PersonKind::Person | PersonKind::SystemUser => person.id,
    }
}
