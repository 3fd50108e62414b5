//! The list of an account's posts, by the account's id (Meta, reference page "IG User/media").

use std::sync::atomic::AtomicBool;

use evertoken_core::app::App;
use evertoken_core::credentials::AppCredentials;
use evertoken_core::document::Document;
use evertoken_core::media::{MediaList, MediaSource};
use evertoken_core::provider_error::ProviderError;

use super::facebook_errors::find_facebook_error;
use super::facebook_login::FacebookLogin;
use super::signed_requests::signed;
use crate::instagram_login::with_path;
use crate::media::{MAXIMUM_BODY, MediaPages, PageRequest, list};
use crate::media_responses::{self, MediaPage};
use crate::transport::Transport;

impl<A: AppCredentials, T: Transport> MediaSource for FacebookLogin<A, T> {
    async fn media(&self, account: &Document, limit: usize) -> Result<MediaList, ProviderError> {
        let app = self.app().await?;
        list(&PagesOfAccount { facebook: self, app, account }, limit).await
    }
}

struct PagesOfAccount<'a, A, T> {
    facebook: &'a FacebookLogin<A, T>,
    app: App,
    account: &'a Document,
}

impl<A: AppCredentials, T: Transport> MediaPages for PagesOfAccount<'_, A, T> {
    async fn page(&self, fields: &str, page: &PageRequest<'_>) -> Result<MediaPage, ProviderError> {
        let FacebookLogin { client, endpoints, .. } = self.facebook;
        let path = format!("/{}/{}/media", endpoints.version, self.account.account_id);
        let request = client.get(with_path(&endpoints.graph, &path)).query(&page.query(fields));
        let request = signed(request, &self.account.access_token, &self.app.secret)?;
        let response = self.facebook.send(request, MAXIMUM_BODY).await?;
        // Not before the page, because a search for an error would copy the link with the token.
        media_responses::media_page(&response).map_err(|error| find_facebook_error(&response).unwrap_or(error))
    }

    fn base_fields_only(&self) -> &AtomicBool {
        &self.facebook.base_fields_only
    }
}
