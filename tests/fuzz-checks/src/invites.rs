//! Claims of an invite: those of a genuine one survive signing, and the same claims with another signature are refused. Even
//! a genuine invite leads to its landing page, whose button leads to Instagram, and nowhere else.

use std::sync::LazyLock;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evertoken_core::invite::Invite;
use evertoken_core::login_state::LoginState;
use evertoken_core::signing::{Claims, SignatureError, SigningKeys, looks_signed};
use evertoken_core::visible_text::is_hidden;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use url::Url;

use crate::service::{router, vault};
use crate::signed_texts::{NOW, SIGNING_KEY};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));

static KEYS: LazyLock<[SigningKeys; 2]> = LazyLock::new(|| {
    [SIGNING_KEY, "another-key-0123456789-abcdefghijklmn"].map(|key| SigningKeys::parse(key).expect("a key"))
});

/// Checks the claims of an invite, as JSON. Returns whether they are valid.
pub fn check(claims: &[u8]) -> bool {
    let [keys, other] = &*KEYS;
    let payload = URL_SAFE_NO_PAD.encode(claims);
    let signed = |keys: &SigningKeys, purpose: &str| format!("{payload}.{}", keys.tag(purpose, &payload));
    let genuine = signed(keys, Invite::PURPOSE);
    if !looks_signed(&genuine) {
        return false;
    }
    for forged in [signed(other, Invite::PURPOSE), signed(keys, LoginState::PURPOSE), signed(keys, "")] {
        assert_eq!(keys.verify::<Invite>(&forged, NOW), Err(SignatureError::Forged));
        assert!(open(&forged).0.is_client_error());
        assert!(open(&format!("{forged}&noted=1")).0.is_client_error());
    }
    let (landing_status, nowhere, page) = open(&genuine);
    assert!(nowhere.is_none(), "{nowhere:?}");
    assert!(!page.contains("<script") && !page.contains(|c| is_hidden(c) && c != '\n'), "{page}");
    let (status, location, _) = open(&format!("{genuine}&noted=1"));
    let Ok(invite) = keys.verify::<Invite>(&genuine, NOW) else {
        assert!(status.is_client_error() && location.is_none(), "{status}");
        return false;
    };
    let again = keys.sign(&invite);
    assert!(!looks_signed(&again) || keys.verify(&again, NOW).as_ref() == Ok(&invite), "{invite:?}");
    match status {
        StatusCode::FOUND => {
            let location = location.expect("a URL");
            assert!(location.as_str().starts_with("https://www.instagram.com/oauth/authorize?"), "{location}");
            let state = location.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
            let state = keys.verify::<LoginState>(&state, NOW).expect("a genuine state");
            assert_eq!(state.invite, Some(Invite { note: None, ..invite }));
            assert_eq!(landing_status, StatusCode::OK);
        }
        // The return address is not allowed, or the claims are too long for a state.
        status => assert!(status.is_client_error() && location.is_none() && landing_status == status, "{status}"),
    }
    true
}

fn open(invite: &str) -> (StatusCode, Option<Url>, String) {
    RUNTIME.block_on(async {
        let request = Request::get(format!("/login?invite={invite}")).body(Body::empty()).expect("a URL");
        let response = router(vault().await).oneshot(request).await.expect("the router is infallible");
        let location =
            response.headers().get("location").map(|url| url.to_str().expect("ASCII").parse().expect("a URL"));
        let (status, body) = (response.status(), to_bytes(response.into_body(), usize::MAX).await.expect("a page"));
        (status, location, String::from_utf8(body.to_vec()).expect("UTF-8"))
    })
}
