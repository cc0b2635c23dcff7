//! Which event goes next.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use loa_kernel::Timestamp;

use crate::model::{Delivery, DeliveryState, Lane, State};

/// A delivery that may start now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Which.
    pub id: u64,
    /// Its lane, when it holds the lane busy; redeliveries and delayed ones do not.
    pub lane: Option<Lane>,
}

/// Numbers of pending deliveries, ordered.
#[derive(Debug, Default)]
pub struct Queue {
    lanes: HashMap<Lane, VecDeque<u64>>,
    ready: VecDeque<Lane>,
    busy: HashSet<Lane>,
    timed: BTreeSet<(Timestamp, u64)>,
    held: HashMap<Lane, Vec<u64>>,
    under_way: usize,
}

impl Queue {
    /// The queue of a state that was just loaded.
    pub fn of(state: &State) -> Self {
        let mut queue = Self::default();
        for delivery in state.deliveries().filter(|d| d.state == DeliveryState::Pending) {
            queue.add(delivery, delivery.at);
        }
        queue
    }

    /// Adds a pending delivery; `now` tells fresh from delayed.
    pub fn add(&mut self, delivery: &Delivery, now: Timestamp) {
        if delivery.held {
            self.held.entry(delivery.lane.clone()).or_default().push(delivery.id);
            self.timed.insert((delivery.due_at, delivery.id));
        } else if delivery.retries > 0 || delivery.due_at > now {
            self.timed.insert((delivery.due_at, delivery.id));
        } else {
            let lane = self.lanes.entry(delivery.lane.clone()).or_default();
            lane.push_back(delivery.id);
            if lane.len() == 1 && !self.busy.contains(&delivery.lane) {
                self.ready.push_back(delivery.lane.clone());
            }
        }
    }

    /// Deliveries that may start, at most `room` under way in all, and when the next delayed one is due.
    pub fn take(&mut self, now: Timestamp, room: usize) -> (Vec<Start>, Option<Timestamp>) {
        let mut starts = Vec::new();
        while self.under_way < room {
            if let Some(&(due, id)) = self.timed.first()
                && due <= now
            {
                self.timed.pop_first();
                starts.push(Start { id, lane: None });
            } else if let Some(lane) = self.ready.pop_front() {
                let Some(id) = self.lanes.get_mut(&lane).and_then(VecDeque::pop_front) else { continue };
                self.busy.insert(lane.clone());
                starts.push(Start { id, lane: Some(lane) });
            } else {
                break;
            }
            self.under_way += 1;
        }
        (starts, self.timed.first().map(|(due, _)| *due))
    }

    /// A try is over. `again` at that instant when it has to be repeated. `delivered` lets go what was held
    /// back behind it, which is answered.
    pub fn done(
        &mut self,
        start: &Start,
        of: &Lane,
        again: Option<Timestamp>,
        delivered: bool,
        now: Timestamp,
    ) {
        self.under_way = self.under_way.saturating_sub(1);
        if let Some(due) = again {
            self.timed.insert((due, start.id));
        }
        if delivered {
            for id in self.held.remove(of).unwrap_or_default() {
                let waiting: Vec<_> = self.timed.iter().filter(|(_, t)| *t == id).copied().collect();
                // Not among the timed ones means it went out by itself meanwhile.
                for key in waiting {
                    self.timed.remove(&key);
                    self.timed.insert((now, id));
                }
            }
        }
        if let Some(lane) = &start.lane {
            self.busy.remove(lane);
            match self.lanes.get(lane).map(VecDeque::is_empty) {
                Some(false) => self.ready.push_back(lane.clone()),
                Some(true) => {
                    self.lanes.remove(lane);
                }
                None => {}
            }
        }
    }

    /// Make everything that waits for its time due now.
    pub fn hurry(&mut self, now: Timestamp) {
        self.timed =
            std::mem::take(&mut self.timed).into_iter().map(|(due, id)| (due.min(now), id)).collect();
    }

    /// Nothing waits for its turn and nothing is under way (delayed ones and redeliveries may still wait for
    /// their time).
    pub fn is_idle(&self) -> bool {
        self.under_way == 0 && self.ready.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(id: u64, user: &str) -> Delivery {
        Delivery {
            id,
            lane: Lane { app_id: "a".into(), oa_id: "o".into(), user_id: user.into() },
            event_name: "user_send_text".into(),
            body: String::new(),
            signature: String::new(),
            at: Timestamp(0),
            state: DeliveryState::Pending,
            due_at: Timestamp(0),
            held: false,
            again: false,
            retries: 0,
            attempts: Vec::new(),
            fault: None,
        }
    }

    fn ids(starts: &[Start]) -> Vec<u64> {
        starts.iter().map(|s| s.id).collect()
    }

    #[test]
    fn one_user_is_in_order_and_users_do_not_wait_for_each_other() {
        let (mut q, now) = (Queue::default(), Timestamp(10));
        for (id, user) in [(1, "x"), (2, "x"), (3, "y")] {
            q.add(&delivery(id, user), now);
        }
        let (first, due) = q.take(now, 8);
        assert_eq!((ids(&first), due), (vec![1, 3], None));
        assert!(q.take(now, 8).0.is_empty());
        q.done(&first[0], &delivery(1, "x").lane, Some(Timestamp(50)), false, now);
        let (second, due) = q.take(now, 8);
        assert_eq!((ids(&second), due), (vec![2], Some(Timestamp(50))));
        assert_eq!(ids(&q.take(Timestamp(50), 8).0), vec![1]);
    }

    #[test]
    fn what_is_held_goes_behind_the_next_one() {
        let (mut q, now) = (Queue::default(), Timestamp(10));
        let mut held = delivery(1, "x");
        (held.held, held.due_at) = (true, Timestamp(5000));
        q.add(&held, now);
        assert!(q.take(now, 8).0.is_empty());
        q.add(&delivery(2, "x"), now);
        let (starts, _) = q.take(now, 8);
        assert_eq!(ids(&starts), vec![2]);
        q.done(&starts[0], &held.lane, None, true, now);
        assert_eq!(ids(&q.take(now, 8).0), vec![1]);
    }

    #[test]
    fn room_is_kept() {
        let (mut q, now) = (Queue::default(), Timestamp(10));
        for id in 0..5 {
            q.add(&delivery(id, &id.to_string()), now);
        }
        assert_eq!(q.take(now, 3).0.len(), 3);
        assert!(q.take(now, 3).0.is_empty());
    }
}
