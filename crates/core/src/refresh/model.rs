//! Model-based tests of the whole refresh: random interleavings of runs, logins, crashes, faults, clock jumps and
//! deletions over many accounts, checked against invariants.

mod instagram;
mod scenario;
mod vault;
mod world;

use proptest::prelude::*;

use scenario::{Step, steps};
use world::World;

fn simulate(seed: u64, steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut world = World::new(seed);
        for step in steps {
            world.take(*step).await;
        }
        world.settle().await;
    });
}

/// `PROPTEST_CASES` sets another number.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig { max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 192;
    }
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_scenarios_lose_no_token_and_leave_accurate_documents(seed in any::<u64>(), steps in steps()) {
        simulate(seed, &steps);
    }
}

/// A year of four runs a day in which 5 % of all calls fail and nothing answers for two days.
#[test]
fn a_year_of_random_faults_and_two_days_of_outage_cost_no_token() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut world = World::new(7);
        for account in 0..100 {
            world.take(Step::Login(account)).await;
        }
        world.take(Step::Faults(5)).await;
        for quarter_of_a_day in 0..365 * 4 {
            let outage = (800..808).contains(&quarter_of_a_day);
            world.take(Step::Outage(outage)).await;
            world.take(Step::Run).await;
            world.take(Step::Pass(6)).await;
        }
        assert_eq!(world.healthy().await, 100);
    });
}
