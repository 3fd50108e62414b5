//! `vault-writer DIR NAME TIMES` increments a counter in an account's document through the vault, and prints each count as
//! soon as the vault has acknowledged the write.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test tool may panic and print")]

use evertoken_core::vault::{AccountStore, VaultError};
use evertoken_file_vault::FileVault;

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
            // Makes each writer's document unique: with identical documents, both writers would rightly report success.
            account.document.unknown.insert("counted_by".to_owned(), std::process::id().into());
            match vault.replace(&account.version, &account.document).await {
                Ok(_) => {
                    // Standard output is line-buffered, so each count is written as a whole.
                    println!("{}", count + 1);
                    break;
                }
                Err(VaultError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}
