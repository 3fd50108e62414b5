//! The control API and the forms of the control page for posts.

use evertoken_sandbox::{ControlError, InstagramId, Post};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::test_sandbox::{ACCOUNT, TestSandbox};

const POSTS: &str = "/_sandbox/accounts/blue_bottle/media";

async fn captions(sandbox: &TestSandbox) -> Vec<Value> {
    let token = sandbox.create_token("long", 0).await;
    let query = [("access_token", token.as_str()), ("fields", "caption"), ("limit", "3")];
    let page: Value = sandbox.get("/me/media", &query).await.json().await.unwrap();
    page["data"].as_array().unwrap().iter().map(|post| post["caption"].clone()).collect()
}

#[tokio::test]
async fn posts_can_be_published_changed_and_deleted() {
    let sandbox = TestSandbox::start().await;
    let before = captions(&sandbox).await;
    let children = json!([{"width": 640}, {"media_type": "VIDEO"}]);
    let album = json!({"caption": "new", "media_type": "CAROUSEL_ALBUM", "children": children, "like_count": null});
    let published = sandbox.control(Method::POST, POSTS, album).await;
    assert_eq!((&published["children"][0]["width"], &published["like_count"]), (&json!(640), &Value::Null));
    assert_eq!(captions(&sandbox).await[0], "new");

    let path = format!("{POSTS}/{}", published["id"].as_str().unwrap());
    let changed = sandbox.control(Method::PATCH, &path, json!({"caption": "changed"})).await;
    assert_eq!((&changed["id"], &changed["children"]), (&published["id"], &published["children"]));
    assert_eq!(sandbox.control(Method::GET, &path, json!({})).await, changed);
    assert_eq!(captions(&sandbox).await[0], "changed");

    sandbox.control(Method::DELETE, &path, json!({})).await;
    assert_eq!(captions(&sandbox).await, before);
    let again = sandbox.control(Method::POST, POSTS, json!({})).await;
    assert_ne!(again["id"], published["id"], "an id is never used again");
    assert_eq!(sandbox.control(Method::GET, POSTS, json!({})).await[0], again);
}

#[tokio::test]
async fn rejects_an_invalid_post() {
    let sandbox = TestSandbox::start().await;
    let rows = [
        (Method::POST, POSTS.to_owned(), json!({"title": "x"}), 400, "unknown field `title`"),
        (Method::POST, POSTS.to_owned(), json!({"file": "not base64"}), 400, "Invalid"),
        (Method::POST, POSTS.to_owned(), json!({"id": "5"}), 400, "the sandbox assigns the ids"),
        (Method::POST, "/_sandbox/accounts/nobody/media".to_owned(), json!({}), 404, "there is no account"),
        (Method::GET, format!("{POSTS}/5"), json!({}), 404, "there is no post 5"),
        (Method::PATCH, format!("{POSTS}/5"), json!({}), 404, "there is no post 5"),
        (Method::DELETE, format!("{POSTS}/x"), json!({}), 400, "\"x\" is not the id of a post"),
    ];
    for (method, path, body, status, message) in rows {
        let response = sandbox.client.request(method, sandbox.url(&path)).json(&body).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let error: Value = response.json().await.unwrap();
        assert!(error["error"].as_str().unwrap().starts_with(message), "{error}");
    }
    let post = Post { id: InstagramId(5), ..Post::default() };
    assert!(matches!(sandbox.handle.publish_post(ACCOUNT, post), Err(ControlError::InvalidRequest(_))));
    let unknown = sandbox.handle.update_post(ACCOUNT, InstagramId(5), |_| {});
    assert_eq!(unknown, Err(ControlError::UnknownPost(InstagramId(5))));
}

#[tokio::test]
async fn an_added_account_has_the_sample_posts_that_it_is_given() {
    let sandbox = TestSandbox::start().await;
    let count = async |name: &str| {
        let path = format!("/_sandbox/accounts/{name}/media");
        sandbox.control(Method::GET, &path, json!({})).await.as_array().unwrap().len()
    };
    sandbox.control(Method::POST, "/_sandbox/accounts", json!({"username": "empty"})).await;
    sandbox.control(Method::POST, "/_sandbox/accounts", json!({"username": "full", "sample_posts": "many"})).await;
    assert_eq!((count("empty").await, count("full").await), (0, 300));
    sandbox.control(Method::PATCH, "/_sandbox/accounts/full", json!({"app_scoped_id": "777"})).await;
    sandbox.handle.delete_post("full", sandbox.handle.posts("full").unwrap()[0].id).unwrap();
    assert_eq!(count("full").await, 299);
    sandbox.control(Method::PATCH, "/_sandbox/accounts/full", json!({"sample_posts": "reels"})).await;
    assert_eq!(count("full").await, 9);
    sandbox.control(Method::POST, "/_sandbox/reset", json!({})).await;
    assert_eq!(count(ACCOUNT).await, 17);
}

async fn click(sandbox: &TestSandbox, form: &str, values: &[(&str, &str)]) -> Response {
    sandbox.client.post(sandbox.url(&format!("/sandbox/{form}"))).form(values).send().await.unwrap()
}

#[tokio::test]
async fn the_control_page_changes_posts_calls_and_fields() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", 0).await;
    let before = captions(&sandbox).await;
    for (change, caption, newest) in [
        ("publish", "<b>new</b>", json!("<b>new</b>")),
        ("edit", "other", json!("other")),
        ("delete", "", before[0].clone()),
    ] {
        let values = [("account", ACCOUNT), ("change", change), ("caption", caption)];
        assert_eq!(click(&sandbox, "posts", &values).await.status(), 303, "{change}");
        assert_eq!(captions(&sandbox).await[0], newest);
    }
    let status = async |fields: &str| {
        let query = [("access_token", token.as_str()), ("fields", fields)];
        sandbox.get("/me/media", &query).await.status().as_u16()
    };
    assert_eq!(click(&sandbox, "fields", &[("refuse", "alt_text")]).await.status(), 303);
    assert_eq!(status("alt_text").await, 400);
    assert_eq!(click(&sandbox, "fields", &[("refuse", "")]).await.status(), 303);
    assert_eq!(status("alt_text").await, 200);
    assert_eq!(click(&sandbox, "calls", &[("account", ACCOUNT), ("percent", "100")]).await.status(), 303);
    assert_eq!(status("id").await, 400);

    let page = sandbox.get("/sandbox", &[]).await.text().await.unwrap();
    for text in [
        "Posts of blue_bottle (17)",
        "100 % of the calls are used.",
        "<h3>@blue_bottle published a post",
        "<h3>@blue_bottle changed a caption",
        "<h3>@blue_bottle deleted a post",
        "The posts of @blue_bottle were listed.",
        "@blue_bottle has used up its calls.",
        "Instagram refused a field of the posts of @blue_bottle.",
        "<h3>100 % of the calls of @blue_bottle are used",
        "The app may read all fields.",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for (form, values) in [
        ("posts", vec![("account", "nobody"), ("change", "publish")]),
        ("posts", vec![("account", ACCOUNT), ("change", "burn")]),
        ("calls", vec![("account", ACCOUNT), ("percent", "101")]),
        ("calls", vec![("account", ACCOUNT), ("percent", "")]),
        ("calls", vec![("account", "nobody"), ("percent", "1")]),
    ] {
        assert_eq!(click(&sandbox, form, &values).await.status(), 400, "{values:?}");
    }
}
