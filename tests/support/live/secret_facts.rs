//! Assumptions about Secrets Manager.

use std::time::{Duration, Instant};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, Tag};

use super::account::{FACT_SECRETS, LiveAccount};
use super::finding::{Finding, Observation};

/// The assumptions that [`check`] checks.
pub const CHECKED: [&str; 14] = [
    "secret-put-moves-labels",
    "secret-put-idempotent",
    "secret-put-conflict",
    "secret-parked-label",
    "secret-create-exists",
    "secret-batch-of-20",
    "secret-batch-reports-missing",
    "secret-recovery-window",
    "secret-read-while-deleted",
    "secret-create-while-deleted",
    "secret-restore-keeps-value",
    "secret-name-free-after-force-delete",
    "secret-list-lag",
    "secret-tag-characters",
];

/// AWS documents two minutes at most for a name, and five for a list.
const PATIENCE: Duration = Duration::from_mins(6);

const FIRST: &str = "11111111-1111-1111-1111-111111111111";
const SECOND: &str = "22222222-2222-2222-2222-222222222222";
const PARKED: &str = "33333333-3333-3333-3333-333333333333";

/// Checks all assumptions, one after the other.
pub async fn check(account: &LiveAccount) -> Vec<Finding> {
    let facts = Facts { client: account.secrets(), account };
    vec![
        Finding::new(CHECKED[0], facts.put_moves_labels().await),
        Finding::new(CHECKED[1], facts.put_is_idempotent().await),
        Finding::new(CHECKED[2], facts.put_conflicts().await),
        Finding::new(CHECKED[3], facts.parked_label_is_kept().await),
        Finding::new(CHECKED[4], facts.create_of_an_existing_name_is_refused().await),
        Finding::new(CHECKED[5], facts.batch_takes_twenty().await),
        Finding::new(CHECKED[6], facts.batch_reports_missing().await),
        Finding::new(CHECKED[7], facts.recovery_window_is_7_to_30_days().await),
        Finding::new(CHECKED[8], facts.deleted_cannot_be_read().await),
        Finding::new(CHECKED[9], facts.deleted_name_is_taken().await),
        Finding::new(CHECKED[10], facts.restore_keeps_the_value().await),
        Finding::new(CHECKED[11], facts.forced_name_becomes_free().await),
        Finding::new(CHECKED[12], facts.list_lags_at_most_five_minutes().await),
        Finding::new(CHECKED[13], facts.tags_accept_our_characters().await),
    ]
}

struct Facts<'a> {
    client: Client,
    account: &'a LiveAccount,
}

/// The error code of a call, or `none`.
fn code<T, E: ProvideErrorMetadata>(result: Result<T, E>) -> String {
    result.map_or_else(|error| error.code().unwrap_or("no code").to_owned(), |_| "none".to_owned())
}

/// Confirms the assumption if the error code is the expected one.
fn expect<T, E: ProvideErrorMetadata>(result: Result<T, E>, expected: &str) -> Observation {
    let code = code(result);
    if code == expected { Ok(format!("error code: {code}")) } else { Err(format!("error code: {code}")) }
}

fn failed(error: &impl ProvideErrorMetadata) -> String {
    format!("the check itself failed: {}", error.code().unwrap_or("no answer"))
}

impl Facts<'_> {
    fn name(&self, index: usize) -> String {
        self.account.secret(FACT_SECRETS[index])
    }

    async fn create(&self, index: usize, token: &str) -> Result<(), String> {
        let create = self.client.create_secret().name(self.name(index)).secret_string("first");
        create.client_request_token(token).send().await.map(|_| ()).map_err(|error| failed(&error))
    }

    async fn version(&self, index: usize, stage: &str) -> Result<String, String> {
        let get = self.client.get_secret_value().secret_id(self.name(index)).version_stage(stage);
        let value = get.send().await.map_err(|error| failed(&error))?;
        Ok(value.version_id.unwrap_or_default())
    }

    async fn put_moves_labels(&self) -> Observation {
        self.create(0, FIRST).await?;
        let put = self.client.put_secret_value().secret_id(self.name(0)).secret_string("second");
        put.client_request_token(SECOND).send().await.map_err(|error| failed(&error))?;
        match (self.version(0, "AWSCURRENT").await?.as_str(), self.version(0, "AWSPREVIOUS").await?.as_str()) {
            (SECOND, FIRST) => Ok("AWSCURRENT is the new version, AWSPREVIOUS the old one".to_owned()),
            (current, previous) => Err(format!("AWSCURRENT is {current}, AWSPREVIOUS is {previous}")),
        }
    }

    async fn put_is_idempotent(&self) -> Observation {
        let put = self.client.put_secret_value().secret_id(self.name(0)).secret_string("second");
        let repeated = put.client_request_token(SECOND).send().await.map_err(|error| failed(&error))?;
        if repeated.version_id() == Some(SECOND) && self.version(0, "AWSPREVIOUS").await? == FIRST {
            Ok("the repeated call changed nothing".to_owned())
        } else {
            Err(format!("{repeated:?}"))
        }
    }

    async fn put_conflicts(&self) -> Observation {
        let put = self.client.put_secret_value().secret_id(self.name(0)).secret_string("third");
        expect(put.client_request_token(SECOND).send().await, "ResourceExistsException")
    }

    async fn parked_label_is_kept(&self) -> Observation {
        let put = self.client.put_secret_value().secret_id(self.name(0)).secret_string("parked");
        let put = put.client_request_token(PARKED).version_stages("EVERTOKEN_PARKED");
        put.send().await.map_err(|error| failed(&error))?;
        match (self.version(0, "EVERTOKEN_PARKED").await?.as_str(), self.version(0, "AWSCURRENT").await?.as_str()) {
            (PARKED, SECOND) => Ok("the label is on its version, and AWSCURRENT stays".to_owned()),
            (parked, current) => Err(format!("EVERTOKEN_PARKED is {parked}, AWSCURRENT is {current}")),
        }
    }

    async fn create_of_an_existing_name_is_refused(&self) -> Observation {
        expect(
            self.client.create_secret().name(self.name(0)).secret_string("x").send().await,
            "ResourceExistsException",
        )
    }

    async fn batch_takes_twenty(&self) -> Observation {
        let ids = |count: usize| Some(vec![self.name(0); 1].into_iter().chain(self.absent(count - 1)).collect());
        let twenty = self.client.batch_get_secret_value().set_secret_id_list(ids(20)).send().await;
        twenty.map_err(|error| failed(&error))?;
        match code(self.client.batch_get_secret_value().set_secret_id_list(ids(21)).send().await).as_str() {
            "none" => Err("21 were accepted".to_owned()),
            code => Ok(format!("20 are accepted, 21 are refused ({code})")),
        }
    }

    fn absent(&self, count: usize) -> impl Iterator<Item = String> {
        (0..count).map(|number| self.account.secret(&format!("absent/{number}")))
    }

    async fn batch_reports_missing(&self) -> Observation {
        let ids = self.absent(1).chain([self.name(0)]).collect();
        let batch = self.client.batch_get_secret_value().set_secret_id_list(Some(ids)).send().await;
        let batch = batch.map_err(|error| failed(&error))?;
        let errors: Vec<_> = batch.errors().iter().filter_map(|error| error.error_code()).collect();
        if errors == ["ResourceNotFoundException"] && batch.secret_values().len() == 1 {
            Ok("the other values are returned".to_owned())
        } else {
            Err(format!("errors: {errors:?}, values: {}", batch.secret_values().len()))
        }
    }

    async fn recovery_window_is_7_to_30_days(&self) -> Observation {
        self.create(1, FIRST).await?;
        for days in [6, 31] {
            let delete = self.client.delete_secret().secret_id(self.name(1)).recovery_window_in_days(days);
            if delete.send().await.is_ok() {
                return Err(format!("{days} days were accepted"));
            }
        }
        let delete = self.client.delete_secret().secret_id(self.name(1)).recovery_window_in_days(7).send().await;
        delete.map(|_| "6 and 31 days are refused, 7 are accepted".to_owned()).map_err(|error| failed(&error))
    }

    async fn deleted_cannot_be_read(&self) -> Observation {
        expect(self.client.get_secret_value().secret_id(self.name(1)).send().await, "InvalidRequestException")
    }

    async fn deleted_name_is_taken(&self) -> Observation {
        expect(
            self.client.create_secret().name(self.name(1)).secret_string("x").send().await,
            "InvalidRequestException",
        )
    }

    async fn restore_keeps_the_value(&self) -> Observation {
        self.client.restore_secret().secret_id(self.name(1)).send().await.map_err(|error| failed(&error))?;
        let value =
            self.client.get_secret_value().secret_id(self.name(1)).send().await.map_err(|error| failed(&error))?;
        if value.secret_string() == Some("first") {
            Ok("the same value".to_owned())
        } else {
            Err("another value".to_owned())
        }
    }

    async fn forced_name_becomes_free(&self) -> Observation {
        self.create(2, FIRST).await?;
        let delete = self.client.delete_secret().secret_id(self.name(2)).force_delete_without_recovery(true);
        delete.send().await.map_err(|error| failed(&error))?;
        let started = Instant::now();
        poll(async || self.create(2, SECOND).await.is_ok()).await?;
        Ok(format!("after {} s", started.elapsed().as_secs()))
    }

    async fn list_lags_at_most_five_minutes(&self) -> Observation {
        self.create(3, FIRST).await?;
        let started = Instant::now();
        let filter = Filter::builder().key(FilterNameStringType::Name).values(self.name(3)).build();
        poll(async || {
            let listed = self.client.list_secrets().filters(filter.clone()).send().await;
            listed.is_ok_and(|listed| !listed.secret_list().is_empty())
        })
        .await?;
        Ok(format!("after {} s", started.elapsed().as_secs()))
    }

    async fn tags_accept_our_characters(&self) -> Observation {
        let tag = Tag::builder().key("evertoken:stack").value("Ä 1+-=._:/@").build();
        let create = self.client.create_secret().name(self.name(4)).secret_string("x").tags(tag);
        create.send().await.map(|_| "accepted".to_owned()).map_err(|error| failed(&error))
    }
}

/// Repeats an attempt every second until it succeeds.
async fn poll(attempt: impl AsyncFn() -> bool) -> Result<(), String> {
    let started = Instant::now();
    while !attempt().await {
        if started.elapsed() > PATIENCE {
            return Err(format!("not after {} s", PATIENCE.as_secs()));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}
