//! The rate limits of AWS.

use tokio::time::Instant;

use super::operation::Operation;

/// A token bucket that holds the permits of one second.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    per_second: f64,
    permits: f64,
    at: Instant,
}

impl Bucket {
    fn new(per_second: f64) -> Self {
        Self { per_second, permits: per_second, at: Instant::now() }
    }

    fn take(&mut self, permits: f64) -> bool {
        let now = Instant::now();
        let earned = (now - self.at).as_secs_f64() * self.per_second;
        self.permits = (self.permits + earned).min(self.per_second);
        self.at = now;
        let has_enough = self.permits >= permits;
        if has_enough {
            self.permits -= permits;
        }
        has_enough
    }
}

/// The limits of an AWS account (AWS, "Secrets Manager quotas") and of a new table on demand (AWS, "DynamoDB on-demand
/// capacity mode").
#[derive(Clone, Copy, Debug)]
pub(super) struct RateLimits {
    gets: Bucket,
    puts: Bucket,
    creates: Bucket,
    deletes: Bucket,
    lists: Bucket,
    reads: Bucket,
    writes: Bucket,
}

impl RateLimits {
    pub(super) fn new() -> Self {
        Self {
            gets: Bucket::new(10_000.0),
            puts: Bucket::new(50.0),
            creates: Bucket::new(50.0),
            deletes: Bucket::new(50.0),
            lists: Bucket::new(100.0),
            reads: Bucket::new(12_000.0),
            writes: Bucket::new(4_000.0),
        }
    }

    /// Whether a call is accepted. `units` are those of DynamoDB.
    pub(super) fn accept(&mut self, operation: Operation, units: u32) -> bool {
        match operation {
            Operation::GetSecretValue => self.gets.take(1.0),
            Operation::PutSecretValue => self.puts.take(1.0),
            Operation::CreateSecret => self.creates.take(1.0),
            Operation::DeleteSecret => self.deletes.take(1.0),
            Operation::ListSecrets => self.lists.take(1.0),
            Operation::GetItem | Operation::BatchGetItem => self.reads.take(units.into()),
            Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem | Operation::TransactWriteItems => {
                self.writes.take(units.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn fifty_writes_a_second_are_accepted() {
        let mut limits = RateLimits::new();
        let mut accepted = || (0..200).filter(|_| limits.accept(Operation::PutSecretValue, 0)).count();
        assert_eq!(accepted(), 50);
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(accepted(), 25);
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!(accepted(), 50);
    }
}
