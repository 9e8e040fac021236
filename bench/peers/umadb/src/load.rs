//! The workloads, over one client on one thread.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use umadb_client::AsyncUmaDbClient;
use umadb_dcb::{DcbAppendCondition, DcbEvent, DcbEventStoreAsync, DcbQuery, DcbQueryItem};

use crate::pool::{Entry, Turns};

pub type Failure = Box<dyn Error>;

const TYPE: &str = "order.Placed";
const FILL_BATCH: usize = 100;

/// What one repeat did.
pub struct Work {
    pub events: u64,
    pub seconds: f64,
    /// Median time of an append; 0 if there was more than one at a time.
    pub p50_us: f64,
}

pub struct Load {
    client: AsyncUmaDbClient,
    turns: Turns,
    /// Of streams that nobody else appends to.
    conditional: Turns,
    /// Where the last append to each of those is.
    positions: RefCell<HashMap<String, u64>>,
}

impl Load {
    pub fn new(
        client: AsyncUmaDbClient,
        pool: Rc<Vec<Entry>>,
        conditional: Rc<Vec<Entry>>,
    ) -> Self {
        Self {
            client,
            turns: Turns::new(pool),
            conditional: Turns::new(conditional),
            positions: RefCell::default(),
        }
    }

    pub async fn count(&self) -> Result<u64, Failure> {
        Ok(self.client.head().await?.unwrap_or(0))
    }

    pub async fn fill(&self, events: usize) -> Result<(), Failure> {
        let mut left = events;
        while left > 0 {
            let size = FILL_BATCH.min(left);
            self.append(size).await?;
            left -= size;
        }
        Ok(())
    }

    /// So many callers, each waiting for its append before it makes the next.
    pub async fn appends(
        &self,
        callers: usize,
        size: usize,
        time: Duration,
    ) -> Result<Work, Failure> {
        let started = Instant::now();
        let times = RefCell::new(Vec::new());
        let caller = || async {
            while started.elapsed() < time {
                let begun = Instant::now();
                self.append(size).await?;
                times.borrow_mut().push(begun.elapsed());
            }
            Ok::<(), Failure>(())
        };
        try_join_all((0..callers).map(|_| caller())).await?;
        let seconds = started.elapsed().as_secs_f64();
        let mut times = times.into_inner();
        times.sort();
        let p50_us = if callers == 1 {
            times[times.len() / 2].as_secs_f64() * 1e6
        } else {
            0.0
        };
        Ok(Work {
            events: (times.len() * size) as u64,
            seconds,
            p50_us,
        })
    }

    /// Each append fails if anything was appended to its stream after the last it knows of.
    pub async fn conditional(&self, callers: usize, time: Duration) -> Result<Work, Failure> {
        let started = Instant::now();
        let events = Cell::new(0);
        let caller = || async {
            while started.elapsed() < time {
                self.append_after().await?;
                events.set(events.get() + 1);
            }
            Ok::<(), Failure>(())
        };
        try_join_all((0..callers).map(|_| caller())).await?;
        Ok(Work {
            events: events.get(),
            seconds: started.elapsed().as_secs_f64(),
            p50_us: 0.0,
        })
    }

    /// The whole log, over and over.
    pub async fn catch_up(&self, time: Duration) -> Result<Work, Failure> {
        let started = Instant::now();
        let expected = self.count().await?;
        let mut events = 0;
        while events == 0 || started.elapsed() < time {
            let seen = self.read_all().await?;
            if seen != expected {
                return Err(format!("read {seen} events in place of {expected}").into());
            }
            events += seen;
        }
        Ok(Work {
            events,
            seconds: started.elapsed().as_secs_f64(),
            p50_us: 0.0,
        })
    }

    async fn append(&self, size: usize) -> Result<(), Failure> {
        let turn = self.turns.begin();
        let entry = self.turns.entry(turn);
        let payloads = if size == 1 {
            vec![entry.payload.clone()]
        } else {
            self.turns.payloads(size)
        };
        let events = payloads
            .into_iter()
            .map(|payload| event(&entry.stream, payload))
            .collect();
        self.client.append(events, None, None).await?;
        self.turns.end(turn);
        Ok(())
    }

    async fn append_after(&self) -> Result<(), Failure> {
        let turn = self.conditional.begin();
        let Entry { stream, payload } = self.conditional.entry(turn);
        let condition = DcbAppendCondition {
            fail_if_events_match: DcbQuery::new().item(DcbQueryItem::new().tags([stream.as_str()])),
            after: Some(self.positions.borrow().get(stream).copied().unwrap_or(0)),
        };
        let events = vec![event(stream, payload.clone())];
        let position = self.client.append(events, Some(condition), None).await?;
        self.positions.borrow_mut().insert(stream.clone(), position);
        self.conditional.end(turn);
        Ok(())
    }

    async fn read_all(&self) -> Result<u64, Failure> {
        let mut response = self.client.read(None, None, false, None).await?;
        let mut seen = 0;
        loop {
            let batch = response.next_batch().await?;
            if batch.is_empty() {
                return Ok(seen);
            }
            seen += batch
                .iter()
                .filter(|read| !read.event.data.is_empty())
                .count() as u64;
        }
    }
}

fn event(stream: &str, payload: Vec<u8>) -> DcbEvent {
    DcbEvent::default()
        .event_type(TYPE)
        .data(payload)
        .tags([stream])
}
