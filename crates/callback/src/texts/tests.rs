use std::collections::HashSet;
use std::fmt::Write as _;

use time::macros::date;

use super::*;

const LANGUAGES: [Language; 3] = [Language::English, Language::German, Language::Spanish];
const PLACEHOLDERS: [&str; 3] = ["{scopes}", "{username}", "{expected}"];
const LINKS: [&str; 2] = ["https://www.instagram.com/accounts/manage_access/", "https://www.instagram.com/"];

fn contained<'a>(candidates: &[&'a str], explanation: Explanation) -> Vec<&'a str> {
    let text = format!("{} {}", explanation.cause, explanation.remedy);
    candidates.iter().copied().filter(|candidate| text.contains(candidate)).collect()
}

#[test]
fn every_error_page_has_a_complete_text_in_every_language() {
    for language in LANGUAGES {
        for page in ErrorPage::ALL {
            let Explanation { title, cause, remedy, operator } = explanation(language, *page);
            for text in [title, cause, remedy, operator] {
                assert!(!text.is_empty(), "{language:?} {page:?}");
            }
            assert!(title.chars().count() <= 55 && !title.ends_with('.'), "{language:?} {page:?}: {title}");
        }
    }
}

#[test]
fn titles_are_unique_within_a_language() {
    for language in LANGUAGES {
        let mut titles = HashSet::new();
        for page in ErrorPage::ALL {
            let title = explanation(language, *page).title;
            assert!(titles.insert(title), "{language:?}: two pages have the title {title:?}");
        }
    }
}

/// A person who was asked to log in knows none of these words. What they mean for the operator is in the operator's part.
#[test]
fn nothing_that_a_client_reads_is_technical() {
    let technical = [
        "evertoken_",
        "token",
        "scope",
        "oauth",
        "api",
        "redirect",
        "http:",
        "json",
        "signed_request",
        "secret",
        "credential",
        "authorization code",
        "autorisierungscode",
        "código de autorización",
        "(code",
        "(código",
        "kib",
        "advanced access",
        "tester_",
        "developer",
        "modus",
        "capability",
        "instagram_business",
        "aws",
        "lambda",
        "parameter",
        "parámetro",
    ];
    for language in LANGUAGES {
        for page in ErrorPage::ALL {
            let Explanation { title, cause, remedy, .. } = explanation(language, *page);
            let text = format!("{title} {cause} {remedy}").to_lowercase().replace("{scopes}", "");
            let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            for term in technical {
                // A short word may be part of a harmless one.
                let found = if term.len() <= 4 { words.contains(&term) } else { text.contains(term) };
                assert!(!found, "{language:?} {page:?} says {term:?}: {text}");
            }
        }
    }
}

#[test]
fn every_address_in_a_text_is_a_named_link_to_instagram() {
    for language in LANGUAGES {
        let pages = ErrorPage::ALL.iter().map(|page| explanation(language, *page).remedy);
        for text in pages.chain([phrases(language).invite_end]) {
            for (before, address) in text.match_indices("http").map(|(at, _)| text.split_at(at)) {
                assert!(before.ends_with("]("), "{text}");
                assert!(address.starts_with("https://www.instagram.com/"), "{text}");
            }
        }
    }
}

#[test]
fn dates_are_written_as_in_the_language() {
    let dates = [date!(2027 - 01 - 05), date!(2026 - 12 - 31)];
    let written = LANGUAGES.map(|language| {
        let phrases = phrases(language);
        let [first, last] = dates.map(|date| phrases.date(date));
        (phrases.lang, first, last)
    });
    let expected = [
        ("en", "5 January 2027", "31 December 2026"),
        ("de", "5. Januar 2027", "31. Dezember 2026"),
        ("es", "5 de enero de 2027", "31 de diciembre de 2026"),
    ];
    assert_eq!(written.each_ref().map(|(lang, first, last)| (*lang, first.as_str(), last.as_str())), expected);
}

#[test]
fn permissions_are_named_in_plain_words() {
    for language in LANGUAGES {
        let phrases = phrases(language);
        assert!(!phrases.permission("instagram_business_basic").contains('_'), "{language:?}");
        assert!(phrases.permission("instagram_business_new").contains("instagram_business_new"), "{language:?}");
    }
}

#[test]
fn translations_keep_the_placeholders_and_links_of_the_english_text() {
    for language in LANGUAGES {
        for page in ErrorPage::ALL {
            let (english, translated) = (explanation(Language::English, *page), explanation(language, *page));
            for candidates in [&PLACEHOLDERS[..], &LINKS] {
                let expected = contained(candidates, english);
                assert_eq!(contained(candidates, translated), expected, "{language:?} {page:?}");
            }
        }
    }
}

/// Lists every error page, so that all texts can be reviewed in one file: `snapshots/error_pages.snap` in this crate.
#[test]
fn the_snapshot_lists_every_error_page() {
    let mut list = String::new();
    for page in ErrorPage::ALL {
        writeln!(list, "{} ({})", page.code(), page.status().as_u16()).unwrap();
        for language in LANGUAGES {
            let Explanation { title, cause, remedy, operator } = explanation(language, *page);
            writeln!(list, "  {}  {title}", phrases(language).lang).unwrap();
            for (label, text) in [("cause", cause), ("remedy", remedy), ("operator", operator)] {
                writeln!(list, "      {label:<9} {text}").unwrap();
            }
        }
        list.push('\n');
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("error_pages", list.trim_end()));
}
