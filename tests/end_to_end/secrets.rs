//! What is never to be seen, in places where it could be. All the other tests look for it too, in JSON logs.

use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::web::Request;
use serde_json::{Value, json};
use time::Duration;

#[tokio::test]
async fn a_log_in_text_and_the_loudest_variables_show_no_secret() {
    let loud = [("AWS_LAMBDA_LOG_FORMAT", "Text"), ("AWS_LAMBDA_LOG_LEVEL", "TRACE"), ("RUST_LOG", "trace")];
    let stack = Deployment::new().await.with_variables(&loud);
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite("shop-de"), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200);
    stack.plant("due", Duration::days(21)).await;
    let report = stack.refresh().await.invoke(&json!({})).await;
    assert_eq!(report["refreshed"], 1, "{report}");
    let line = callback.logged("account connected").await;
    assert!(!line.starts_with('{') && line.contains("shop-de"), "{line}");
}

#[tokio::test]
async fn what_instagram_repeats_of_a_request_goes_no_further() {
    let stack = Deployment::new().await;
    stack.plant("shop-de", Duration::days(21)).await;
    let refresh = stack.refresh().await;
    let echo = "IGAA-a-token-that-instagram-repeats-in-its-answer";
    let error =
        |code: u16, kind: &str| json!({"error": {"message": echo, "type": kind, "code": code, "fbtrace_id": "Atrace"}});
    let answers = [
        json!({"kind": "status", "status": 400, "body": error(190, "OAuthException")}),
        json!({"kind": "status", "status": 400, "body": error(100, "IGApiException")}),
        json!({"kind": "status", "status": 500, "body": echo}),
        json!({"kind": "status", "status": 302, "headers": {"Location": format!("/me?access_token={echo}")}}),
        json!({"kind": "status", "status": 200, "body": {"access_token": echo, "expires_in": "never"}}),
        json!({"kind": "status", "status": 400, "headers": {"WWW-Authenticate": echo}, "body": error(9999, echo)}),
        json!({"kind": "huge", "bytes": 50_000_000}),
        json!({"kind": "cut"}),
    ];
    for answer in answers {
        stack.instagram.fault(json!({"endpoint": "refresh", "times": "always", "answer": answer})).await;
        let by_name = json!({"version": 1, "accounts": ["shop-de"], "force": true});
        let report = refresh.invoke(&by_name).await;
        stack.instagram.calm().await;
        assert_eq!(report["failures"][0]["name"], "shop-de", "{answer}: {report}");
        let (_, document) = stack.current("shop-de").await;
        assert!(!document.to_string().contains(echo), "{answer}");
    }
}

#[tokio::test]
async fn an_event_that_is_none_is_refused_and_not_repeated() {
    let stack = Deployment::new().await;
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    let planted = "IGAA-a-token-in-the-wrong-place";
    let foreign = [
        json!({"access_token": planted}),
        json!({"version": 1, "accounts": [planted]}),
        json!({"version": 1, "accounts": planted}),
        json!([planted]),
        json!(planted),
    ];
    for event in &foreign {
        let answer = refresh.invoke(event).await;
        assert_eq!(answer["errorType"], "InvalidRequest", "{answer}");
        assert!(callback.invoke(event).await["errorType"].is_string(), "{event}");
    }
    let refused = refresh.invoke(&json!({"version": 2})).await;
    assert!(refused["errorMessage"].as_str().unwrap().contains("version is 2"), "{refused}");
}

#[tokio::test]
async fn a_run_that_cannot_reach_the_vault_fails_as_a_whole_and_says_no_more() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL", &format!("http://{nobody}"))]);
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    let answer = refresh.invoke(&json!({})).await;
    assert_eq!(answer["errorType"], "RunFailed", "{answer}");
    let page = stack.browser(&callback).get(&stack.invite("shop-de")).await;
    assert_eq!(page.status, 503, "{}", page.body);
}

#[tokio::test]
async fn an_app_that_is_not_filled_in_is_a_fault_of_set_up_and_each_reader_is_told_their_part() {
    let unfilled = [
        json!({"app_id": "", "app_secret": "", "previous_app_secrets": []}),
        json!({"app_id": "1234567890", "app_secret": "REPLACE_ME"}),
    ];
    for app in &unfilled {
        let stack = Deployment::new().await;
        stack.put_app(app).await;
        let callback = stack.callback().await;
        for (language, title, for_the_operator) in [
            ("en", "This service is not set up yet", "Fill in the app secret"),
            ("de", "Dieser Dienst ist noch nicht eingerichtet", "Füllen Sie das App-Secret aus"),
            ("es", "Este servicio todavía no está configurado", "Rellene el secreto de la aplicación"),
        ] {
            let request = Request::get(&stack.invite("shop-de")).header("accept-language", language);
            let page = stack.browser(&callback).send(&request).await;
            assert_eq!(page.status, 500, "{}", page.body);
            let (for_the_visitor, apart) = page.body.split_once("<aside").unwrap_or_else(|| panic!("{}", page.body));
            assert!(for_the_visitor.contains(title) && !for_the_visitor.contains("app_secret"), "{for_the_visitor}");
            assert!(apart.contains(for_the_operator) && apart.contains("app_secret"), "{apart}");
        }
        let line: Value = serde_json::from_str(&callback.logged("app_not_set_up").await).unwrap();
        assert!(line["error.detail"].as_str().unwrap().contains(&format!("{}/app", stack.prefix)), "{line}");
    }
}
