//! Captions that a page must not garble.

/// Instagram's limit, in characters (Meta, Instagram content publishing).
const MAX_CHARACTERS: usize = 2200;

/// Markup, which a page must show as text.
pub(crate) const MARKUP: &str = "<script>alert('caption')</script> <b>Beans & \"leaves\"</b> &amp; ]]> {{ price }}";

/// Emoji of several code points: with a joiner, a skin tone, a flag and a keycap.
pub(crate) const EMOJI: &str = "☕️ Open late 👩\u{200d}🍳👍🏽 in 🇵🇹 since 1️⃣9️⃣8️⃣7️⃣\n\n#coffee #café #コーヒー";

/// Arabic and Hebrew between English words.
pub(crate) const RIGHT_TO_LEFT: &str = "قهوة طازجة كل صباح! Open daily 7-19 שבת שלום #قهوة";

/// A caption as long as Instagram allows.
pub(crate) fn longest() -> String {
    let sentences = (1..).map(|number| format!("{number}. Grind, pour, wait. Größe und Geduld ☕. "));
    sentences.flat_map(|sentence| sentence.chars().collect::<Vec<_>>()).take(MAX_CHARACTERS).collect()
}
