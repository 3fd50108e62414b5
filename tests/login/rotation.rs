//! The app secret changes, in Meta's dashboard and here, one after the other.

use evertoken_tests::login_house::House;
use evertoken_tests::visitor::Visitor;

#[tokio::test]
async fn a_login_goes_on_while_the_app_secret_is_replaced() {
    let (house, visitor) = (House::start().await, Visitor::new());
    let old = evertoken_sandbox::Settings::default().app_secret;
    let link = house.link(&house.invite("shop-de"));
    // Ours is new already, Meta's is not.
    house.set_app_secrets("the-new-secret", &["older-still", &old]);
    assert_eq!(visitor.log_in(&house, &link, "blue_bottle").await.status, 303);
    // Meta has followed.
    house.control("PATCH", "app", serde_json::json!({"app_secret": "the-new-secret"})).await;
    assert_eq!(visitor.log_in(&house, &link, "blue_bottle").await.status, 303);
    // Without the earlier one it is a fault of set-up, and says so.
    house.set_app_secrets("another", &[]);
    let refused = visitor.log_in(&house, &link, "blue_bottle").await;
    assert_eq!((refused.status.as_u16(), refused.heading()), (500, "This service is not set up correctly"));
}
