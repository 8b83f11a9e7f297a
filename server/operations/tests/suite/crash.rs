//! Whatever is interrupted leaves either everything or no trace.

use crate::fleet_for_tests::{Fleet, anna};
use fleet::Reason;
use fleet::device::{OpenWipe, State, StateKind};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

#[tokio::test]
async fn a_dropped_unit_of_work_leaves_no_trace() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.native_device(&alice, "n1").await;
    let (sequence, event) = (fleet.store.sequence().await.unwrap(), fleet.last_event().await);

    let mut unit = fleet.store.begin().await.unwrap();
    let mut found = unit.device(device.id).await.unwrap().unwrap();
    found.state = State::Invited;
    unit.save_device(&found).await.unwrap();
    unit.licence_in_use().await.unwrap();
    drop(unit);

    let found = fleet.operations.device(device.id).await.unwrap().unwrap();
    assert_eq!(found.device, device);
    assert_eq!(fleet.store.sequence().await.unwrap(), sequence);
    assert_eq!(fleet.last_event().await, event);

    // Neither a lock nor a number stays behind.
    fleet.operations.retire(&anna(), device.id, OpenWipe::Keep).await.unwrap();
    assert_eq!(fleet.store.sequence().await.unwrap(), sequence + 1);
    assert_eq!(fleet.last_event().await, event + 1);
}

#[tokio::test]
async fn an_operation_that_is_cancelled_anywhere_leaves_all_or_nothing() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let reason = Reason::parse("lost").unwrap();
    let mut was_cancelled = false;
    for polls in 0.. {
        let device = fleet.native_device(&alice, &format!("n{polls}")).await;
        let event = fleet.last_event().await;

        let actor = anna();
        let block = fleet.operations.block(&actor, device.id, reason.clone());
        let finished = polled(block, polls).await;

        // Whatever is still on its way holds the lock of the row.
        let unit = fleet.store.begin().await.unwrap();
        let found = unit.device(device.id).await.unwrap().unwrap();
        unit.roll_back().await.unwrap();
        let is_blocked = found.state.kind() == StateKind::Blocked;
        let is_recorded = fleet.last_event().await == event + 1;
        assert_eq!(is_blocked, is_recorded, "after {polls} polls");
        if finished {
            assert!(is_blocked && was_cancelled);
            return;
        }
        was_cancelled = true;
    }
}

/// Polls a future so often and drops it; tells whether it had finished.
async fn polled(future: impl Future, times: u32) -> bool {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
