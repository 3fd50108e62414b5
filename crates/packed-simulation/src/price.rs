//! AWS's price list for us-east-1 in November 2026, in dollars, without any free tier.

/// A secret for a month.
pub const SECRET: f64 = 0.40;

/// A call to Secrets Manager.
pub const SECRETS_CALL: f64 = 0.05 / 10_000.0;

/// A write unit of DynamoDB on demand.
pub const WRITE_UNIT: f64 = 0.625 / 1e6;

/// A read unit of DynamoDB on demand.
pub const READ_UNIT: f64 = 0.125 / 1e6;

/// An invocation of a Lambda function.
pub const INVOCATION: f64 = 0.20 / 1e6;

/// A gigabyte-second of a Lambda function on arm64.
pub const GB_SECOND: f64 = 0.000_013_333_4;

/// An invocation by EventBridge Scheduler.
pub const SCHEDULED: f64 = 1.00 / 1e6;

/// An event on EventBridge.
pub const EVENT: f64 = 1.00 / 1e6;

/// A request to API Gateway.
pub const REQUEST: f64 = 1.00 / 1e6;

/// Ingestion of a gigabyte of logs, plus three months of storage (the template's `LogRetentionDays`) at $0.03, compressed or
/// not.
pub const LOG_GB: f64 = 0.50 + 3.0 * 0.03;

/// A metric for a month. Billed for each hour with at least one data point.
pub const METRIC: f64 = 0.30;

/// An alarm for a month.
pub const ALARM: f64 = 0.10;

/// A dashboard for a month.
pub const DASHBOARD: f64 = 3.00;

/// A KMS key for a month.
pub const KEY: f64 = 1.00;

/// A call to KMS.
pub const KEY_CALL: f64 = 0.03 / 10_000.0;

/// The hours of a month.
pub const HOURS_PER_MONTH: f64 = 730.0;
