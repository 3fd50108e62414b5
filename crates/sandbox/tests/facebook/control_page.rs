//! The people on the control page.

use serde_json::json;

use crate::facebook::person_sandbox::{PAGE, PersonSandbox};

async fn click(facebook: &PersonSandbox, values: &[(&str, &str)]) -> (u16, String) {
    let url = facebook.sandbox.url("/sandbox/persons");
    let response = facebook.sandbox.client.post(url).form(values).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn shown(facebook: &PersonSandbox) -> String {
    facebook.sandbox.client.get(facebook.sandbox.url("/sandbox")).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn the_page_shows_who_has_logged_in_and_what_became_of_the_pages_tokens() {
    let facebook = PersonSandbox::start().await;
    assert!(!shown(&facebook).await.contains("People on Facebook"), "nobody has logged in");
    let token = facebook.token("one_page", "page").await;
    let page = shown(&facebook).await;
    assert!(page.contains("<h3>Ben Okafor</h3>") && page.contains("Not logged in on Facebook: Nora Keller"), "{page}");
    assert!(page.contains("@blue_bottle, newest token: works"), "{page}");
    for (values, expected) in [
        (vec![("change", "link"), ("page", PAGE)], "no account, newest token: rejected: no account is linked"),
        (vec![("change", "link"), ("page", PAGE)], "@blue_bottle, newest token: works"),
        (vec![("change", "role"), ("page", PAGE)], "rejected: the role on the page was lost"),
        (vec![("change", "role"), ("page", PAGE)], "@blue_bottle, newest token: works"),
        (vec![("change", "checkpoint")], "rejected: Facebook asks the person to confirm something"),
        (vec![("change", "password")], "rejected: the password was changed"),
    ] {
        let values: Vec<_> = values.into_iter().chain([("person", "one_page")]).collect();
        assert_eq!(click(&facebook, &values).await.0, 303, "{values:?}");
        let page = shown(&facebook).await;
        assert!(page.contains(expected), "{values:?}: {page}");
        assert!(!page.contains(&token));
    }
    let other = facebook.token("three_pages", "page").await;
    click(&facebook, &[("change", "removal"), ("person", "three_pages")]).await;
    let page = shown(&facebook).await;
    assert!(page.contains("rejected: the app was removed") && page.contains("田中さくら removed the app"), "{page}");
    assert!(page.contains("Corner Bakery &#60;img src=x onerror=alert(1)&#62;") && !page.contains("<img"), "{page}");
    assert!(!page.contains(&other));
}

#[tokio::test]
async fn rejects_a_click_that_the_page_cannot_make() {
    let facebook = PersonSandbox::start().await;
    for values in [
        vec![("change", "birthday"), ("person", "one_page")],
        vec![("change", "role"), ("person", "one_page")],
        vec![("change", "role"), ("person", "one_page"), ("page", "<b>")],
        vec![("change", "password"), ("person", "one_page"), ("page", PAGE)],
        vec![("change", "password"), ("person", "nobody<b>")],
        vec![],
    ] {
        let (status, text) = click(&facebook, &values).await;
        assert_eq!(status, 400, "{values:?}");
        assert!(!text.contains("<b>"));
    }
}

#[tokio::test]
async fn the_page_tells_what_happened_on_facebook() {
    let facebook = PersonSandbox::start().await;
    let user = facebook.log_in(&PersonSandbox::consent("one_page", &[PAGE])).await;
    facebook.read("/me/accounts", &user, &[]).await;
    facebook.read("/17841405793187218", &user, &[]).await;
    facebook.change_person("one_page", json!({"revoked": true})).await;
    facebook.call("/me", &user, &[]).await;
    let page = shown(&facebook).await;
    for line in [
        "Ben Okafor allowed the app on Facebook.",
        "The pages of Ben Okafor were listed.",
        "@blue_bottle was checked through Facebook and works.",
        "Facebook rejected a call for Ben Okafor: the app was removed.",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
}
