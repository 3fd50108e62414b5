use std::collections::HashSet;
use std::fmt::Write as _;

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
