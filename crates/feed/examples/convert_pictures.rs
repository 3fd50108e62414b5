//! `convert_pictures FOLDER THREADS OUTPUT`: converts all pictures of a folder, and prints how long that took as JSON.
//! `make bench-pictures` compares it with other programs that do the same.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program of the benchmarks")]

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use evertoken_feed::convert::{ConvertedPicture, PictureLimits, convert};

/// Processor time of this process in clock ticks, of which Linux has 100 per second.
fn ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(") ").unwrap().1.split(' ');
    fields.skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum()
}

fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [folder, threads, output] = arguments.try_into().unwrap();
    let output = PathBuf::from(output);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    let pictures: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();

    let (begun, ticks_before) = (Instant::now(), ticks());
    let next = Mutex::new(pictures.iter());
    let sizes = Mutex::new((0, 0));
    let first: Mutex<Option<ConvertedPicture>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..threads.parse().unwrap() {
            scope.spawn(|| {
                loop {
                    let Some(picture) = next.lock().unwrap().next() else { break };
                    let converted = convert(picture, PictureLimits::default()).unwrap();
                    let mut sizes = sizes.lock().unwrap();
                    for size in &converted.sizes {
                        sizes.0 += size.webp.len();
                        sizes.1 += size.jpeg.len();
                    }
                    first.lock().unwrap().get_or_insert(converted);
                }
            });
        }
    });
    let (seconds, cpu_ticks) = (begun.elapsed().as_secs_f64(), ticks() - ticks_before);

    for size in first.into_inner().unwrap().unwrap().sizes {
        fs::write(output.join(format!("{}.webp", size.width)), size.webp).unwrap();
        fs::write(output.join(format!("{}.jpg", size.width)), size.jpeg).unwrap();
    }
    let (webp_bytes, jpeg_bytes) = sizes.into_inner().unwrap();
    let measured = serde_json::json!({
        "pictures": pictures.len(),
        "seconds": seconds,
        "cpu_ticks": cpu_ticks,
        "peak_kib": peak_kib(),
        "webp_bytes": webp_bytes,
        "jpeg_bytes": jpeg_bytes,
    });
    println!("{measured}");
}
