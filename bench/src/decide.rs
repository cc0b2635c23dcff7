//! Decisions a second, one core.

use std::hint::black_box;
use std::time::Instant;

use loa_kernel::Timestamp;
use loa_rulebook::{Billing, ChannelFacts, Library, RecipientFacts, decide};

use crate::Bench;
use crate::report::{Row, thousands};

/// Measure.
pub fn run(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let library = Library::embedded();
    let rules =
        library.messaging("messaging-2024-11").ok_or_else(|| anyhow::anyhow!("the edition is missing"))?;
    let start = Timestamp::from_ms(1_730_000_000_000);
    let channel = ChannelFacts { connected: true, billing: Billing::Linked, ..Default::default() };
    let rounds = bench.scaled(2_000_000);
    let clock = Instant::now();
    let mut allowed = 0u64;
    for i in 0..rounds {
        let recipient = RecipientFacts {
            follower: Some(true),
            last_message_at: Some(start),
            last_interaction_at: Some(start),
            replies_used: (i % 10) as u32,
            ..Default::default()
        };
        let decision = decide(
            rules,
            black_box(&channel),
            black_box(&recipient),
            None,
            start.plus_ms((i % 700_000_000) as i64),
        );
        allowed += u64::from(decision.is_allowed());
    }
    let per_second = rounds as f64 / clock.elapsed().as_secs_f64();
    Ok(vec![Row {
        what: format!(
            "`rulebook::decide`, one core ({:.0} % allowed)",
            100.0 * allowed as f64 / rounds as f64
        ),
        result: format!("{}/s", thousands(per_second)),
        floor: String::new(),
        ratio: String::new(),
        goal: String::new(),
        met: None,
    }])
}
