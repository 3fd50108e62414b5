//! The lines of a CSV file.

/// Finds the numbers of lines. The `csv` crate reports where it looked for a record, which is before any empty lines.
pub(crate) struct Lines<'a> {
    text: &'a str,
    byte: usize,
    number: u64,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, byte: 0, number: 1 }
    }

    /// The number of the first line at or after this byte that is not empty. The bytes of successive calls must not decrease.
    pub(crate) fn number_at(&mut self, byte: usize) -> u64 {
        let rest = self.text.get(byte..).unwrap_or_default();
        let byte = self.text.len() - rest.trim_start_matches(['\r', '\n']).len();
        let passed = self.text.get(self.byte..byte).unwrap_or_default();
        // A carriage return with a line feed ends one line, and so does either alone.
        let before = std::iter::once(0).chain(passed.bytes());
        let ends = before.zip(passed.bytes()).filter(|two| matches!(two, (_, b'\r' | b'\n')) && *two != (b'\r', b'\n'));
        self.number += ends.fold(0, |lines, _| lines + 1);
        self.byte = byte;
        self.number
    }
}

/// Spreadsheets write semicolons in languages whose decimal mark is a comma.
pub(crate) fn delimiter(text: &str) -> u8 {
    let header = text.split(['\r', '\n']).next().unwrap_or_default();
    if header.contains(';') && !header.contains(',') { b';' } else { b',' }
}
