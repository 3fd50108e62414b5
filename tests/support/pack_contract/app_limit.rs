//! Until when Instagram limits the app, which all workers know.

use time::Duration;

use evertoken_packed_vault::PackIndex;

use super::fixture::{NOW, PackIndexFixture};

pub async fn the_latest_limit_of_the_app_counts(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    assert_eq!(index.app_limited_until().await, Ok(None));
    for (minutes, latest) in [(45, 45), (5, 45), (60, 60)] {
        index.limit_app_until(NOW + Duration::minutes(minutes)).await.unwrap();
        assert_eq!(index.app_limited_until().await, Ok(Some(NOW + Duration::minutes(latest))));
    }
}
