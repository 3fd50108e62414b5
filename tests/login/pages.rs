//! Headers, languages and JSON.

use evertoken_core::invite::Invite;
use evertoken_tests::login_house::House;
use evertoken_tests::visitor::{Seen, Visitor};
use serde_json::Value;

async fn every_kind_of_page(house: &House) -> Vec<Seen> {
    let visitor = Visitor::new();
    let done = visitor.log_in(house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    let note = house.link(&Invite { note: Some("hello".to_owned()), ..house.invite("shop-de") });
    let mut seen = vec![visitor.open(house, &done.location()).await, visitor.open(house, &note).await, done];
    for path in
        ["/", "/healthz", "/login", "/login?invite=x", "/callback", "/connected", "/data-deletion/x", "/nowhere"]
    {
        seen.push(visitor.open(house, &house.url(path)).await);
    }
    seen.push(visitor.send(house.client.post(house.url("/login"))).await);
    seen.push(visitor.send(house.client.post(house.url("/deauthorize"))).await);
    seen.push(visitor.send(house.client.head(house.url("/callback"))).await);
    seen
}

#[tokio::test]
async fn every_answer_forbids_what_no_page_needs() {
    let house = House::start().await;
    for page in every_kind_of_page(&house).await {
        let header = |name: &str| page.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{page:?}");
        assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"), "{page:?}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{page:?}");
        let policy = header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert!(!page.text.contains("<script") && !page.text.contains(" style=") && !page.text.contains("src="));
    }
}

#[tokio::test]
async fn over_https_the_cookie_keeps_to_its_host_and_the_browser_to_https() {
    let public = "https://connect.example.com";
    let house = House::with(&[("EVERTOKEN_LOGIN", "open"), ("EVERTOKEN_PUBLIC_URL", public)]).await;
    let started = Visitor::new().send(house.client.get(house.url("/login")).header("host", "evil.example")).await;
    assert_eq!(started.status, 302);
    assert!(started.location().as_str().contains("redirect_uri=https%3A%2F%2Fconnect.example.com%2Fcallback"));
    assert_eq!(started.headers["strict-transport-security"], "max-age=63072000");
    let cookie = started.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-evertoken-login-"), "{cookie}");
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age=600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn people_are_spoken_to_in_their_language() {
    let house = House::start().await;
    for (accept, code, heading) in [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "Sie benötigen einen Einladungslink"),
        ("es-MX", "es", "Necesita un enlace de invitación"),
        ("ja", "en", "You need an invite link"),
    ] {
        let page = Visitor::new().send(house.client.get(house.url("/login")).header("accept-language", accept)).await;
        assert!(page.text.contains(&format!("<html lang=\"{code}\">")), "{}", page.text);
        assert_eq!(page.heading(), heading);
    }
}

#[tokio::test]
async fn machines_get_json_with_the_same_words() {
    let house = House::start().await;
    let asked = house.client.get(house.url("/login")).header("accept", "application/json");
    let answer = Visitor::new().send(asked).await;
    assert_eq!(answer.status, 403);
    let answer: Value = serde_json::from_str(&answer.text).unwrap();
    let error = answer["error"].as_object().unwrap();
    assert_eq!(error.keys().collect::<Vec<_>>(), ["code", "message", "reference", "remedy"]);
    assert_eq!(error["code"], "invite_missing");
    assert_eq!(error["reference"].as_str().unwrap().len(), 10);
}
