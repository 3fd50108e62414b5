//! The lists of pages, and pages, people and accounts by id.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::facebook::person_sandbox::{
    APP_SECRET, BLUE_BOTTLE, CORNER_BAKERY, PAGE, PersonSandbox, assert_error, proof,
};
use crate::test_sandbox::value_of;

const FIELDS: &str = "id,name,access_token,tasks,instagram_business_account{id,username,name,profile_picture_url}";
const BUSINESS: &str = "1384756102930007";
const HIDDEN_PAGE: &str = "100641205793107";

#[tokio::test]
async fn a_page_is_listed_with_its_token_tasks_and_account() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.token("one_page", "user").await;
    let body = facebook.read("/me/accounts", &user, &[("fields", FIELDS)]).await;
    let page = &body["data"][0];
    assert!(page["access_token"].as_str().unwrap().starts_with("EAA"));
    assert_eq!((&page["id"], &page["name"]), (&json!(PAGE), &json!("Blue Bottle Coffee")));
    assert!(page["tasks"].as_array().unwrap().contains(&json!("CREATE_CONTENT")));
    let account = json!({
        "id": BLUE_BOTTLE, "username": "blue_bottle", "name": "blue_bottle",
        "profile_picture_url": "https://sandbox.invalid/blue_bottle.jpg",
    });
    assert_eq!(page["instagram_business_account"], account);
    let again = facebook.read("/me/accounts", &user, &[("fields", FIELDS)]).await;
    assert_eq!(again["data"], body["data"], "the same request gives the same page token");
    let default = facebook.read("/me/accounts", &user, &[]).await;
    let keys: HashSet<_> = default["data"][0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, HashSet::from(["access_token", "category", "name", "id", "tasks"]));
}

#[tokio::test]
async fn every_sample_person_has_the_pages_that_its_label_says() {
    let facebook = PersonSandbox::start().await;
    let query = [("fields", "id,instagram_business_account")];
    for (person, linked) in [
        ("no_pages", vec![]),
        ("one_page", vec![Some("218")]),
        ("three_pages", vec![Some("218"), Some("219"), Some("220")]),
        ("unlinked", vec![None, None]),
        ("portfolio", vec![]),
        ("same_account", vec![Some("220"), Some("220")]),
        ("lost_role", vec![]),
        ("system_user", vec![Some("221")]),
    ] {
        let kind = if person == "system_user" { "system_user" } else { "user" };
        let token = facebook.token(person, kind).await;
        let body = facebook.read("/me/accounts", &token, &query).await;
        let expected: Vec<_> = linked.iter().map(|id| id.map(|id| format!("17841405793187{id}"))).collect();
        let pages = body["data"].as_array().unwrap().iter();
        let found: Vec<_> = pages
            .map(|page| Some(page.get("instagram_business_account")?["id"].as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(found, expected, "{person}");
        let me = facebook.read("/me", &token, &[]).await;
        if person != "system_user" {
            assert!(me["id"].as_str().unwrap().parse::<u64>().unwrap() > 1 << 53, "{me}");
        }
    }
}

#[tokio::test]
async fn a_hidden_page_is_found_by_the_debugger_and_by_the_business() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.log_in(&PersonSandbox::consent("portfolio", &[HIDDEN_PAGE])).await;
    assert_eq!(facebook.read("/me/accounts", &user, &[]).await, json!({"data": []}));
    let debugged = facebook.debug(&user).await;
    let granular = debugged["granular_scopes"].as_array().unwrap();
    let entry = |scope: &str| granular.iter().find(|entry| entry["scope"] == scope).unwrap()["target_ids"].clone();
    assert_eq!(entry("pages_show_list"), json!([HIDDEN_PAGE]));
    assert_eq!(entry("instagram_basic"), json!([CORNER_BAKERY]));
    assert_eq!(entry("business_management"), json!([BUSINESS]));
    let fields = [("fields", "id,name,access_token,instagram_business_account{id,username}")];
    let page = facebook.read(&format!("/{HIDDEN_PAGE}"), &user, &fields).await;
    assert_eq!(page["instagram_business_account"], json!({"id": CORNER_BAKERY, "username": "corner_bakery"}));

    let businesses = facebook.read("/me/businesses", &user, &[]).await;
    assert_eq!(businesses["data"], json!([{"id": BUSINESS, "name": "North & Partners GmbH"}]));
    let owned = facebook.read(&format!("/{BUSINESS}/owned_pages"), &user, &fields).await;
    assert_eq!(owned["data"], json!([page]));
    let shared = facebook.read(&format!("/{BUSINESS}/client_pages"), &user, &[]).await;
    assert_eq!(shared, json!({"data": []}));
    let assigned = facebook.names("/me/assigned_pages", &user).await;
    assert_eq!(assigned, ["مخبز الزاوية"]);
}

#[tokio::test]
async fn a_business_lists_pages_that_were_not_chosen_but_the_app_does_not_reach_their_accounts() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.log_in(&PersonSandbox::consent("portfolio", &[])).await;
    let query = [("fields", "id,access_token")];
    let owned = facebook.read(&format!("/{BUSINESS}/owned_pages"), &user, &query).await;
    let token = owned["data"][0]["access_token"].as_str().unwrap();
    let unsupported = "Unsupported get request. Object with ID ";
    let account = format!("/{CORNER_BAKERY}");
    for token in [token, &user] {
        assert_error(facebook.call(&account, token, &[]).await, 100, Some(33), unsupported).await;
        assert_error(facebook.call(&format!("/{HIDDEN_PAGE}"), token, &[]).await, 100, Some(33), unsupported).await;
    }
    assert_error(facebook.call("/12345/owned_pages", &user, &[]).await, 100, Some(33), unsupported).await;
    assert_error(facebook.call("/x/owned_pages", &user, &[]).await, 100, Some(33), unsupported).await;
}

#[tokio::test]
async fn a_long_list_has_pages_with_cursors_and_a_link_with_the_token() {
    let facebook = PersonSandbox::start().await;
    facebook.control(Method::POST, "/persons/no_pages/pages", json!({"count": 500})).await;
    let user = facebook.token("no_pages", "user").await;
    let default = facebook.read("/me/accounts", &user, &[]).await;
    assert_eq!(default["data"].as_array().unwrap().len(), 25);

    let (mut pages, mut accounts) = (HashSet::new(), HashSet::new());
    let mut after = String::new();
    for number in 0..5 {
        let mut query = vec![("fields", "id,instagram_business_account"), ("limit", "500")];
        if number > 0 {
            query.push(("after", after.as_str()));
        }
        let body = facebook.read("/me/accounts", &user, &query).await;
        let data = body["data"].as_array().unwrap();
        assert_eq!(data.len(), 100, "at most 100, whatever the limit");
        pages.extend(data.iter().map(|page| page["id"].to_string()));
        accounts.extend(data.iter().map(|page| page["instagram_business_account"]["id"].to_string()));
        let paging = &body["paging"];
        assert_eq!(paging.get("next").is_some(), number < 4, "{paging}");
        assert_eq!(paging.get("previous").is_some(), number > 0, "{paging}");
        if let Some(next) = paging.get("next") {
            let next: Url = next.as_str().unwrap().parse().unwrap();
            assert_eq!(value_of(&next, "access_token").as_deref(), Some(user.as_str()));
            assert_eq!(value_of(&next, "appsecret_proof"), None);
            assert_eq!(value_of(&next, "after").as_deref(), paging["cursors"]["after"].as_str());
        }
        after = paging["cursors"]["after"].as_str().unwrap().to_owned();
    }
    assert_eq!((pages.len(), accounts.len()), (500, 500));

    let first = facebook.read("/me/accounts", &user, &[("limit", "10")]).await;
    let cursor = first["paging"]["cursors"]["after"].as_str().unwrap();
    let before = facebook.read("/me/accounts", &user, &[("limit", "10"), ("before", cursor)]).await;
    assert_eq!(before["data"].as_array().unwrap().len(), 9);
    for (name, value) in [("limit", "0"), ("limit", "-1"), ("limit", "x"), ("after", "%%"), ("before", "QVFIOjE")] {
        let response = facebook.call("/me/accounts", &user, &[(name, value)]).await;
        assert_error(response, 100, None, &format!("(#100) Invalid parameter: {name}")).await;
    }
}

#[tokio::test]
async fn an_account_has_the_documented_fields_and_no_account_type() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("one_page", "page").await;
    let path = format!("/{BLUE_BOTTLE}");
    assert_eq!(facebook.read(&path, &token, &[]).await, json!({"id": BLUE_BOTTLE}));
    let fields = "id,username,name,profile_picture_url,followers_count,media_count,biography,website";
    let account = facebook.read(&path, &token, &[("fields", fields)]).await;
    assert_eq!((&account["username"], &account["media_count"]), (&json!("blue_bottle"), &json!(17)));
    for (fields, code, message) in [
        ("id,account_type", 100, "(#100) Tried accessing nonexisting field (account_type) on node type (IGUser)"),
        ("user_id", 100, "(#100) Tried accessing nonexisting field (user_id)"),
        ("id,", 100, "(#100) Tried accessing nonexisting field ()"),
        ("id{", 2500, "Syntax error"),
        ("username{id}", 100, "(#100) Tried accessing nonexisting field (username)"),
    ] {
        assert_error(facebook.call(&path, &token, &[("fields", fields)]).await, code, None, message).await;
    }
    let nested = [("fields", "instagram_business_account{id,account_type}")];
    let message = "(#100) Tried accessing nonexisting field (account_type)";
    assert_error(facebook.call(&format!("/{PAGE}"), &token, &nested).await, 100, None, message).await;
}

#[tokio::test]
async fn me_is_the_holder_of_the_token() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.token("one_page", "user").await;
    let person = json!({"id": "10229384756102932", "name": "Ben Okafor"});
    assert_eq!(facebook.read("/me", &user, &[]).await, person);
    assert_eq!(facebook.read("/10229384756102932", &user, &[]).await, person);
    let page = facebook.token("one_page", "page").await;
    assert_eq!(facebook.read("/me", &page, &[]).await, json!({"id": PAGE, "name": "Blue Bottle Coffee"}));
    let fields = [("fields", "instagram_business_account")];
    let linked = facebook.read("/me", &page, &fields).await;
    assert_eq!(linked["instagram_business_account"]["id"], BLUE_BOTTLE);
    let own = facebook.read(&format!("/{PAGE}"), &page, &[("fields", "access_token")]).await;
    assert_eq!(own["access_token"], json!(page));

    let nonexisting = "(#100) Tried accessing nonexisting field";
    for path in ["/me/accounts", "/me/businesses", "/me/assigned_pages", "/me/permissions", "/1/owned_pages"] {
        assert_error(facebook.call(path, &page, &[]).await, 100, None, nonexisting).await;
    }
    for token in [&user, &page] {
        assert_error(facebook.call("/me/media", token, &[]).await, 100, None, nonexisting).await;
        assert_error(facebook.call("/me", token, &[("fields", "user_id")]).await, 100, None, nonexisting).await;
    }
    let unsupported = "Unsupported get request.";
    for path in ["/1", "/10229384756102933", "/100641205793102", "/17841405793187219"] {
        for token in [&user, &page] {
            assert_error(facebook.call(path, token, &[]).await, 100, Some(33), unsupported).await;
        }
    }
}

#[tokio::test]
async fn the_token_decides_on_which_host_a_shared_path_is() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.token("one_page", "user").await;
    let instagrams = facebook.sandbox.create_token("long", 0).await;
    let me: Value = facebook.sandbox.me(&instagrams).await.json().await.unwrap();
    assert_eq!(me["username"], "blue_bottle");
    assert_eq!(facebook.read("/me", &user, &[("fields", "name")]).await, json!({"name": "Ben Okafor"}));
    for path in ["/me/accounts", "/debug_token"] {
        let response = facebook.call(path, &instagrams, &[]).await;
        assert_error(response, 190, None, "Invalid OAuth access token").await;
    }
    let node = facebook.call(&format!("/{BLUE_BOTTLE}"), &instagrams, &[]).await;
    assert_eq!(node.status(), 500, "Instagram's side of the sandbox has no such path");
    let refreshed = facebook.sandbox.refresh(&user).await;
    assert_error(refreshed, 190, None, "Invalid OAuth access token").await;
}

#[tokio::test]
async fn rejects_paths_and_methods_that_do_not_exist() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.token("one_page", "user").await;
    for path in ["/me/friends", "/page", "/1/2/3", "/debug_tokens"] {
        let response = facebook.call(path, &user, &[]).await;
        assert_eq!(response.status(), 500, "{path}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], 2500, "{path}");
    }
    let proof = proof(APP_SECRET, &user);
    // Instagram's host has the same paths without a version.
    for path in ["/debug_token", "/me", "/me/media", "/1/children"] {
        let query = [("access_token", user.as_str()), ("appsecret_proof", &proof)];
        let unversioned = facebook.sandbox.get(path, &query).await;
        assert_eq!(unversioned.status(), 500, "{path}");
    }
    for version in ["v20.0", "v99.0", "26"] {
        for path in ["me", "me/accounts", PAGE, BLUE_BOTTLE, "debug_token"] {
            let path = format!("/{version}/{path}");
            let response = facebook.sandbox.get(&path, &[("access_token", &user)]).await;
            assert_eq!(response.status(), 500, "{path}");
        }
    }
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        for path in ["/me/accounts", "/debug_token", "/1", "/1/media", "/me/permissions"] {
            let response = facebook.request(method.clone(), path, &user, &[]).await;
            assert_error(response, 100, Some(33), "Unsupported ").await;
        }
    }
    for (path, code) in [("/v26.0/me/accounts", 2500), ("/v26.0/12345", 104), ("/v26.0/debug_token", 104)] {
        assert_error(facebook.sandbox.get(path, &[]).await, code, None, "An a").await;
    }
}
