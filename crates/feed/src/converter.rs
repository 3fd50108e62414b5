//! Converts pictures beside the other work of the process, with limits for time and number.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::convert::{ConvertedPicture, PictureLimits, UnusablePicture, convert};

/// Converts pictures in threads of their own.
#[derive(Clone, Debug)]
pub struct Converter {
    limits: PictureLimits,
    time_limit: Duration,
    free: Arc<Semaphore>,
}

impl Default for Converter {
    /// One picture per processor. A picture of 1080 x 1350 pixels takes about a tenth of a second.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, Into::into);
        Self::new(PictureLimits::default(), Duration::from_secs(20), processors)
    }
}

impl Converter {
    /// Converts at most `at_once` pictures at the same time.
    pub fn new(limits: PictureLimits, time_limit: Duration, at_once: usize) -> Self {
        Self { limits, time_limit, free: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// The largest file in bytes.
    pub fn largest_file(&self) -> usize {
        self.limits.bytes
    }

    /// Converts a picture. After the time limit, the work continues without its result being used, and counts as one of the
    /// pictures at the same time until it ends.
    pub async fn convert(&self, bytes: Vec<u8>) -> Result<ConvertedPicture, UnusablePicture> {
        let limits = self.limits;
        self.run(move || convert(&bytes, limits)).await
    }

    async fn run(
        &self,
        work: impl FnOnce() -> Result<ConvertedPicture, UnusablePicture> + Send + 'static,
    ) -> Result<ConvertedPicture, UnusablePicture> {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| UnusablePicture::TooSlow)?;
        let work = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        match tokio::time::timeout(self.time_limit, work).await {
            Ok(Ok(result)) => result,
            // A panic of a decoder.
            Ok(Err(_)) => Err(UnusablePicture::Damaged),
            Err(_) => Err(UnusablePicture::TooSlow),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn converter(time_limit: Duration) -> Converter {
        Converter::new(PictureLimits::default(), time_limit, 1)
    }

    #[tokio::test]
    async fn a_picture_is_converted() {
        let converted = Converter::default().convert(crate::sample::jpeg(40, 30)).await.unwrap();
        assert_eq!(converted.sizes.len(), 1);
    }

    #[tokio::test]
    async fn a_slow_picture_is_given_up_and_a_panic_is_contained() {
        let (end, wait) = mpsc::channel::<()>();
        let slow = converter(Duration::from_millis(1));
        let result = slow.run(move || {
            wait.recv().ok();
            Err(UnusablePicture::Damaged)
        });
        assert_eq!(result.await, Err(UnusablePicture::TooSlow));
        assert_eq!(slow.free.available_permits(), 0, "the work goes on and still counts");
        end.send(()).unwrap();
        let panicking = converter(Duration::from_mins(1));
        assert_eq!(panicking.run(|| panic!("decoder")).await, Err(UnusablePicture::Damaged));
        assert_eq!(panicking.free.available_permits(), 1);
    }
}
