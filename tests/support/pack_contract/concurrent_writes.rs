//! Of several writers of a secret, one wins.

use evertoken_packed_vault::{CreateError, PackSecrets, PutError, RequestToken};

use super::fixture::{PackSecretsFixture, concurrently, secret, value};
use super::secrets::parts;

pub async fn one_of_sixteen_puts_with_one_token_wins(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let mut version = secrets.create(&secret(1), &value("IGAA-first")).await.unwrap();
    for _ in 0..3 {
        let token = RequestToken::after(&version);
        let results = concurrently(16, |number| {
            let (secrets, token, text) = (secrets.clone(), token.clone(), format!("IGAA-{number}"));
            async move { (secrets.put(&secret(1), &token, &value(&text)).await, text) }
        })
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(|(put, _)| put.is_ok());
        assert!(lost.iter().all(|(put, _)| *put == Err(PutError::TokenTaken)), "{lost:?}");
        let [(_, text)] = won.as_slice() else { panic!("{} writers won", won.len()) };
        let expected = Some((token.version(), true, text.clone().into_bytes()));
        assert_eq!(parts(secrets.current(&secret(1)).await.unwrap()), expected);
        version = token.version();
    }
}

pub async fn one_of_sixteen_creations_wins(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let results = concurrently(16, |number| {
        let (secrets, text) = (secrets.clone(), format!("IGAA-{number}"));
        async move { (secrets.create(&secret(1), &value(&text)).await, text) }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(|(created, _)| created.is_ok());
    assert!(lost.iter().all(|(created, _)| *created == Err(CreateError::Exists)), "{lost:?}");
    let [(Ok(version), text)] = won.as_slice() else { panic!("{} writers won", won.len()) };
    let expected = Some((version.clone(), true, text.clone().into_bytes()));
    assert_eq!(parts(secrets.current(&secret(1)).await.unwrap()), expected);
}
