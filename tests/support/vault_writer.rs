//! `vault-writer DIR NAME TIMES`: counts in an account's document, through the vault, as any process of ours would, and
//! says each count once the vault has acknowledged it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test may stop at the first surprise")]

use evertoken_file_vault::FileVault;
use evertoken_core::vault::AccountStore;
use evertoken_core::vault::VaultError;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, name, times] = arguments.as_slice() else { panic!("usage: vault-writer DIR NAME TIMES") };
    let vault = FileVault::open(dir).unwrap();
    let name = name.parse().unwrap();
    for _ in 0..times.parse::<usize>().unwrap() {
        loop {
            let mut account = vault.get(&name).await.unwrap().unwrap();
            let count = account.document.unknown.get("count").and_then(serde_json::Value::as_u64).unwrap_or(0);
            account.document.unknown.insert("count".to_owned(), (count + 1).into());
            // Two writers of the same bytes would both be right to think that theirs are stored.
            account.document.unknown.insert("counted_by".to_owned(), std::process::id().into());
            match vault.replace(&account.version, &account.document).await {
                Ok(_) => {
                    // Standard output writes whole lines at once.
                    println!("{}", count + 1);
                    break;
                }
                Err(VaultError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}
