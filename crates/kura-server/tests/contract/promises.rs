//! The promises, each kept to every kind of sender.

use std::sync::Arc;
use std::time::Duration;

use kura_core::intake::{MemoryIntake, Refused};
use kura_ingest::inputs::room::Room;
use kura_ingest::inputs::{Input, InputLimits};

use crate::speakers::{self, Told};
use crate::world::{World, gated, records};

/// So little that it can be overdone.
fn small() -> InputLimits {
    InputLimits {
        connections_max: 4,
        body_bytes_max: 64 << 10,
        inflated_bytes_max: 256 << 10,
        records_max: 100,
        ..InputLimits::default()
    }
}

fn open() -> Arc<MemoryIntake> {
    Arc::default()
}

#[tokio::test]
async fn nothing_is_acknowledged_before_it_is_kept() {
    for speaker in speakers::all() {
        let (intake, gate) = gated();
        let world = World::new(speaker, intake, small()).await;
        let mut sender = world.sender().await;
        sender.begin("one", &records(0..3)).await;
        world.until_waiting(1).await;
        assert!(sender.hears_nothing().await, "{speaker:?}");
        assert!(world.taken().is_empty());
        gate.add_permits(1);
        assert_eq!(sender.told("one").await, Told::Taken, "{speaker:?}");
        assert_eq!(world.taken(), records(0..3), "{speaker:?}");
        // Over the same connection, and the same again: kept once.
        gate.add_permits(2);
        assert_eq!(sender.deliver("two", &records(3..4)).await, Told::Taken, "{speaker:?}");
        assert_eq!(sender.deliver("one", &records(0..3)).await, Told::Taken, "{speaker:?}");
        assert_eq!(world.taken(), records(0..4), "{speaker:?}");
        world.stop().await;
    }
}

#[tokio::test]
async fn what_is_refused_is_told_in_the_protocols_words() {
    let refusals = [
        Refused::Busy,
        Refused::Closing,
        Refused::Failed("no disk".to_owned()),
        Refused::TooLarge("too large".to_owned()),
    ];
    for speaker in speakers::all() {
        let world = World::new(speaker, open(), small()).await;
        for refused in &refusals {
            world.intake.refuse([refused.clone()]);
            let told = world.told("one", &records(0..3)).await;
            assert_eq!(told, speaker.words_for(refused), "{speaker:?}: {refused}");
        }
        assert!(world.taken().is_empty(), "{speaker:?}");
        // It may be tried again, under the same name.
        assert_eq!(world.told("one", &records(0..3)).await, Told::Taken, "{speaker:?}");
        assert_eq!(world.taken(), records(0..3), "{speaker:?}");
        assert_eq!(world.count(|counters| &counters.refused), 4, "{speaker:?}");
        world.stop().await;
    }
}

#[tokio::test]
async fn a_store_that_stands_still_makes_senders_wait() {
    let limits = small();
    for speaker in speakers::all() {
        let (intake, gate) = gated();
        let world = World::new(speaker, intake, limits).await;
        let mut senders = Vec::new();
        for number in 0..limits.connections_max as u32 {
            let mut sender = world.sender().await;
            sender.begin(&format!("{number}"), &records(number..number + 1)).await;
            world.until_waiting(number as usize + 1).await;
            senders.push(sender);
        }
        // More than there may be are told so, and nothing of theirs is held.
        for number in 10..15 {
            let told = world.told(&format!("{number}"), &records(number..number + 1)).await;
            assert_eq!(told, speaker.words_for_too_many(), "{speaker:?}");
        }
        // Who does not wait for an answer is not read on.
        let more = speaker.delivery("more", &vec!["x".repeat(500); 90]);
        let most = 64 << 20;
        let written = senders[0].write_until_stopped(&more, most).await;
        assert!(written < most, "{speaker:?}: {written}");
        assert_eq!(world.intake.waiting().deliveries, limits.connections_max, "{speaker:?}");
        assert!(world.intake.waiting().bytes < 1_000, "{speaker:?}");
        assert_eq!(world.count(|counters| &counters.turned_away), 5, "{speaker:?}");
        // Then everything goes on.
        gate.add_permits(10_000);
        for (number, sender) in (0..).zip(&mut senders) {
            assert_eq!(sender.told(&format!("{number}")).await, Told::Taken, "{speaker:?}");
        }
        drop(senders);
        world.until(|world| world.count(|counters| &counters.connections) == 0).await;
        for number in 10..15 {
            let told = world.told(&format!("{number}"), &records(number..number + 1)).await;
            assert_eq!(told, Told::Taken, "{speaker:?}");
            world.until(|world| world.count(|counters| &counters.connections) == 0).await;
        }
        world.stop().await;
    }
}

#[tokio::test]
async fn what_waits_has_one_room_and_one_sender_more() {
    const ROOM_BYTES: usize = 100 << 10;
    let limits = InputLimits { connections_max: 20, ..small() };
    let large = vec!["x".repeat(500); 90];
    for speaker in speakers::all() {
        let (intake, gate) = gated();
        let world = World::within(speaker, intake, limits, Room::new(ROOM_BYTES)).await;
        let mut senders = Vec::new();
        for number in 0..limits.connections_max {
            let mut sender = world.sender().await;
            sender.begin(&format!("{number}"), &large).await;
            senders.push(sender);
        }
        world.until(|world| world.intake.waiting().deliveries > 0).await;
        for sender in &mut senders {
            assert!(sender.hears_nothing().await, "{speaker:?}");
        }
        let most = ROOM_BYTES + limits.body_bytes_max;
        let waiting = world.intake.waiting();
        assert!((1..=most).contains(&waiting.bytes), "{speaker:?}: {}", waiting.bytes);
        assert!(waiting.deliveries < senders.len() / 2, "{speaker:?}: {}", waiting.deliveries);
        // Then everything goes on.
        gate.add_permits(10_000);
        for (number, sender) in senders.iter_mut().enumerate() {
            assert_eq!(sender.told(&format!("{number}")).await, Told::Taken, "{speaker:?}");
        }
        drop(senders);
        world.stop().await;
    }
}

#[tokio::test]
async fn garbage_ends_its_connection_at_most() {
    let limits = small();
    for speaker in speakers::all() {
        let world = World::new(speaker, open(), limits).await;
        let mut good = world.sender().await;
        let mut counted = 0;
        for (number, garbage) in (0..).zip(speaker.garbage(&limits)) {
            let mut bad = world.sender().await;
            bad.send(&garbage.bytes).await;
            assert_eq!(bad.told("x").await, garbage.told, "{speaker:?}: {}", garbage.what);
            counted += u64::from(garbage.is_counted);
            let invalid = |world: &World| world.count(|counters| &counters.invalid);
            world.until(|world| invalid(world) >= counted).await;
            assert_eq!(invalid(&world), counted, "{speaker:?}: {}", garbage.what);
            // Others go on meanwhile, and come anew.
            let name = format!("good {number}");
            assert_eq!(good.deliver(&name, &records(0..1)).await, Told::Taken, "{speaker:?}");
        }
        let kept = world.taken().len();
        assert!(world.taken().iter().all(|record| record == "record 0"), "{speaker:?}");
        assert_eq!(world.told("last", &records(0..1)).await, Told::Taken, "{speaker:?}");
        assert_eq!(world.taken().len(), kept + 1, "{speaker:?}");
        world.stop().await;
    }
}

#[tokio::test]
async fn half_a_delivery_is_none() {
    let limits = InputLimits { patience: Duration::from_millis(300), ..small() };
    for speaker in speakers::all() {
        let world = World::new(speaker, open(), limits).await;
        let mut silent = world.sender().await;
        let whole = speaker.delivery("one", &records(0..5));
        let half = &whole[..whole.len() - 7];
        // It ends there, or nothing more comes.
        let mut ends = world.sender().await;
        ends.send(half).await;
        ends.end().await;
        assert_ne!(ends.told("one").await, Told::Taken, "{speaker:?}");
        let mut stalls = world.sender().await;
        stalls.send(half).await;
        assert_eq!(stalls.told("one").await, speaker.words_for_stalled(), "{speaker:?}");
        assert!(world.taken().is_empty(), "{speaker:?}");
        // Silence between deliveries may be longer.
        assert_eq!(silent.deliver("one", &records(0..5)).await, Told::Taken, "{speaker:?}");
        world.stop().await;
    }
}

#[tokio::test]
async fn what_is_under_way_at_the_end_is_answered() {
    for speaker in speakers::all() {
        let (intake, gate) = gated();
        let world = World::new(speaker, intake, small()).await;
        let (mut busy, mut idle) = (world.sender().await, world.sender().await);
        let mut half = world.sender().await;
        half.send(&speaker.delivery("half", &records(0..1))[..20]).await;
        busy.begin("busy", &records(0..3)).await;
        world.until_waiting(1).await;
        world.context.stop.cancel();
        idle.begin("late", &records(3..4)).await;
        half.end().await;
        assert_ne!(idle.told("late").await, Told::Taken, "{speaker:?}");
        assert_ne!(half.told("half").await, Told::Taken, "{speaker:?}");
        assert_ne!(world.told("later", &records(3..4)).await, Told::Taken, "{speaker:?}");
        gate.add_permits(10);
        assert_eq!(busy.told("busy").await, Told::Taken, "{speaker:?}");
        assert_eq!(world.taken(), records(0..3), "{speaker:?}");
        drop((busy, idle, half));
        world.ended().await;
    }
}

#[tokio::test]
async fn the_context_counts_what_happens() {
    for speaker in speakers::all() {
        let world = World::new(speaker, open(), small()).await;
        for number in 0..3 {
            let told = world.told(&format!("{number}"), &records(0..number + 1)).await;
            assert_eq!(told, Told::Taken, "{speaker:?}");
        }
        assert_eq!(world.told("0", &records(0..1)).await, Told::Taken, "{speaker:?}");
        let deliveries = world.intake.taken();
        assert!(deliveries.iter().all(|delivery| delivery.input == speaker.input().name()));
        let bytes: usize = deliveries.iter().map(|delivery| delivery.records.bytes()).sum();
        let counted = [
            world.count(|counters| &counters.deliveries),
            world.count(|counters| &counters.records),
            world.count(|counters| &counters.bytes),
            world.count(|counters| &counters.known),
            world.count(|counters| &counters.refused),
            world.count(|counters| &counters.invalid),
            world.count(|counters| &counters.turned_away),
        ];
        assert_eq!(counted, [3, 6, bytes as u64, 1, 0, 0, 0], "{speaker:?}");
        world.until(|world| world.count(|counters| &counters.connections) == 0).await;
        world.stop().await;
    }
}

/// Each input has senders here, and an example that the suite starts it with.
#[test]
fn no_input_is_left_out() {
    for input in Input::ALL {
        assert!(!speakers::of(input).is_empty(), "{input:?}");
        assert!(speakers::of(input).iter().all(|speaker| speaker.input() == input));
        let _: toml::Table = crate::world::section(input.name());
    }
}
