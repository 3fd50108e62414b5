//! Names many files with few paths. CloudFront bills each path, and accepts `*` at the end of one as any text (AWS,
//! "Invalidating files").

use std::collections::BTreeSet;

use evertoken_feed::file_path::FilePath;

/// The paths to invalidate for these files. They also match some files that still exist, which CloudFront then requests
/// again: all formats of a feed, and all pictures of an account.
pub(crate) fn cached_paths(files: &[FilePath]) -> BTreeSet<String> {
    files.iter().map(|file| pattern(file.as_str())).collect()
}

fn pattern(file: &str) -> String {
    match file.split_once('/') {
        // A key contains no dot.
        Some(("feed", name)) => format!("/feed/{}.*", name.split('.').next().unwrap_or(name)),
        Some(("img", picture)) => match picture.split_once('/') {
            Some((account, _)) => format!("/img/{account}/*"),
            None => format!("/{file}"),
        },
        _ => format!("/{file}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(files: &[&str]) -> Vec<String> {
        let files: Vec<FilePath> = files.iter().map(|file| file.parse().unwrap()).collect();
        cached_paths(&files).into_iter().collect()
    }

    #[test]
    fn a_feed_with_all_its_pictures_takes_two_paths() {
        let files = [
            "feed/my-shop.json",
            "feed/my-shop.html",
            "feed/my-shop.atom",
            "img/my-shop/1-0123456789abcdef-320.webp",
            "img/my-shop/1-0123456789abcdef-320.jpg",
            "img/my-shop/2-0123456789abcdef-1080.jpg",
        ];
        assert_eq!(paths(&files), ["/feed/my-shop.*", "/img/my-shop/*"]);
    }

    #[test]
    fn a_path_matches_no_file_of_another_feed_or_account() {
        let files = ["feed/my.json", "img/my/1-0-320.jpg", "widget.js"];
        assert_eq!(paths(&files), ["/feed/my.*", "/img/my/*", "/widget.js"]);
    }
}
