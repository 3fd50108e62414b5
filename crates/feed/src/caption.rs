//! What captions say: hashtags, words and the first line. Captions are foreign text.

/// A character that belongs to a word or hashtag in any script: letters, digits, combining marks, the underscore, joiners and
/// emoji.
pub(crate) fn is_word_character(c: char) -> bool {
    unicode_ident::is_xid_continue(c)
        || matches!(c,
            '\u{200c}' | '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
            | '\u{1f000}'..='\u{1faff}')
}

/// The hashtags of a caption without their `#`, in their order and each only once, without regard to case.
pub fn hashtags(caption: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let mut before = None;
    let mut rest = caption;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        // `a#b` is no hashtag, `&#39;` is a character reference, and `/#b` is the end of a link.
        let continues = |c| (is_word_character(c) && !has_no_spaces(c)) || matches!(c, '&' | '/');
        let begins = matches!(c, '#' | '＃') && !before.is_some_and(continues);
        before = Some(c);
        if !begins {
            continue;
        }
        let length = rest.find(|c| !is_word_character(c)).unwrap_or(rest.len());
        let (tag, after) = rest.split_at_checked(length).unwrap_or_default();
        let lowercase = tag.to_lowercase();
        if !tag.is_empty() && !known.contains(&lowercase) {
            known.push(lowercase);
            tags.push(tag.to_owned());
        }
        if !tag.is_empty() {
            // The next `#` begins another hashtag, as in `#one#two`.
            before = None;
            rest = after;
        }
    }
    tags
}

/// The first line of a caption that says something.
pub fn first_line(caption: &str) -> Option<&str> {
    let mut lines = caption.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(str::trim);
    lines.find(|line| line.chars().any(is_word_character))
}

/// Removes the characters that XML forbids, which no caption needs.
pub fn clean(text: &str) -> String {
    let is_allowed = |c: &char| match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => !c.is_control(),
    };
    text.chars().filter(is_allowed).collect()
}

/// Whether a caption contains a word, a hashtag or several words, without regard to case.
///
/// A word also matches the hashtag of the same name; a hashtag matches only the hashtag.
pub fn contains(caption: &str, word: &str) -> bool {
    let (caption, word) = (caption.to_lowercase(), word.to_lowercase().replace('＃', "#"));
    let caption = caption.replace('＃', "#");
    let (Some(first), Some(last)) = (word.chars().next(), word.chars().next_back()) else { return false };
    caption.match_indices(&word).any(|(start, _)| {
        let before = caption.get(..start).and_then(|text| text.chars().next_back());
        let after = caption.get(start + word.len()..).and_then(|text| text.chars().next());
        before.is_none_or(|before| !are_one_word(before, first)) && after.is_none_or(|after| !are_one_word(last, after))
    })
}

/// Whether two neighboring characters belong to the same word. In scripts without spaces between words, nobody can tell, so
/// a part of a word is accepted.
fn are_one_word(one: char, other: char) -> bool {
    let both = |is: fn(char) -> bool| is(one) && is(other);
    both(is_word_character) && !(has_no_spaces(one) || has_no_spaces(other))
}

/// Thai, Lao, Myanmar, Khmer, kana, and Chinese characters.
fn has_no_spaces(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hashtags_are_found_in_all_scripts() {
        let cases: [(&str, &[&str]); 11] = [
            ("New #coffee, #Café and #COFFEE!", &["coffee", "Café"]),
            ("#кофе#чай", &["кофе", "чай"]),
            ("#قهوة مع #الصباح", &["قهوة", "الصباح"]),
            ("#हिन्दी और #காபி", &["हिन्दी", "காபி"]),
            ("今日の#コーヒー、#東京_カフェ", &["コーヒー", "東京_カフェ"]),
            ("＃全角", &["全角"]),
            ("#☕️love #2026", &["☕️love", "2026"]),
            ("a#b &#39; https://example.com/#anchor # ##", &[]),
            ("##double", &["double"]),
            ("#one.two #one-two", &["one"]),
            ("(#in) \"#quotes\"", &["in", "quotes"]),
        ];
        for (caption, expected) in cases {
            assert_eq!(hashtags(caption), expected, "{caption}");
        }
    }

    #[test]
    fn the_first_line_that_says_something_is_the_summary() {
        assert_eq!(first_line("\n . \r\n  New beans \nsecond"), Some("New beans"));
        assert_eq!(first_line("☕️"), Some("☕️"));
        assert_eq!(first_line(" \n.\n"), None);
    }

    #[test]
    fn words_match_as_a_whole_and_without_regard_to_case() {
        for (caption, word) in [
            ("Fresh COFFEE.", "coffee"),
            ("Fresh #Coffee", "coffee"),
            ("Fresh #Coffee", "#coffee"),
            ("Grüße aus KÖLN", "köln"),
            ("New York City", "new york"),
            ("美味しいコーヒーです", "コーヒー"),
            ("КОФЕ", "кофе"),
            ("＃Tea", "#tea"),
            ("Coffeeshop with coffee", "coffee"),
        ] {
            assert!(contains(caption, word), "{caption} / {word}");
        }
        for (caption, word) in
            [("coffeeshop", "coffee"), ("Fresh coffee", "#coffee"), ("#coffeetime", "#coffee"), ("", "a"), ("a", "")]
        {
            assert!(!contains(caption, word), "{caption} / {word}");
        }
    }

    proptest! {
        #[test]
        fn every_hashtag_stands_in_its_caption(caption in ".{0,200}") {
            for tag in hashtags(&caption) {
                prop_assert!(!tag.is_empty() && tag.chars().all(is_word_character));
                let in_caption = [format!("#{tag}"), format!("＃{tag}")];
                prop_assert!(in_caption.iter().any(|text| caption.contains(text)));
                let hashtag = format!("#{tag}");
                prop_assert!(contains(&caption, &hashtag));
            }
        }

        #[test]
        fn the_first_line_has_no_line_break(caption in "(?s).{0,200}") {
            let line = first_line(&caption).unwrap_or_default();
            prop_assert!(caption.contains(line) && !line.contains(['\n', '\r']));
        }

        #[test]
        fn clean_text_has_no_character_that_xml_forbids(text in "(?s).{0,200}") {
            let is_forbidden = |c: char| (c < ' ' && !"\t\n\r".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}');
            prop_assert!(!clean(&text).contains(is_forbidden));
        }
    }
}
