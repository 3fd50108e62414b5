//! `publish_feeds COUNT PICTURE`: publishes that many feeds of 12 posts with everything in memory, and prints the time and
//! the calls of each run as JSON. `PICTURE` is the file behind the links of new posts. `make bench-feeds` runs it.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a program of the benchmarks")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use evertoken_core::clock::Clock;
use evertoken_core::document::Document;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::media::{Media, PictureError, PictureSource};
use evertoken_core::secrets::AccessToken;
use evertoken_core::vault::{AccountStore, MemoryVault};
use evertoken_feed::converter::Converter;
use evertoken_feed::file_path::FilePath;
use evertoken_feed::files::{FeedFiles, FilesError};
use evertoken_feed::memory_files::MemoryFiles;
use evertoken_feed::memory_instagram::MemoryInstagram;
use evertoken_feed::publisher::{PublishLimits, Publisher};
use evertoken_feed::report::Report;
use evertoken_feed::request::{Request, Response};
use evertoken_feed::sample;
use time::{Duration, OffsetDateTime};
use url::Url;

/// Posts of each feed.
const POSTS: u64 = 12;

/// Ids of the posts of one account.
const IDS: u64 = 1000;

/// Processor time of this process in clock ticks, of which Linux has 100 per second.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(") ").unwrap().1.split(' ');
    fields.skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum()
}

/// Counted calls, by their name.
#[derive(Clone, Debug, Default)]
struct Calls(Arc<Mutex<BTreeMap<&'static str, usize>>>);

impl Calls {
    fn count(&self, call: &'static str) {
        *self.0.lock().unwrap().entry(call).or_default() += 1;
    }
}

/// Files in memory, whose calls are counted.
#[derive(Clone, Debug, Default)]
struct CountedFiles {
    files: MemoryFiles,
    calls: Calls,
}

impl FeedFiles for CountedFiles {
    async fn read(&self, path: &FilePath) -> Result<Option<Vec<u8>>, FilesError> {
        self.calls.count("file_reads");
        self.files.read(path).await
    }

    async fn write(&self, path: &FilePath, bytes: Vec<u8>) -> Result<(), FilesError> {
        self.calls.count("file_writes");
        self.files.write(path, bytes).await
    }

    async fn delete(&self, paths: &[FilePath]) -> Result<(), FilesError> {
        if !paths.is_empty() {
            self.calls.count("file_deletions");
        }
        self.files.delete(paths).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<FilePath>, FilesError> {
        self.calls.count("file_lists");
        self.files.list(prefix).await
    }
}

/// The same picture behind every link.
#[derive(Clone, Debug)]
struct OnePicture {
    picture: Arc<Mutex<Vec<u8>>>,
    calls: Calls,
}

impl PictureSource for OnePicture {
    async fn picture(&self, _: &Url, _: usize) -> Result<Vec<u8>, PictureError> {
        self.calls.count("downloads");
        Ok(self.picture.lock().unwrap().clone())
    }
}

#[derive(Clone, Debug)]
struct MovableClock(Arc<Mutex<OffsetDateTime>>);

impl Clock for MovableClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

struct Bench {
    count: u64,
    publisher: Arc<Publisher<MemoryInstagram, OnePicture, CountedFiles, MemoryVault, MemoryFiles>>,
    instagram: MemoryInstagram,
    pictures: OnePicture,
    clock: MovableClock,
    calls: Calls,
}

impl Bench {
    fn new(count: u64) -> Self {
        let (calls, instagram) = (Calls::default(), MemoryInstagram::default());
        // Small, because nobody measures the first run.
        let picture = Arc::new(Mutex::new(sample::jpeg(40, 50)));
        let pictures = OnePicture { picture, calls: calls.clone() };
        let files = CountedFiles { calls: calls.clone(), ..CountedFiles::default() };
        let clock = MovableClock(Arc::new(Mutex::new(sample::EPOCH + Duration::days(365))));
        let publisher = Publisher {
            media: instagram.clone(),
            pictures: pictures.clone(),
            invalidations: files.files.clone(),
            files,
            vault: MemoryVault::default(),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SystemEntropy),
            converter: Converter::default(),
            base_url: "https://feeds.example.com".parse().unwrap(),
            widget: Cow::Borrowed(b"customElements.define()"),
            limits: PublishLimits::default(),
        };
        Self { count, publisher: Arc::new(publisher), instagram, pictures, clock, calls }
    }

    async fn enable_all(&self) {
        for account in 0..self.count {
            let name = format!("shop-{account}");
            let document = evertoken_core::sample::document(&name, sample::EPOCH);
            let document = Document { access_token: AccessToken::new(&name), ..document };
            self.publisher.vault.create(&document).await.unwrap();
            self.set_posts(account, Self::posts(account).collect());
            let request = Request::Enable { account: name.parse().unwrap(), settings: Box::default() };
            self.publisher.run(request, None).await.unwrap();
        }
    }

    fn posts(account: u64) -> impl Iterator<Item = Media> {
        (0..POSTS).rev().map(move |number| sample::post(account * IDS + number))
    }

    fn set_posts(&self, account: u64, posts: Vec<Media>) {
        self.instagram.set_posts(&format!("shop-{account}"), posts);
    }

    /// Publishes all feeds after this change of the posts of each account.
    async fn run(&self, name: &str, change: impl Fn(u64, Vec<Media>) -> Vec<Media>) -> serde_json::Value {
        for account in 0..self.count {
            self.set_posts(account, change(account, Self::posts(account).collect()));
        }
        *self.clock.0.lock().unwrap() += Duration::hours(7);
        self.calls.0.lock().unwrap().clear();
        let (begun, ticks_before, lists_before) = (Instant::now(), ticks(), self.instagram.lists());
        let response = self.publisher.run(Request::PublishDue, None).await.unwrap();
        let (seconds, cpu_ticks) = (begun.elapsed().as_secs_f64(), ticks() - ticks_before);
        let Response::Published { report } = response else { panic!("{response:?}") };
        let Report { feeds, failed, not_due, published, pictures_converted, .. } = report;
        assert_eq!((feeds, failed, not_due), (usize::try_from(self.count).unwrap(), 0, 0));
        let calls = self.calls.0.lock().unwrap();
        let calls_of = |name| calls.get(name).copied().unwrap_or_default();
        serde_json::json!({
            "change": name,
            "seconds": seconds,
            "cpu_ticks": cpu_ticks,
            "feeds": feeds,
            "published": published,
            "pictures_converted": pictures_converted,
            "instagram_lists": self.instagram.lists() - lists_before,
            "downloads": calls_of("downloads"),
            "file_reads": calls_of("file_reads"),
            "file_writes": calls_of("file_writes"),
            "file_deletions": calls_of("file_deletions"),
            "file_lists": calls_of("file_lists"),
        })
    }
}

/// The posts with another caption of the first one.
fn sold_out(mut posts: Vec<Media>) -> Vec<Media> {
    if let Some(post) = posts.first_mut() {
        post.caption = Some("Sold out".to_owned());
    }
    posts
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [count, picture] = arguments.try_into().unwrap();
    let picture = std::fs::read(picture).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let runs = runtime.block_on(async {
        let bench = Bench::new(count.parse().unwrap());
        bench.enable_all().await;
        let nothing = bench.run("Nothing", |_, posts| posts).await;
        let caption = bench.run("One caption each", |_, posts| sold_out(posts)).await;
        *bench.pictures.picture.lock().unwrap() = picture;
        let with_new_post = |account, posts| {
            let posts = [vec![sample::post(account * IDS + POSTS)], sold_out(posts)].concat();
            posts.into_iter().take(usize::try_from(POSTS).unwrap()).collect()
        };
        let post = bench.run("One new post each", with_new_post).await;
        [nothing, caption, post]
    });
    println!("{}", serde_json::json!(runs));
}
