//! Signed links to the files of posts. They expire, like those of Instagram's content delivery network.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use time::OffsetDateTime;

use crate::account::InstagramId;
use crate::params::Params;

/// Signs the links of one listing.
pub(crate) struct LinkSigner {
    pub(crate) key: String,
    pub(crate) origin: String,
    pub(crate) expires_at: OffsetDateTime,
    /// Makes the signatures of each listing differ.
    pub(crate) listing: u64,
}

/// Why a link is rejected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LinkRejection {
    /// Something in it has been altered.
    Signature,
    Expired,
}

impl LinkSigner {
    pub(crate) fn picture(&self, id: InstagramId) -> String {
        self.sign(&format!("{id}.jpg"))
    }

    pub(crate) fn video(&self, id: InstagramId) -> String {
        self.sign(&format!("{id}.mp4"))
    }

    /// `oe` is the expiry in hexadecimal Unix seconds, as in the links of Instagram.
    fn sign(&self, file: &str) -> String {
        let (origin, listing) = (&self.origin, self.listing);
        let expiry = format!("{:X}", self.expires_at.unix_timestamp());
        let signature = signature(&self.key, file, &listing.to_string(), &expiry);
        format!("{origin}/cdn/{file}?_nc_gid={listing}&oh=00_{signature}&oe={expiry}")
    }
}

/// Checks the link to `file` with these parameters.
pub(crate) fn verify(key: &str, file: &str, params: &Params, now: OffsetDateTime) -> Result<(), LinkRejection> {
    let [listing, expiry] = ["_nc_gid", "oe"].map(|name| params.get(name).unwrap_or_default());
    let expected = format!("00_{}", signature(key, file, listing, expiry));
    let expiry = i64::from_str_radix(expiry, 16).map_err(|_| LinkRejection::Signature)?;
    if params.get("oh") != Some(&expected) {
        return Err(LinkRejection::Signature);
    }
    if now.unix_timestamp() >= expiry { Err(LinkRejection::Expired) } else { Ok(()) }
}

/// In hexadecimal. Empty only if the key cannot be used, which HMAC never reports.
fn signature(key: &str, file: &str, listing: &str, expiry: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(format!("{file}\n{listing}\n{expiry}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const EXPIRY: OffsetDateTime = datetime!(2026-12-01 00:00 UTC);

    #[test]
    fn a_link_works_until_it_expires_and_not_if_it_is_altered() {
        let signer =
            LinkSigner { key: "key".to_owned(), origin: "http://a.example".to_owned(), expires_at: EXPIRY, listing: 7 };
        let link = signer.picture(InstagramId(5));
        assert!(link.starts_with("http://a.example/cdn/5.jpg?_nc_gid=7&oh=00_"), "{link}");
        let (_, query) = link.split_once('?').unwrap();
        let before = EXPIRY - time::Duration::SECOND;
        let check = |file, query: &str, now| verify("key", file, &Params::from_query(Some(query)), now);
        assert_eq!(check("5.jpg", query, before), Ok(()));
        assert_eq!(check("5.jpg", query, EXPIRY), Err(LinkRejection::Expired));
        let later = query.replace("&oe=", "&oe=F");
        for (file, query) in
            [("6.jpg", query), ("5.mp4", query), ("5.jpg", later.as_str()), ("5.jpg", ""), ("5.jpg", "oe=zz")]
        {
            assert_eq!(check(file, query, before), Err(LinkRejection::Signature), "{file} {query}");
        }
        assert_ne!(link, LinkSigner { listing: 8, ..signer }.picture(InstagramId(5)));
    }
}
