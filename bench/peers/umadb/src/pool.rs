//! Events made beforehand, by the program that starts this one.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::{fs, io};

/// An event that is to be appended, and where.
pub struct Entry {
    pub stream: String,
    pub payload: Vec<u8>,
}

/// Hands out the entries of a pool, over and over; those of a stream that has an append
/// on its way are passed over.
pub struct Turns {
    pool: Rc<Vec<Entry>>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    next: usize,
    busy: HashSet<String>,
}

/// Reads a file with a line for each entry: its stream, a tab, its payload.
pub fn read_pool(path: &str) -> io::Result<Rc<Vec<Entry>>> {
    let text = fs::read_to_string(path)?;
    let entries = text.lines().filter_map(|line| line.split_once('\t'));
    Ok(Rc::new(
        entries
            .map(|(stream, payload)| entry(stream, payload))
            .collect(),
    ))
}

fn entry(stream: &str, payload: &str) -> Entry {
    Entry {
        stream: stream.to_owned(),
        payload: payload.as_bytes().to_vec(),
    }
}

impl Turns {
    pub fn new(pool: Rc<Vec<Entry>>) -> Self {
        Self {
            pool,
            state: RefCell::default(),
        }
    }

    /// Resolves to the index of an entry. To be ended when the append is answered.
    pub fn begin(&self) -> usize {
        let mut state = self.state.borrow_mut();
        loop {
            let index = state.next % self.pool.len();
            state.next += 1;
            if state.busy.insert(self.pool[index].stream.clone()) {
                return index;
            }
        }
    }

    pub fn end(&self, index: usize) {
        self.state
            .borrow_mut()
            .busy
            .remove(&self.pool[index].stream);
    }

    pub fn entry(&self, index: usize) -> &Entry {
        &self.pool[index]
    }

    /// The payloads of the next entries, whatever their streams.
    pub fn payloads(&self, count: usize) -> Vec<Vec<u8>> {
        let mut state = self.state.borrow_mut();
        let first = state.next;
        state.next += count;
        (first..first + count)
            .map(|i| self.pool[i % self.pool.len()].payload.clone())
            .collect()
    }
}
