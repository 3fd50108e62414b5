use std::io::Write;

use evertoken_core::document::{Document, DocumentError};
use evertoken_core::group::Group;
use evertoken_core::sample;
use evertoken_core::secrets::AccessToken;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use time::macros::datetime;

use super::*;

use crate::pack_secrets::PackValue;

fn secret() -> PackSecret {
    PackId::new(Group::main(), 42).at(Generation::new(3))
}

fn document(name: &str) -> Document {
    sample::document(name, datetime!(2026-11-22 05:00 UTC))
}

fn create(document: Document) -> Change {
    Change::Create { document: Box::new(document), used_by: UseId::new("0123456789abcdef") }
}

fn name(text: &str) -> AccountName {
    text.parse().unwrap()
}

fn json(name: &str) -> String {
    document(name).encode().expose_secret().to_owned()
}

fn value(text: &str) -> PackValue {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    PackValue::new(encoder.finish().unwrap())
}

fn text(pack: &Pack) -> String {
    let value = pack.encode().unwrap();
    String::from_utf8(gzip::decompress(value.expose()).unwrap().to_vec()).unwrap()
}

fn decode(text: &str) -> Result<Pack, PackError> {
    Pack::decode(&secret(), &value(text))
}

/// A pack with these members of `accounts`.
fn with_accounts(members: &str) -> String {
    format!(
        r#"{{"schema":1,"pack":"main-00042","generation":3,"next":9,"accounts":{{{members}}},"revisions":{{"shop-de":7}},"parked":{{}},"uses":{{}}}}"#
    )
}

#[test]
fn a_pack_is_stored_as_documented() {
    let mut pack = Pack::new(&secret());
    let first = pack.apply(&create(document("shop-de"))).unwrap();
    pack.apply(&create(document("shop-fr"))).unwrap();
    pack.apply(&Change::Park { base: first.revision, document: Box::new(document("shop-de")) }).unwrap();
    let (de, fr) = (json("shop-de"), json("shop-fr"));
    let expected = format!(
        r#"{{"schema":1,"pack":"main-00042","generation":3,"next":4,"accounts":{{"shop-de":{de},"shop-fr":{fr}}},"revisions":{{"shop-de":1,"shop-fr":2}},"parked":{{"shop-de":{de}}},"uses":{{"shop-de":"0123456789abcdef","shop-fr":"0123456789abcdef"}}}}"#
    );
    assert_eq!(text(&pack), expected);
    assert_eq!(decode(&expected).unwrap(), pack);
    let account = pack.account(&name("shop-fr")).unwrap().unwrap();
    assert_eq!((account.version.as_str(), account.document), ("main-00042:2", document("shop-fr")));
    assert_eq!(pack.parked(&name("shop-de")).unwrap(), Some(document("shop-de")));
}

#[test]
fn unknown_keys_and_unchanged_entries_keep_every_byte() {
    // As no program of ours writes it.
    let odd = json("shop-fr").replace(r#","username""#, r#" , "note":[1e3,0.10,"\u00e4"],"username" "#);
    let members = format!(r#""shop-fr":{odd},"shop-de":{}"#, json("shop-de"));
    let stored = with_accounts(&members).replace(r#""uses":{}"#, r#""uses":{},"future":{"a": 1.0}"#);
    let mut pack = decode(&stored).unwrap();
    assert_eq!(text(&pack), stored);
    let mut next = document("shop-de");
    next.access_token = AccessToken::new("IGAA-next");
    pack.apply(&Change::Replace { expected: 7, document: Box::new(next.clone()) }).unwrap();
    let written = text(&pack);
    assert!(written.contains(&odd) && written.contains(r#""future":{"a": 1.0}"#), "{written}");
    assert_eq!(decode(&written).unwrap().account(&next.name).unwrap().unwrap().document, next);
}

#[test]
fn one_unreadable_entry_does_not_affect_the_others() {
    let members = format!(
        r#""shop-de":{},"half":{{"schema":1}},"foreign":[],"copied":{},"Not_A_Slug":{}"#,
        json("shop-de"),
        json("shop-de"),
        json("x")
    );
    let stored = with_accounts(&members);
    let mut pack = decode(&stored).unwrap();
    let read: Vec<_> = pack.accounts().into_iter().map(|(key, read)| (key, read.err())).collect();
    let expected = [
        ("Not_A_Slug", Some(DocumentError::Misnamed)),
        ("copied", Some(DocumentError::OtherName { found: name("shop-de") })),
        ("foreign", Some(DocumentError::Foreign)),
        ("half", Some(DocumentError::Field { path: "provider".to_owned() })),
        ("shop-de", None),
    ];
    assert_eq!(read, expected.map(|(key, error)| (key.to_owned(), error)));
    // None of them is overwritten.
    for account in ["half", "foreign", "copied"] {
        let document = Box::new(document(account));
        assert_eq!(pack.apply(&create((*document).clone())), Err(ChangeError::Conflict));
        let replaced = pack.apply(&Change::Replace { expected: 0, document });
        assert!(matches!(replaced, Err(ChangeError::Unreadable(_))), "{account}");
    }
    assert_eq!(text(&pack), stored);
    assert_eq!(
        pack.apply(&Change::Replace { expected: 7, document: Box::new(document("shop-de")) }).unwrap().revision,
        9
    );
}

#[test]
fn an_account_that_is_stored_twice_is_reported_and_both_copies_stay() {
    let members = format!(r#""shop-de":{0},"shop-fr":{1},"shop-de":{0}"#, json("shop-de"), json("shop-fr"));
    let stored = with_accounts(&members);
    let mut pack = decode(&stored).unwrap();
    let twice = DocumentError::InPack { problem: "the secret packs/main-00042/3 holds the account twice".to_owned() };
    assert_eq!(pack.account(&name("shop-de")), Err(twice.clone()));
    let replaced = pack.apply(&Change::Replace { expected: 7, document: Box::new(document("shop-de")) });
    assert_eq!(replaced, Err(ChangeError::Unreadable(twice.clone())));
    assert_eq!(text(&pack), stored);
    let accounts = pack.accounts();
    assert_eq!(accounts.len(), 2);
    assert_eq!(accounts[0].1, Err(twice));
    assert!(accounts[1].1.is_ok());
}

#[test]
fn a_value_that_is_not_this_pack_is_refused() {
    let good = with_accounts("");
    assert!(decode(&good).is_ok());
    let refused = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        decode(&good.replacen(from, to, 1)).unwrap_err()
    };
    assert_eq!(refused(r#""schema":1,"#, ""), PackError::Foreign);
    assert_eq!(refused(r#""schema":1"#, r#""schema":2"#), PackError::UnknownSchema { found: "2".to_owned() });
    let hidden = PackError::UnknownSchema { found: "(not a number)".to_owned() };
    assert_eq!(refused(r#""schema":1"#, r#""schema":"IGAA""#), hidden);
    let other = PackId::new(Group::main(), 43);
    assert_eq!(refused("main-00042", "main-00043"), PackError::OtherPack { found: other });
    assert_eq!(refused(r#""generation":3"#, r#""generation":2"#), PackError::OtherGeneration { found: 2 });
    for (field, from, to) in [
        ("pack", "main-00042", "x"),
        ("next", r#""next":9,"#, ""),
        ("next", r#""next":9"#, r#""next":-1"#),
        ("accounts", r#""accounts":{},"#, ""),
        ("accounts", r#""accounts":{}"#, r#""accounts":[]"#),
        ("accounts", r#""accounts":{}"#, r#""accounts":{},"accounts":{}"#),
        ("revisions", r#""shop-de":7"#, r#""shop-de":"7""#),
        ("parked", r#""parked":{}"#, r#""parked":0"#),
        ("uses", r#""uses":{}"#, r#""uses":{"a":1}"#),
        ("moving", r#""parked":{}"#, r#""moving":{"a":"b"}"#),
        ("moved_to", r#""parked":{}"#, r#""moved_to":"4""#),
    ] {
        assert_eq!(refused(from, to), PackError::Field { field }, "{to}");
    }
    for broken in ["", "[]", "{", "null"] {
        assert_eq!(decode(broken), Err(PackError::NotJson), "{broken}");
    }
    assert_eq!(Pack::decode(&secret(), &PackValue::new(b"\x1f\x8b\x08".to_vec())), Err(PackError::NotGzip));
}

#[test]
fn a_document_or_pack_that_is_too_large_is_a_named_error() {
    let mut pack = Pack::new(&secret());
    let mut large = document("shop-de");
    large.unknown.insert("note".to_owned(), "n".repeat(9_000).into());
    assert_eq!(pack.apply(&create(large)), Err(ChangeError::TooLarge));
    assert!(pack.is_empty());
    let mut random = fastrand::Rng::with_seed(1);
    while pack.encode().is_ok() {
        let mut next = document(&format!("shop-{}", pack.len()));
        next.access_token = AccessToken::new((0..2_000).map(|_| random.alphanumeric()).collect::<String>());
        pack.apply(&create(next)).unwrap();
    }
    assert!(matches!(pack.encode(), Err(PackError::TooLarge { bytes: 65_537..70_000 })), "{}", pack.len());
}

#[test]
fn a_full_pack_has_room_for_longer_tokens() {
    let mut random = fastrand::Rng::with_seed(1);
    let mut size_with = |characters: usize| {
        let mut pack = Pack::new(&secret());
        for number in 0..128 {
            let mut next = document(&format!("shop-{number}"));
            next.access_token = AccessToken::new((0..characters).map(|_| random.alphanumeric()).collect::<String>());
            pack.apply(&create(next)).unwrap();
        }
        pack.encode().unwrap().expose().len()
    };
    let (today, longer) = (size_with(220), size_with(500));
    assert!(today < 33_000 && longer <= 65_536, "{today} {longer}");
}

#[test]
fn debug_output_contains_no_token() {
    let mut pack = Pack::new(&secret());
    let created = create(document("shop-de"));
    pack.apply(&created).unwrap();
    let copied = pack.copy(&name("shop-de")).unwrap();
    let all = format!("{pack:?} {created:?} {copied:?} {:?}", pack.encode().unwrap());
    assert!(!all.contains("IGAA") && all.contains("shop-de"), "{all}");
}

#[test]
fn an_account_that_moves_can_be_read_and_not_changed() {
    let mut pack = Pack::new(&secret());
    let created = pack.apply(&create(document("shop-de"))).unwrap().revision;
    let to = PackId::new(Group::main(), 77);
    pack.apply(&Change::Fence { name: name("shop-de"), to: to.clone() }).unwrap();
    let document = Box::new(document("shop-de"));
    for change in [
        Change::Replace { expected: created, document: document.clone() },
        Change::Park { base: created, document: document.clone() },
        Change::Remove { name: name("shop-de"), used_by: Some(UseId::new("0123456789abcdef")) },
        Change::Fence { name: name("shop-de"), to: PackId::new(Group::main(), 78) },
    ] {
        assert_eq!(pack.apply(&change), Err(ChangeError::Moving(to.clone())), "{change:?}");
    }
    assert_eq!(decode(&text(&pack)).unwrap(), pack);
    assert_eq!(pack.account(&name("shop-de")).unwrap().unwrap().document, *document);
    pack.apply(&Change::Drop { name: name("shop-de"), revision: created }).unwrap();
    assert!(pack.is_empty() && pack.moving_to(&name("shop-de")).is_none());
}

#[test]
fn a_revision_is_never_used_twice() {
    let mut pack = Pack::new(&secret());
    let create = create(document("shop-de"));
    let one = pack.apply(&create).unwrap().revision;
    pack.apply(&Change::Remove { name: name("shop-de"), used_by: Some(UseId::new("0123456789abcdef")) }).unwrap();
    let two = pack.apply(&create).unwrap().revision;
    assert!(two > one);
    assert_eq!(
        pack.apply(&Change::Remove { name: name("unknown"), used_by: None }).unwrap(),
        Applied { revision: 0, changed: false }
    );
    let sealed = pack.next_revision();
    pack.apply(&Change::Seal).unwrap();
    let copy = pack.next_generation();
    assert!(copy.next_revision() > sealed);
    assert_eq!((copy.moved_to(), copy.secret().to_string().as_str()), (None, "packs/main-00042/4"));
    assert_eq!(copy.account(&name("shop-de")).unwrap().unwrap().version.as_str(), format!("main-00042:{two}"));
}

proptest! {
    #[test]
    fn an_arbitrary_value_is_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Pack::decode(&secret(), &PackValue::new(bytes)).is_err());
    }

    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text in ".{0,120}") {
        prop_assert!(decode(&text).is_err());
    }

    #[test]
    fn a_changed_byte_of_a_value_is_noticed(at in 0_usize..10_000, bit in 0_u8..8) {
        let mut pack = Pack::new(&secret());
        pack.apply(&create(document("shop-de"))).unwrap();
        let mut bytes = pack.encode().unwrap().expose().to_vec();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        // Some bits of gzip say nothing about the content.
        let read = Pack::decode(&secret(), &PackValue::new(bytes));
        prop_assert!(read.is_err() || read == Ok(pack));
    }
}
