//! One request to one of Instagram's endpoints: the fault that meets it, the work, the count.

use std::time::{Duration, Instant};

use axum::response::Response;
use time::OffsetDateTime;

use crate::Sandbox;
use crate::account::InstagramId;
use crate::answer::Answer;
use crate::counters::Endpoint;
use crate::fault_answer::fault_answer;
use crate::faults::{Fault, When};
use crate::graph_refusal::GraphRefusal;
use crate::state::State;

pub(crate) struct Visit<'a> {
    sandbox: &'a Sandbox,
    endpoint: Endpoint,
    arrived: Instant,
    /// How long a fault has held the answer back.
    waited: Duration,
}

impl<'a> Visit<'a> {
    /// Begins the visit and its own time.
    pub(crate) fn new(sandbox: &'a Sandbox, endpoint: Endpoint) -> Self {
        Self { sandbox, endpoint, arrived: Instant::now(), waited: Duration::ZERO }
    }

    /// Answers on the Graph host.
    pub(crate) async fn answer_graph(
        self,
        account: Option<InstagramId>,
        work: impl FnOnce(&mut State, OffsetDateTime) -> Result<Answer, GraphRefusal>,
    ) -> Response {
        self.answer(account, |state, now| {
            let subcode = state.app.shapes.error_subcode;
            work(state, now).unwrap_or_else(|refusal| refusal.answer(subcode))
        })
        .await
    }

    /// Does the work, or what a fault makes of it. `account` is whose request it is, as far as the request says.
    pub(crate) async fn answer(
        mut self,
        account: Option<InstagramId>,
        work: impl FnOnce(&mut State, OffsetDateTime) -> Answer,
    ) -> Response {
        let Some(fault) = self.begin(account) else {
            let answer = self.work(work);
            return self.end(answer);
        };
        if fault.when == When::Before {
            self.wait(fault.latency_ms).await;
        }
        let answer = match (fault.answer, fault.when) {
            (None, _) => self.work(work),
            (Some(answer), When::Before) => fault_answer(answer, self.endpoint, None).await,
            (Some(answer), When::After) => {
                let genuine = self.work(work).response;
                fault_answer(answer, self.endpoint, Some(genuine)).await
            }
        };
        if fault.when == When::After {
            self.wait(fault.latency_ms).await;
        }
        self.end(answer)
    }

    fn begin(&self, account: Option<InstagramId>) -> Option<Fault> {
        let mut state = self.sandbox.state();
        state.counters.arrived(self.endpoint);
        state.faults.take(self.endpoint, account)
    }

    fn work(&self, work: impl FnOnce(&mut State, OffsetDateTime) -> Answer) -> Answer {
        let mut state = self.sandbox.state();
        let now = state.clock.now();
        work(&mut state, now)
    }

    async fn wait(&mut self, latency_ms: u64) {
        let start = Instant::now();
        tokio::time::sleep(Duration::from_millis(latency_ms)).await;
        self.waited = start.elapsed();
    }

    fn end(self, answer: Answer) -> Response {
        let own_time = self.arrived.elapsed().saturating_sub(self.waited);
        self.sandbox.state().counters.answered(self.endpoint, answer.outcome, own_time);
        answer.response
    }
}
