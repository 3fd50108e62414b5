//! Searches the memory of a process for a secret (Linux).

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use getrandom::fill;
use secrecy::zeroize::Zeroizing;

/// How much memory is read at a time.
const CHUNK: usize = 1 << 14;

/// A random secret that is not in this process's memory itself: each of its bytes is stored inverted.
#[derive(Debug)]
pub struct MaskedSecret(Vec<u8>);

impl MaskedSecret {
    /// Creates a secret of 40 hexadecimal digits.
    pub fn random() -> Self {
        let mut bytes = [0; 40];
        fill(&mut bytes).unwrap();
        Self(bytes.iter().map(|byte| !b"0123456789abcdef"[usize::from(byte % 16)]).collect())
    }

    /// Masks a text. The text itself is in memory until its owner overwrites it.
    pub fn of(text: &str) -> Self {
        Self(text.bytes().map(|byte| !byte).collect())
    }

    /// A text with the secret in the place of `{secret}`, which is overwritten when it is dropped.
    pub fn within(&self, template: &str) -> Zeroizing<String> {
        let (before, after) = template.split_once("{secret}").unwrap();
        let mut text = Zeroizing::new(String::with_capacity(template.len() + self.0.len()));
        text.push_str(before);
        text.extend(self.0.iter().map(|byte| char::from(!byte)));
        text.push_str(after);
        text
    }

    /// Counts the copies of the secret in a process's writable memory: `self`, or a process's ID.
    pub fn copies_in(&self, process: &str) -> usize {
        let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
        let memory = File::open(format!("/proc/{process}/mem")).unwrap();
        let mut buffer = Zeroizing::new(vec![0; CHUNK + self.0.len() - 1]);
        let zeros = vec![0; buffer.len()];
        let mut copies = 0;
        for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw"))) {
            let (start, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
            for at in (start..end).step_by(CHUNK) {
                let length = buffer.len().min(usize::try_from(end - at).unwrap());
                // Most memory is untouched. A part that cannot be read, such as a mapping that was removed in the meantime, holds nothing.
                if memory.read_exact_at(&mut buffer[..length], at).is_ok() && buffer[..length] != zeros[..length] {
                    copies += self.count(&buffer[..length]);
                }
            }
        }
        copies
    }

    /// The allocator overwrites the first 16 bytes of freed memory itself, so only the rest is searched.
    fn count(&self, memory: &[u8]) -> usize {
        let rest = &self.0[16..];
        let Some(first) = rest.first().map(|masked| !masked) else { return 0 };
        let is_here = |part: &[u8]| part.iter().zip(rest).all(|(byte, masked)| *byte == !masked);
        let starts = memory.iter().enumerate().filter(|(_, byte)| **byte == first);
        starts.filter(|(at, _)| memory.get(*at..at + rest.len()).is_some_and(is_here)).count()
    }
}
