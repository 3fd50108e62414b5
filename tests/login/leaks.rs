//! Nothing secret is written anywhere but into the vault: every route and failure is driven, and all that came out is
//! searched.

use evertoken_core::invite::Invite;
use evertoken_core::metrics::Metric;
use evertoken_core::vault::AccountIndex;
use evertoken_core::vault::AccountStore;
use evertoken_tests::log_lines::LogLines;
use evertoken_tests::login_house::{House, SIGNING_KEY};
use evertoken_tests::sample::name;
use evertoken_tests::visitor::{Seen, Visitor};
use serde_json::{Value, json};
use url::Url;

/// What must not come out, and all that did.
#[derive(Default)]
struct Search {
    /// In no log, page, header or JSON.
    secrets: Vec<String>,
    /// In no log: it is in the address of a page, and in its cookie, where it belongs.
    of_the_visitor: Vec<String>,
    pages: Vec<String>,
}

impl Search {
    fn keep(&mut self, seen: &Seen) {
        self.pages.extend([seen.status.to_string(), format!("{:?}", seen.headers), seen.text.clone()]);
    }

    fn callback(&mut self, callback: &Url) {
        for (name, value) in callback.query_pairs() {
            match &*name {
                "code" => self.secrets.push(value.into_owned()),
                "state" => self.of_the_visitor.push(value.into_owned()),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn nothing_secret_comes_out() {
    let (lines, _guard) = LogLines::collect();
    let house = House::with(&[("EVERTOKEN_LOGIN", "open")]).await;
    let app_secret = evertoken_sandbox::Settings::default().app_secret;
    let mut search = Search {
        secrets: [&app_secret, SIGNING_KEY, "planted-previous-secret", "IGAA"].map(str::to_owned).to_vec(),
        ..Search::default()
    };
    house.set_app_secrets(&app_secret, &["planted-previous-secret"]);
    let link = house.link(&Invite { note: None, ..house.invite("shop-de") });
    search.of_the_visitor.push(link.query_pairs().next().unwrap().1.into_owned());

    for json in [false, true] {
        let visitor = Visitor::new();
        let open = async |search: &mut Search, url: &Url| {
            let request = house.client.get(url.clone());
            let request = if json { request.header("accept", "application/json") } else { request };
            let seen = visitor.send(request).await;
            search.keep(&seen);
            seen
        };
        // Every fault at every step, each with a token planted in Instagram's own words.
        let planted = "IGAA-planted-in-an-error";
        search.secrets.push(planted.to_owned());
        let error = json!({"error": {"message": planted, "type": planted, "code": 190, "fbtrace_id": planted}});
        let answers = [
            json!({"kind": "status", "status": 400, "body": {"error_type": planted, "code": 400, "error_message": planted}}),
            json!({"kind": "status", "status": 400, "body": error}),
            json!({"kind": "status", "status": 200, "body": {"access_token": planted, "expires_in": "never"}}),
            json!({"kind": "status", "status": 302, "body": "", "headers": {"location": format!("http://127.0.0.1:9/?access_token={planted}")}}),
            json!({"kind": "status", "status": 503}),
            json!({"kind": "cut"}),
            json!({"kind": "wrong_json"}),
            json!({"kind": "rate_limit"}),
            json!({"kind": "huge", "bytes": 200_000}),
        ];
        for endpoint in ["code", "exchange", "me"] {
            for answer in &answers {
                let callback = visitor.consent(&house, &link, "blue_bottle").await;
                search.callback(&callback);
                house.fault(json!({"endpoint": endpoint, "when": "after", "answer": answer})).await;
                let seen = open(&mut search, &callback).await;
                assert!(!seen.status.is_success() && seen.status != 303, "{endpoint} {answer}: {}", seen.status);
                house.control("DELETE", "faults", json!({})).await;
                open(&mut search, &callback).await;
            }
        }
        // A login that works, again, and everything around it.
        let callback = visitor.consent(&house, &link, "blue_bottle").await;
        search.callback(&callback);
        let done = open(&mut search, &callback).await;
        open(&mut search, &done.location()).await;
        search.of_the_visitor.push(done.location().query_pairs().next().unwrap().1.into_owned());
        open(&mut search, &callback).await;
        let other = visitor.consent(&house, &link, "corner_bakery").await;
        search.callback(&other);
        open(&mut search, &other).await;
        for path in
            ["/", "/healthz", "/login?invite=x", "/callback", "/connected?receipt=x", "/nowhere", "/data-deletion/x"]
        {
            open(&mut search, &house.url(path)).await;
        }
        for cookie in visitor.cookie_header().split("; ") {
            search.of_the_visitor.push(cookie.split_once('=').unwrap().1.to_owned());
        }
        let account = house.vault.get(&name("shop-de")).await.unwrap().unwrap();
        search.secrets.push(account.document.access_token.expose().to_owned());
        // Both ways of removal, and a forged one.
        let signed = house.control("POST", "signed_request", json!({"account": "blue_bottle"})).await;
        let signed = signed["signed_request"].as_str().unwrap().to_owned();
        search.secrets.push(signed.clone());
        for (path, text) in
            [("/deauthorize", &signed), ("/data-deletion", &signed), ("/deauthorize", &format!("A{signed}"))]
        {
            let seen = visitor.send(house.client.post(house.url(path)).form(&[("signed_request", text)])).await;
            search.keep(&seen);
            if let Some(url) = serde_json::from_str::<Value>(&seen.text)
                .ok()
                .and_then(|answer| answer["url"].as_str().map(str::to_owned))
            {
                open(&mut search, &url.parse().unwrap()).await;
            }
        }
        let gone = house.vault.find(&account.document.account_id).await.unwrap();
        assert!(gone.accounts.is_empty());
    }

    let events = house.events.take();
    assert!(events.iter().any(|event| event.kind.as_str() == "Account Disconnected"), "{events:?}");
    search.pages.extend(events.iter().map(|event| format!("{event:?} {}", event.detail())));
    let metrics = house.metrics.take();
    assert!(metrics.iter().any(|one| one.metric == Metric::LoginsFailed), "{metrics:?}");
    search.pages.push(format!("{metrics:?}"));
    let log = lines.text();
    assert!(log.contains("account connected") && log.contains("account removed"), "{log}");
    for secret in search.secrets.iter().filter(|secret| !secret.is_empty()) {
        let found = log.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(found, None, "{secret} is in the log");
        assert!(
            !search.pages.iter().any(|page| page.contains(secret.as_str())),
            "{secret} is in a page, an event or a metric"
        );
    }
    for value in search.of_the_visitor.iter().filter(|value| !value.is_empty()) {
        assert!(!log.contains(value.as_str()), "{value} is in the log");
    }
}
